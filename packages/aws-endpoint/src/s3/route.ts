import type { AwsRequest } from '../request.ts';

/** What a request is about; '' where it names none. */
export interface Place {
  bucket: string;
  key: string;
}

/** By what it is about, its method and its sub-resource (`?versions`). */
const OPERATIONS: Record<string, string> = {
  'service GET': 'ListBuckets',
  'bucket HEAD': 'HeadBucket',
  'bucket GET list-type': 'ListObjectsV2',
  'bucket GET versions': 'ListObjectVersions',
  'bucket GET location': 'GetBucketLocation',
  'bucket GET versioning': 'GetBucketVersioning',
  'bucket PUT versioning': 'PutBucketVersioning',
  'bucket GET object-lock': 'GetObjectLockConfiguration',
  'bucket POST delete': 'DeleteObjects',
  'object PUT': 'PutObject',
  'object GET': 'GetObject',
  'object HEAD': 'HeadObject',
  'object DELETE': 'DeleteObject',
  'object GET retention': 'GetObjectRetention',
  'object PUT retention': 'PutObjectRetention',
};

/** Those whose name their method and sub-resource do not tell: for the words of a refusal. */
const OTHERS: Record<string, string> = {
  'bucket GET': 'ListObjects',
  'bucket PUT': 'CreateBucket',
  'bucket DELETE': 'DeleteBucket',
  'bucket GET uploads': 'ListMultipartUploads',
  'object POST uploads': 'CreateMultipartUpload',
  'object POST uploadId': 'CompleteMultipartUpload',
  'object PUT copy': 'CopyObject',
};

/** Query parameters that say more of an operation; any other names a sub-resource, and so another operation. */
const PARAMETERS = new Set([
  ...['x-id', 'versionId', 'prefix', 'delimiter', 'max-keys', 'encoding-type', 'continuation-token', 'start-after'],
  ...['fetch-owner', 'key-marker', 'version-id-marker', 'marker', 'max-buckets', 'bucket-region'],
]);

/** `operation`: null for one that the endpoint does not have; `asked`: its name, as far as the request tells. */
export function route(request: AwsRequest): Place & { operation: string | null; asked: string } {
  const place = locate(request);
  const about = place.bucket === '' ? 'service' : place.key === '' ? 'bucket' : 'object';
  const subresource =
    [...request.query.keys()].find(
      (name) => !PARAMETERS.has(name) && !name.startsWith('X-Amz-') && !name.startsWith('response-'),
    ) ?? (request.headers['x-amz-copy-source'] === undefined ? '' : 'copy');
  const call = `${about} ${request.method} ${subresource}`.trim();
  const operation = OPERATIONS[call] ?? null;
  return { ...place, operation, asked: operation ?? OTHERS[call] ?? guess(about, request.method, subresource) };
}

/** `GET /bucket?acl` is GetBucketAcl, as S3 names most of its calls. */
function guess(about: string, method: string, subresource: string): string {
  const words = [method.toLowerCase(), about, ...subresource.split(/[^A-Za-z0-9]+/)];
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

/** `bucket.s3.us-west-2.localhost/key`, `bucket.localhost/key`, or `/bucket/key` on a bare host. */
function locate(request: AwsRequest): Place {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const virtual = /^(.+?)\.(?:s3[.-].+|s3|localhost|127\.0\.0\.1)$/.exec(host)?.[1];
  const path = decodePath(request.path.slice(1));
  if (virtual !== undefined) return { bucket: virtual, key: path };
  const slash = path.indexOf('/');
  return slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

/** A path that is no UTF-8 stays as it came: no key is called so. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
