import { randomBytes } from 'node:crypto';
import type { BucketConfig, ObjectLockConfig, Retention } from './bucket-config.ts';
import { compareKeys } from './keys.ts';

/** A version of an object. In a bucket that never kept versions there is one, of the id `null`. */
export interface StoredObject {
  isDeleteMarker: false;
  bucket: string;
  key: string;
  /** `null`, as text, is the id of what was put while the bucket kept no versions. */
  versionId: string;
  body: Buffer;
  /** In quotes: the MD5 of the body. */
  etag: string;
  contentType: string;
  cacheControl: string | null;
  /** Further headers that it was put with and comes back with: `content-encoding`, `x-amz-meta-…`. */
  metadata: Record<string, string>;
  /** The checksum header, `x-amz-checksum-crc32`, and its value: as it came, or S3's own. */
  checksum: { header: string; value: string };
  /** null: nothing keeps it. */
  retention: Retention | null;
  /** Epoch ms. */
  modifiedAtMs: number;
}

/** What stands in the place of an object that was deleted where versions are kept. */
export interface DeleteMarker {
  isDeleteMarker: true;
  key: string;
  versionId: string;
  /** Epoch ms. */
  modifiedAtMs: number;
}

export type Version = StoredObject | DeleteMarker;

export interface Bucket {
  readonly name: string;
  /** Epoch ms. */
  readonly createdAtMs: number;
  readonly objectLock: ObjectLockConfig | null;
  versioning: BucketConfig['versioning'];
  /** Every key that has a version, in the order of S3's lists. */
  keys(): readonly string[];
  /** Newest first. */
  versions(key: string): readonly Version[];
  /** What a GET of the key finds; null also where it was deleted. */
  current(key: string): StoredObject | null;
  find(key: string, versionId: string): Version | null;
  /** The id that the next version gets: one of its own, or `null` where versions are not kept (any more). */
  newVersionId(): string;
  /** Puts it before the others of its key, in the place of one of the same id. */
  add(version: Version): void;
  /** For good. The version that was there; null: none. */
  remove(key: string, versionId: string): Version | null;
}

/** The id of what was put while the bucket kept no versions. */
export const NULL_VERSION = 'null';

/** Nothing outlives the process. Decision 0121. */
export function createBucket(name: string, config: BucketConfig, createdAtMs: number): Bucket {
  const byKey = new Map<string, Version[]>();
  /** null: to be sorted again. */
  let sorted: string[] | null = null;
  const bucket: Bucket = {
    name,
    createdAtMs,
    objectLock: config.objectLock,
    versioning: config.versioning,
    keys() {
      sorted ??= [...byKey.keys()].sort(compareKeys);
      return sorted;
    },
    versions: (key) => byKey.get(key) ?? [],
    current(key) {
      const newest = byKey.get(key)?.[0];
      return newest === undefined || newest.isDeleteMarker ? null : newest;
    },
    find: (key, versionId) => byKey.get(key)?.find((version) => version.versionId === versionId) ?? null,
    newVersionId: () => (bucket.versioning === 'Enabled' ? randomVersionId() : NULL_VERSION),
    add(version) {
      const there = byKey.get(version.key);
      if (there === undefined) {
        byKey.set(version.key, [version]);
        sorted = null;
        return;
      }
      // any other id is given once
      const replaced = version.versionId === NULL_VERSION ? there.findIndex(isNull) : -1;
      if (replaced >= 0) there.splice(replaced, 1);
      there.unshift(version);
    },
    remove(key, versionId) {
      const removed = bucket.find(key, versionId);
      if (removed === null) return null;
      const left = bucket.versions(key).filter((version) => version !== removed);
      if (left.length > 0) byKey.set(key, left);
      else {
        byKey.delete(key);
        sorted = null;
      }
      return removed;
    },
  };
  return bucket;
}

const isNull = ({ versionId }: Version) => versionId === NULL_VERSION;

/** 32 characters of AWS's alphabet for them; none is a hyphen, which a command line would take for an option. */
function randomVersionId(): string {
  return randomBytes(24).toString('base64url').replaceAll('-', '.');
}
