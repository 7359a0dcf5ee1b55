import { createHash } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { Announce } from '../events.ts';
import type { AwsRequest, AwsResponse } from '../request.ts';
import { ownChecksum, readBody } from './body.ts';
import type { Bucket, StoredObject } from './bucket.ts';
import { checkPut, readPutConditions } from './conditions.ts';
import { headerNotImplemented, invalidRequest } from './errors.ts';
import { checksumHeaders, versionHeader } from './get-object.ts';
import { retentionOfPut } from './retention.ts';

export interface PutDeps {
  /** Real milliseconds that a write is under way. */
  writeMs: number;
  announce: Announce;
  /** Epoch ms. */
  nowMs(): number;
}

/** PutObject. Of two conditional writes of a key that meet one is refused: ConditionalRequestConflict. */
export function createPutObject(deps: PutDeps) {
  const writing = new Set<string>();

  return async (request: AwsRequest, bucket: Bucket, key: string): Promise<AwsResponse> => {
    refuseHeaders(request.headers);
    const conditions = readPutConditions(request);
    const { body, checksum, isProtected } = readBody(request);
    const retention = retentionOfPut(request, bucket, deps.nowMs());
    if (retention !== null && !isProtected) {
      throw invalidRequest(
        'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
      );
    }
    checkPut(bucket.current(key), conditions, key);
    const place = `${bucket.name}/${key}`;
    if ((conditions.ifMatch ?? conditions.ifNoneMatch) !== null && writing.has(place)) throw conflict(key);
    writing.add(place);
    try {
      await new Promise<void>((resolve) => setTimeout(resolve, deps.writeMs));
      checkPut(bucket.current(key), conditions, key);
    } finally {
      writing.delete(place);
    }
    const object: StoredObject = {
      isDeleteMarker: false,
      bucket: bucket.name,
      key,
      versionId: bucket.newVersionId(),
      body,
      etag: `"${createHash('md5').update(body).digest('hex')}"`,
      contentType: request.headers['content-type'] ?? 'binary/octet-stream',
      cacheControl: request.headers['cache-control'] ?? null,
      metadata: metadataOf(request.headers),
      checksum: checksum ?? ownChecksum(body),
      retention,
      modifiedAtMs: deps.nowMs(),
    };
    bucket.add(object);
    deps.announce({ kind: 'object put', bucket: bucket.name, key, etag: object.etag });
    const headers = { etag: object.etag, ...versionHeader(bucket, object), ...checksumHeaders(object) };
    return { status: 200, headers, body: '' };
  };
}

/** What a put may ask for and the endpoint would not keep: better refused than forgotten. */
function refuseHeaders(headers: Record<string, string>): void {
  const refused = ['x-amz-tagging', 'x-amz-website-redirect-location', 'x-amz-write-offset-bytes'];
  if (headers['x-amz-object-lock-legal-hold']?.toUpperCase() === 'ON') refused.push('x-amz-object-lock-legal-hold');
  const found = refused.find((name) => headers[name] !== undefined);
  if (found !== undefined) throw headerNotImplemented(found);
}

/** S3 user guide, "Working with object metadata"; `aws-chunked` is of the transport alone. */
function metadataOf(headers: Record<string, string>): Record<string, string> {
  const kept = ['content-disposition', 'content-language', 'expires'];
  const own = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-') || kept.includes(name));
  const encoding = (headers['content-encoding'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'aws-chunked')
    .join(',');
  return { ...Object.fromEntries(own), ...(encoding === '' ? {} : { 'content-encoding': encoding }) };
}

const conflict = (key: string) =>
  new AwsError(
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    409,
    { Key: key },
  );
