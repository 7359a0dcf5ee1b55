import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListBucketsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { podInPrefix, podsPrefix } from '../history/keys.ts';
import type { ListedVersion } from '../history/manifest.ts';
import type { LockSeen, VersionsToVerify } from '../history/verdict.ts';
import type { Call } from './call.ts';
import { s3HistoryVersions } from './history-versions.ts';
import { pages } from './pages.ts';

/** As CloudFormation names the bucket: stack, logical id in small letters, and letters of its own. */
const NAMED_BY_CLOUDFORMATION = /^podtime-.*historybucket(-[a-z0-9]+)?$/;

/** What `npm run verify:history` reads. Decision 0135. */
export function s3VersionsToVerify(client: S3Client, bucket: string, call: Call): VersionsToVerify {
  const get = async <T>({ key, version }: ListedVersion, read: (object: GetObjectCommandOutput) => Promise<T>) =>
    call(`reading ${key}`, async (options) => {
      const asked = { Bucket: bucket, Key: key, VersionId: version };
      const object = await client.send(new GetObjectCommand(asked), options);
      return { ...(await read(object)), lock: lockOf(object) };
    });
  return {
    list: s3HistoryVersions(client, bucket, call).list,
    read: (version) =>
      get(version, async ({ Body }) => {
        const hash = createHash('sha256');
        let bytes = 0;
        for await (const chunk of (Body ?? []) as AsyncIterable<Uint8Array>) {
          hash.update(chunk);
          bytes += chunk.byteLength;
        }
        return { sha256: hash.digest('hex'), bytes };
      }),
    readWhole: (version) =>
      get(version, async ({ Body }) => {
        const body = (await Body?.transformToByteArray()) ?? new Uint8Array();
        return { sha256: createHash('sha256').update(body).digest('hex'), body };
      }),
  };
}

/** The pods that have a history in a bucket. */
export async function podsIn(client: S3Client, bucket: string, call: Call): Promise<string[]> {
  const pods: string[] = [];
  const listing = pages(call, {
    action: `listing the pods of bucket ${bucket}`,
    read: (options, token: string | undefined) =>
      client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: podsPrefix(), Delimiter: '/', ContinuationToken: token }),
        options,
      ),
    next: ({ NextContinuationToken }) => NextContinuationToken,
  });
  for await (const { CommonPrefixes = [] } of listing) {
    pods.push(...CommonPrefixes.flatMap(({ Prefix = '' }) => podInPrefix(Prefix) ?? []));
  }
  return pods;
}

/** The buckets of the account that a stack of podtime's may have made for locked histories. */
export async function historyBuckets(client: S3Client, call: Call): Promise<string[]> {
  const { Buckets = [] } = await call('listing the buckets of the account', (options) =>
    client.send(new ListBucketsCommand({}), options),
  );
  return Buckets.map(({ Name = '' }) => Name).filter((name) => NAMED_BY_CLOUDFORMATION.test(name));
}

/** S3 says nothing of it where the reader lacks s3:GetObjectRetention. */
function lockOf({ ObjectLockMode, ObjectLockRetainUntilDate }: GetObjectCommandOutput): LockSeen['lock'] {
  if (ObjectLockMode === undefined || ObjectLockRetainUntilDate === undefined) return null;
  const mode = ObjectLockMode === 'COMPLIANCE' ? 'compliance' : 'governance';
  return { mode, untilMs: ObjectLockRetainUntilDate.getTime() };
}
