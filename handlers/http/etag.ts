/** An entity tag of If-None-Match: `"…"`, or `W/"…"` (RFC 9110 section 8.8.3). */
const ENTITY_TAG = /(?:W\/)?("[\x21\x23-\x7e\x80-\uffff]*")/g;

/**
 * Whether the If-None-Match header names this strong tag: `*`, or a list that holds it, compared weakly as RFC 9110
 * section 13.1.2 wants. A header that is no such list names nothing, so the whole answer is given.
 */
export function isNamed(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const given = ifNoneMatch.trim();
  if (given === '*' || given === etag) return true;
  // most have another one
  if (!given.includes(etag)) return false;
  if (given.replaceAll(ENTITY_TAG, '').replaceAll(/[\s,]/g, '') !== '') return false;
  return [...given.matchAll(ENTITY_TAG)].some(([, opaque]) => opaque === etag);
}
