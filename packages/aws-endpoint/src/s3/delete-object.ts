import { AwsError } from '../errors.ts';
import type { Announce } from '../events.ts';
import { childList, childNode, childText, readXml } from '../protocol/xml.ts';
import type { AwsRequest, AwsResponse } from '../request.ts';
import { readBody } from './body.ts';
import { type Bucket, type DeleteMarker, NULL_VERSION } from './bucket.ts';
import { headerNotImplemented, invalidRequest, malformedXml } from './errors.ts';
import { readVersionId } from './get-object.ts';
import { bypassesGovernance, isKept, isLocked } from './retention.ts';
import { xmlAnswer } from './xml-answer.ts';

export interface DeleteDeps {
  announce: Announce;
  /** Epoch ms. */
  nowMs(): number;
}

/** What was done: `marker` is the delete marker that was made or taken away. */
interface Deleted {
  versionId: string | null;
  marker: string | null;
}

/** API reference, DeleteObjects. */
const MAX_KEYS = 1000;

/** DeleteObject and DeleteObjects. Without a version id what is there stays, where the bucket keeps versions: a marker hides it. */
export function createDeletes({ announce, nowMs }: DeleteDeps) {
  const remove = (bucket: Bucket, key: string, versionId: string | null, bypass: boolean): Deleted => {
    const wasThere = bucket.current(key) !== null;
    const deleted = versionId === null ? hide(bucket, key) : erase(bucket, key, versionId, bypass);
    if (wasThere && bucket.current(key) === null) announce({ kind: 'object deleted', bucket: bucket.name, key });
    return deleted;
  };
  const hide = (bucket: Bucket, key: string): Deleted => {
    if (bucket.versioning === null) {
      bucket.remove(key, NULL_VERSION);
      return { versionId: null, marker: null };
    }
    const marker: DeleteMarker = { isDeleteMarker: true, key, versionId: bucket.newVersionId(), modifiedAtMs: nowMs() };
    bucket.add(marker);
    return { versionId: null, marker: marker.versionId };
  };
  const erase = (bucket: Bucket, key: string, versionId: string, bypass: boolean): Deleted => {
    const version = bucket.find(key, versionId);
    if (version?.isDeleteMarker === false && isKept(version, bypass, nowMs())) throw isLocked();
    bucket.remove(key, versionId);
    return { versionId, marker: version?.isDeleteMarker ? versionId : null };
  };

  return {
    deleteObject(request: AwsRequest, bucket: Bucket, key: string): AwsResponse {
      if (request.headers['if-match'] !== undefined) throw headerNotImplemented('If-Match');
      const { versionId, marker } = remove(bucket, key, readVersionId(request.query), bypassesGovernance(request));
      const headers: Record<string, string> = {
        ...((versionId ?? marker) === null ? {} : { 'x-amz-version-id': versionId ?? marker ?? '' }),
        ...(marker === null ? {} : { 'x-amz-delete-marker': 'true' }),
      };
      return { status: 204, headers, body: '' };
    },
    /** Each key by itself: what is refused is told, the others are gone. */
    deleteObjects(request: AwsRequest, bucket: Bucket): AwsResponse {
      const { body, isProtected } = readBody(request);
      if (!isProtected) throw invalidRequest('Missing required header for this request: Content-MD5');
      const { quiet, entries } = readDelete(body);
      const bypass = bypassesGovernance(request);
      const done = entries.map(({ key, versionId }) => {
        const named = { Key: key, VersionId: versionId ?? undefined };
        try {
          const { marker } = remove(bucket, key, versionId, bypass);
          const told = marker === null ? {} : { DeleteMarker: true, DeleteMarkerVersionId: marker };
          return { Deleted: { ...named, ...told } };
        } catch (failure) {
          if (!(failure instanceof AwsError)) throw failure;
          return { Error: { ...named, Code: failure.code, Message: failure.message } };
        }
      });
      return xmlAnswer('DeleteResult', {
        Deleted: quiet ? [] : done.flatMap((one) => one.Deleted ?? []),
        Error: done.flatMap((one) => one.Error ?? []),
      });
    },
  };
}

function readDelete(body: Buffer): { quiet: boolean; entries: { key: string; versionId: string | null }[] } {
  const root = childNode(readXml(body.toString('utf8'), ['Object']), 'Delete');
  const objects = childList(root, 'Object');
  if (objects.length < 1 || objects.length > MAX_KEYS) throw malformedXml();
  const entries = objects.map((object) => {
    const [key, versionId] = [childText(object, 'Key'), childText(object, 'VersionId')];
    if (!key) throw malformedXml();
    return { key, versionId: versionId || null };
  });
  return { quiet: childText(root, 'Quiet') === 'true', entries };
}
