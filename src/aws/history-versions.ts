import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { byText } from '../fleet/ordering.ts';
import type { HistoryVersions, ListedVersion } from '../history/manifest.ts';
import type { Call } from './call.ts';
import { pages } from './pages.ts';
import { writeOnce } from './write-once.ts';

const MANIFEST_TYPE = 'application/json';

/** The versions of a bucket's objects, by which manifests are made. Decision 0135. */
export function s3HistoryVersions(client: S3Client, bucket: string, call: Call): HistoryVersions {
  return {
    async list(prefix, { after, isFirstOnly = false } = {}) {
      const listed: ListedVersion[] = [];
      const listing = pages(call, {
        action: `listing versions of ${prefix}`,
        read: (options, token: { key?: string; version?: string } | undefined) =>
          client.send(
            new ListObjectVersionsCommand({
              Bucket: bucket,
              Prefix: prefix,
              KeyMarker: token?.key ?? after,
              VersionIdMarker: token?.version,
              ...(isFirstOnly && { MaxKeys: 1 }),
            }),
            options,
          ),
        next: ({ IsTruncated, NextKeyMarker, NextVersionIdMarker }) =>
          IsTruncated && !isFirstOnly ? { key: NextKeyMarker, version: NextVersionIdMarker } : undefined,
      });
      for await (const { Versions = [], DeleteMarkers = [] } of listing) {
        for (const { Size, ...version } of Versions) listed.push(versionOf(version, Size ?? 0, false));
        for (const marker of DeleteMarkers) listed.push(versionOf(marker, 0, true));
      }
      return inOrder(listed);
    },

    async sha256({ key, version }) {
      const named = { Bucket: bucket, Key: key, VersionId: version };
      const { ChecksumSHA256 } = await call(`asking for the SHA-256 of ${key}`, (options) =>
        client.send(new HeadObjectCommand({ ...named, ChecksumMode: 'ENABLED' }), options),
      );
      if (ChecksumSHA256 !== undefined) return Buffer.from(ChecksumSHA256, 'base64').toString('hex');
      // somebody else's: podtime has every object put with one
      return call(`reading ${key}`, async (options) => {
        const { Body } = await client.send(new GetObjectCommand(named), options);
        const hash = createHash('sha256');
        for await (const chunk of (Body ?? []) as AsyncIterable<Uint8Array>) hash.update(chunk);
        return hash.digest('hex');
      });
    },

    write: (key, body) => writeOnce(client, bucket, call, { key, body, contentType: MANIFEST_TYPE }),
  };
}

function versionOf(
  { Key = '', VersionId = '', LastModified }: { Key?: string; VersionId?: string; LastModified?: Date },
  bytes: number,
  isDeleteMarker: boolean,
): ListedVersion {
  return { key: Key, version: VersionId, bytes, isDeleteMarker, modifiedMs: LastModified?.getTime() ?? 0 };
}

/** S3 lists versions and markers apart, the newest of a key first. */
function inOrder(listed: ListedVersion[]): ListedVersion[] {
  return listed.reverse().sort((a, b) => byText(a.key, b.key) || a.modifiedMs - b.modifiedMs);
}
