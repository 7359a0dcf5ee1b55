import { AwsError } from '../errors.ts';
import type { AwsRequest, AwsResponse } from '../request.ts';
import type { Bucket, StoredObject, Version } from './bucket.ts';
import { isUnchanged, readConditions } from './conditions.ts';
import { invalidArgument, isDeleteMarker, noSuchKey, noSuchVersion } from './errors.ts';
import { readRange } from './range.ts';
import { retentionHeaders } from './retention.ts';

/** GetObject and HeadObject: of the current version, or of the one that is asked for. */
export function getObject(request: AwsRequest, bucket: Bucket, key: string): AwsResponse {
  const object = findObject(request, bucket, key);
  const unchanged = isUnchanged(object, readConditions(request));
  const range = unchanged ? null : readRange(request.headers.range, object.body.length);
  const withChecksum = range === null && request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
  const headers: Record<string, string> = {
    etag: object.etag,
    'last-modified': new Date(object.modifiedAtMs).toUTCString(),
    'accept-ranges': 'bytes',
    'content-type': object.contentType,
    ...(object.cacheControl === null ? {} : { 'cache-control': object.cacheControl }),
    ...object.metadata,
    ...versionHeader(bucket, object),
    ...retentionHeaders(object),
    ...(withChecksum ? checksumHeaders(object) : {}),
  };
  if (unchanged) return { status: 304, headers, body: '' };
  const body = range === null ? object.body : object.body.subarray(range.first, range.last + 1);
  headers['content-length'] = String(body.length);
  if (range !== null) headers['content-range'] = `bytes ${range.first}-${range.last}/${object.body.length}`;
  return { status: range === null ? 200 : 206, headers, body: request.method === 'HEAD' ? '' : body };
}

/** The object that the call means. Throws NoSuchKey, NoSuchVersion, or MethodNotAllowed where a delete marker is named. */
export function findObject(request: AwsRequest, bucket: Bucket, key: string): StoredObject {
  const versionId = readVersionId(request.query);
  const found = versionId === null ? bucket.versions(key)[0] : bucket.find(key, versionId);
  if (!found) throw versionId === null ? noSuchKey(key) : noSuchVersion(key, versionId);
  if (!found.isDeleteMarker) return found;
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': found.versionId };
  if (versionId === null) throw withHeaders(noSuchKey(key), headers);
  const lastModified = new Date(found.modifiedAtMs).toUTCString();
  throw withHeaders(isDeleteMarker(request.method), { ...headers, allow: 'DELETE', 'last-modified': lastModified });
}

const withHeaders = ({ code, message, status, members }: AwsError, headers: Record<string, string>) =>
  new AwsError(code, message, status, members, headers);

/** null: none is named. Throws InvalidArgument for what no version is called. */
export function readVersionId(query: URLSearchParams): string | null {
  const given = query.get('versionId');
  if (given === '') throw invalidArgument('Version id cannot be the empty string', 'versionId', given);
  if (given !== null && given !== 'null' && !/^[\w.]{32}$/.test(given))
    throw invalidArgument('Invalid version id specified', 'versionId', given);
  return given;
}

/** Where the bucket keeps versions, or did. */
export function versionHeader(bucket: Bucket, { versionId }: Version): Record<string, string> {
  return bucket.versioning === null ? {} : { 'x-amz-version-id': versionId };
}

export function checksumHeaders({ checksum }: StoredObject): Record<string, string> {
  return { [checksum.header]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' };
}
