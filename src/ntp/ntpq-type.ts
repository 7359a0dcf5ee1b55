/** What ntpq may print as the type of a source; the digit and the dash are `typeOf`'s. */
const TYPE = /^[A-Za-z0-9?-]$/;

/** In a row of another number of words than there are columns a digit could be another column's. */
const TYPE_OF_ODD_ROW = /^[A-Za-z?-]$/;

export function isType(printed: string, isOddRow: boolean): boolean {
  return (isOddRow ? TYPE_OF_ODD_ROW : TYPE).test(printed);
}

/**
 * `Source.type` of what ntpq prints: `u` also for what only polls as such. ntpsec prints the count of NTS cookies, 0 to 8, for a
 * unicast client that uses NTS. ntpq 4.1 and 4.2.0 tell the type by the address that the host asks from (decodeaddrtype of
 * ntpq-subs.c), and `-` of the wildcard address, which their daemons ask from. src/host/staleness.sh means the same.
 */
export function typeOf(printed: string | undefined): string {
  if (printed === undefined) return '?';
  return /^[\d-]$/.test(printed) ? 'u' : printed;
}
