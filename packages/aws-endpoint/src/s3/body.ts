import { createHash } from 'node:crypto';
import { AwsError } from '../errors.ts';
import { readAwsChunked } from '../protocol/aws-chunked.ts';
import type { AwsRequest } from '../request.ts';
import type { StoredObject } from './bucket.ts';
import { checksumOf, OWN_CHECKSUM } from './checksums.ts';
import { invalidRequest } from './errors.ts';

/** A request's body, whole, and what says that it is. */
export interface ReadBody {
  body: Buffer;
  /** As it came; null: none did. */
  checksum: StoredObject['checksum'] | null;
  /** Whether Content-MD5 or a checksum came with it, which some calls want. */
  isProtected: boolean;
}

const HEADER = /^x-amz-checksum-(?!mode$|type$|algorithm$)([a-z0-9]+)$/;

/** The body out of aws-chunked. Throws BadDigest, IncompleteBody, InvalidDigest or InvalidRequest for one that is not what it says. */
export function readBody(request: AwsRequest): ReadBody {
  const chunked =
    /aws-chunked/.test(request.headers['content-encoding'] ?? '') ||
    (request.headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  const { body, trailers } = chunked
    ? readAwsChunked(request.body)
    : { body: request.body, trailers: {} as Record<string, string> };
  const declared = request.headers['x-amz-decoded-content-length'];
  if (declared !== undefined && Number(declared) !== body.length) {
    throw new AwsError(
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header',
    );
  }
  const md5 = request.headers['content-md5'];
  if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64')) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const checksum = readChecksum({ ...request.headers, ...trailers }, body);
  return { body, checksum, isProtected: md5 !== undefined || checksum !== null };
}

/** What S3 computes for an object that came without. */
export function ownChecksum(body: Buffer): StoredObject['checksum'] {
  return { header: `x-amz-checksum-${OWN_CHECKSUM}`, value: checksumOf(OWN_CHECKSUM, body) ?? '' };
}

function readChecksum(headers: Record<string, string>, body: Buffer): StoredObject['checksum'] | null {
  const [sent, another] = Object.entries(headers).filter(([name]) => HEADER.test(name));
  if (sent === undefined) return null;
  if (another !== undefined)
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  const [header, value] = sent;
  const kind = HEADER.exec(header)?.[1] ?? '';
  const computed = checksumOf(kind, body);
  if (computed !== null && Buffer.byteLength(computed) !== Buffer.byteLength(value))
    throw invalidRequest(`Value for ${header} header is invalid.`);
  if (computed !== null && computed !== value)
    throw new AwsError('BadDigest', `The ${kind.toUpperCase()} you specified did not match the calculated checksum.`);
  return { header, value };
}
