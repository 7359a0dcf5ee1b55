import { AwsError } from '../errors.ts';

/** A body that came in chunks, whole again, with the trailing headers (lower case) that followed it. */
export interface Unchunked {
  body: Buffer;
  trailers: Record<string, string>;
}

const CRLF = Buffer.from('\r\n');

/**
 * Takes `Content-Encoding: aws-chunked` apart: `hex-size[;chunk-signature=…]CRLF bytes CRLF … 0 CRLF trailers CRLF`
 * (Amazon S3 user guide, "Signature calculations: transferring payload in multiple chunks"). Throws IncompleteBody.
 */
export function readAwsChunked(wire: Buffer): Unchunked {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = wire.indexOf(CRLF, at);
    const size = end < 0 ? Number.NaN : Number.parseInt(wire.toString('latin1', at, end).split(';')[0] ?? '', 16);
    if (!Number.isInteger(size) || end + 2 + size > wire.length) {
      throw new AwsError('IncompleteBody', 'The request body terminated unexpectedly');
    }
    at = end + 2;
    if (size === 0) break;
    parts.push(wire.subarray(at, at + size));
    at += size + 2;
  }
  const trailers: Record<string, string> = {};
  for (const line of wire.toString('utf8', at).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { body: Buffer.concat(parts), trailers };
}
