import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Delays } from '../delays.ts';
import { AwsError } from '../errors.ts';
import type { Announce } from '../events.ts';
import { readAwsChunked } from '../protocol/aws-chunked.ts';
import { writeXml } from '../protocol/xml.ts';
import type { AwsRequest, AwsResponse } from '../request.ts';
import type { Service } from '../service.ts';

export interface StoredObject {
  bucket: string;
  key: string;
  body: Buffer;
  /** In quotes: the MD5 of the body. */
  etag: string;
  contentType: string;
  cacheControl: string | null;
  metadata: Record<string, string>;
  /** The checksum header it came with, `x-amz-checksum-crc32`, and its value. */
  checksum: { header: string; value: string } | null;
  /** Real epoch ms. */
  modifiedAtMs: number;
}

export interface S3 extends Service {
  object(bucket: string, key: string): StoredObject | null;
  objects(): StoredObject[];
}

const OPERATIONS: Record<string, string> = {
  PUT: 'PutObject',
  GET: 'GetObject',
  HEAD: 'HeadObject',
  DELETE: 'DeleteObject',
};

/** S3's REST API, as far as one object needs it: put with conditions, get, head, delete; path style and virtual-host style. */
export function createS3(
  buckets: ReadonlySet<string>,
  deps: { factor: number; delays: Delays; announce: Announce },
): S3 {
  const objects = new Map<string, StoredObject>();
  const writing = new Set<string>();

  const find = (bucket: string, key: string): StoredObject | null => {
    if (!buckets.has(bucket))
      throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });
    return objects.get(`${bucket}/${key}`) ?? null;
  };

  async function put(request: AwsRequest, bucket: string, key: string): Promise<AwsResponse> {
    const place = `${bucket}/${key}`;
    const ifMatch = request.headers['if-match'];
    const ifNoneMatch = request.headers['if-none-match'];
    if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
      throw headerNotImplemented('If-None-Match');
    }
    const { body, checksum } = readBody(request);
    const conditional = ifMatch !== undefined || ifNoneMatch !== undefined;
    checkConditions(find(bucket, key), ifMatch, ifNoneMatch, key);
    if (conditional && writing.has(place)) {
      throw new AwsError(
        'ConditionalRequestConflict',
        'The conditional request cannot succeed due to a conflicting operation against this resource.',
        409,
        { Key: key },
      );
    }
    writing.add(place);
    try {
      await new Promise<void>((resolve) => setTimeout(resolve, deps.delays.objectWriteMs / deps.factor));
      checkConditions(find(bucket, key), ifMatch, ifNoneMatch, key);
    } finally {
      writing.delete(place);
    }
    const object: StoredObject = {
      bucket,
      key,
      body,
      etag: `"${createHash('md5').update(body).digest('hex')}"`,
      contentType: request.headers['content-type'] ?? 'binary/octet-stream',
      cacheControl: request.headers['cache-control'] ?? null,
      metadata: Object.fromEntries(Object.entries(request.headers).filter(([name]) => name.startsWith('x-amz-meta-'))),
      checksum,
      modifiedAtMs: Date.now(),
    };
    objects.set(place, object);
    deps.announce({ kind: 'object put', bucket, key, etag: object.etag });
    return { status: 200, headers: { etag: object.etag, ...checksumHeaders(object) }, body: '' };
  }

  function get(request: AwsRequest, bucket: string, key: string): AwsResponse {
    const object = find(bucket, key);
    if (object === null) throw noSuchKey(key);
    const ifMatch = request.headers['if-match'];
    const ifNoneMatch = request.headers['if-none-match'];
    if (ifMatch !== undefined && !etagMatches(ifMatch, object.etag)) throw preconditionFailed('If-Match');
    const headers: Record<string, string> = {
      etag: object.etag,
      'last-modified': new Date(object.modifiedAtMs).toUTCString(),
      'accept-ranges': 'bytes',
      'content-type': object.contentType,
      ...(object.cacheControl === null ? {} : { 'cache-control': object.cacheControl }),
      ...object.metadata,
      ...(request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED' ? checksumHeaders(object) : {}),
    };
    if (ifNoneMatch !== undefined && etagMatches(ifNoneMatch, object.etag)) return { status: 304, headers, body: '' };
    return {
      status: 200,
      headers: { ...headers, 'content-length': String(object.body.length) },
      body: request.method === 'HEAD' ? '' : object.body,
    };
  }

  /** Of a bucket without versions: what is not there is deleted as well. */
  function remove(request: AwsRequest, bucket: string, key: string): AwsResponse {
    if (request.headers['if-match'] !== undefined) throw headerNotImplemented('If-Match');
    const isThere = find(bucket, key) !== null;
    objects.delete(`${bucket}/${key}`);
    if (isThere) deps.announce({ kind: 'object deleted', bucket, key });
    return { status: 204, headers: {}, body: '' };
  }

  async function answer(operation: string, request: AwsRequest, bucket: string, key: string): Promise<AwsResponse> {
    if (operation === 'PutObject') return put(request, bucket, key);
    return operation === 'DeleteObject' ? remove(request, bucket, key) : get(request, bucket, key);
  }

  return {
    object: (bucket, key) => objects.get(`${bucket}/${key}`) ?? null,
    objects: () => [...objects.values()],
    operations: Object.values(OPERATIONS),
    operation(request) {
      const place = locate(request);
      return place !== null && place.key !== '' && plainObject(request) ? (OPERATIONS[request.method] ?? null) : null;
    },
    async handle(operation, request, requestId) {
      const { bucket, key } = locate(request) ?? { bucket: '', key: '' };
      const response = await answer(operation, request, bucket, key);
      return { ...response, headers: { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId, ...response.headers } };
    },
    refuse(error, request, requestId) {
      const children = {
        Code: error.code,
        Message: error.message,
        ...(error.members as Record<string, string>),
        RequestId: requestId,
        HostId: requestId,
      };
      const headers = { 'content-type': 'application/xml', 'x-amz-request-id': requestId, 'x-amz-id-2': requestId };
      return {
        status: error.status,
        headers,
        body: request.method === 'HEAD' ? '' : writeXml('Error', null, children),
      };
    },
    unknownOperation: () =>
      new AwsError(
        'NotImplemented',
        'A header or query you provided implies functionality that the local endpoint does not have.',
        501,
      ),
    unsigned: () => new AwsError('AccessDenied', 'Access Denied', 403),
    throttled: () => new AwsError('SlowDown', 'Please reduce your request rate.', 503),
  };
}

/** Sub-resources (`?acl`, `?uploads`) are other operations; `x-id` is the SDK's label. */
function plainObject(request: AwsRequest): boolean {
  return [...request.query.keys()].every(
    (name) => name === 'x-id' || name.startsWith('X-Amz-') || name.startsWith('response-'),
  );
}

/** `bucket.s3.us-west-2.localhost/key`, `bucket.localhost/key`, or `/bucket/key` on a bare host. */
function locate(request: AwsRequest): { bucket: string; key: string } | null {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const virtual = /^(.+?)\.(?:s3[.-].+|s3|localhost|127\.0\.0\.1)$/.exec(host)?.[1];
  const path = decodePath(request.path.slice(1));
  if (path === null) return null;
  if (virtual !== undefined) return { bucket: virtual, key: path };
  const slash = path.indexOf('/');
  return slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

function decodePath(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

const headerNotImplemented = (header: string) =>
  new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented', 501, {
    Header: header,
  });
const noSuchKey = (key: string) => new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
const preconditionFailed = (condition: string) =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition: condition,
  });

function checkConditions(
  existing: StoredObject | null,
  ifMatch: string | undefined,
  ifNoneMatch: string | undefined,
  key: string,
): void {
  if (ifNoneMatch !== undefined && existing !== null) throw preconditionFailed('If-None-Match');
  if (ifMatch === undefined) return;
  if (existing === null) throw noSuchKey(key);
  if (!etagMatches(ifMatch, existing.etag)) throw preconditionFailed('If-Match');
}

/** With or without its quotes; `*` is any. */
function etagMatches(given: string, etag: string): boolean {
  return given
    .split(',')
    .some((tag) => tag.trim() === '*' || tag.trim().replace(/^"|"$/g, '') === etag.replace(/"/g, ''));
}

/** The object itself out of aws-chunked, its checksum verified where the endpoint knows how. */
function readBody(request: AwsRequest): { body: Buffer; checksum: StoredObject['checksum'] } {
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
  const sent = Object.entries({ ...request.headers, ...trailers }).find(([name]) =>
    /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/.test(name),
  );
  if (sent === undefined) return { body, checksum: null };
  const [header, value] = sent;
  const computed = compute(header.slice('x-amz-checksum-'.length), body);
  if (computed !== null && computed !== value) {
    throw new AwsError(
      'BadDigest',
      `The ${header.slice('x-amz-checksum-'.length).toUpperCase()} you specified did not match the calculated checksum.`,
    );
  }
  return { body, checksum: { header, value } };
}

/** Base64 of the checksum; null for the kinds that Node does not compute. */
function compute(kind: string, body: Buffer): string | null {
  if (kind === 'sha1' || kind === 'sha256') return createHash(kind).update(body).digest('base64');
  if (kind !== 'crc32') return null;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
}

function checksumHeaders(object: StoredObject): Record<string, string> {
  return object.checksum === null
    ? {}
    : { [object.checksum.header]: object.checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' };
}
