/**
 * DNS names as Route 53 takes and lists them (developer guide, "DNS domain name format"): lower case, a dot at the end, and
 * every character but a-z, 0-9, hyphen, underscore and dot as an octal escape, `*` as `\052`.
 */

/** Takes `ntp.AZ-A.pod`, `ntp.az-a.pod.`, `*.pod`, `\052.pod` to one form, the listed one. */
export function listedName(given: string): string {
  const plain = plainName(given);
  return plain.replace(/[^a-z0-9\-_.]/gu, (character) =>
    [...Buffer.from(character, 'utf8')].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
  );
}

/** Lower case, escapes resolved, a dot at the end. */
function plainName(given: string): string {
  const bare = given
    .replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .toLowerCase();
  return bare.endsWith('.') ? bare : `${bare}.`;
}

/** `www.example.com.` -> `com.example.www.`: what ListResourceRecordSets sorts by, in ASCII order. */
export function sortKey(name: string): string {
  const labels = plainName(name).slice(0, -1).split('.');
  return `${labels.reverse().join('.')}.`;
}

/** Whether the (listed) name is the zone's or below it. */
export function inZone(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** What is wrong with a name by DNS's limits (RFC 1035, 2.3.4), in Route 53's words; null when nothing is. */
export function nameFault(name: string): string | null {
  const plain = plainName(name);
  if (plain.length > 255)
    return `FATAL problem: DomainNameTooLong (Domain name is too long) encountered with '${name}'`;
  const labels = plain.slice(0, -1).split('.');
  if (labels.some((label) => label === ''))
    return `FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with '${name}'`;
  if (labels.some((label) => label.length > 63)) {
    return `FATAL problem: DomainLabelTooLong (Domain label is too long) encountered with '${name}'`;
  }
  return null;
}
