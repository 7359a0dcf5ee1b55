import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { readStack } from '../src/stack.ts';
import { type Bench, startBench } from '../src/testing/index.ts';

/** Buckets of a template: one without versions, one with, one of each kind of lock. */
const TEMPLATE = {
  Resources: {
    Plain: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'plain' } },
    Versions: {
      Type: 'AWS::S3::Bucket',
      Properties: { BucketName: 'versions', VersioningConfiguration: { Status: 'Enabled' } },
    },
    Lockable: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'lockable', ObjectLockEnabled: true } },
    Locked: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: 'locked',
        ObjectLockEnabled: true,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 30 } },
        },
      },
    },
  },
};

export interface BucketBench extends Bench {
  /** The version id that it got. */
  put(Bucket: string, Key: string, Body?: string): Promise<string | undefined>;
  text(Bucket: string, Key: string, VersionId?: string): Promise<string | undefined>;
  /** `key versionId`, the latest with a star, delete markers with `deleted`. */
  versionRows(Bucket: string): Promise<string[]>;
}

export async function startBuckets(): Promise<BucketBench> {
  const pseudo = { region: 'us-west-2', accountId: '123456789012', stackName: 'test' };
  const bench = await startBench({ stack: readStack(TEMPLATE, pseudo), delays: { objectWriteMs: 0 } });
  const { s3 } = bench;
  return Object.assign(bench, {
    put: async (Bucket: string, Key: string, Body = Key) =>
      (await s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId,
    text: async (Bucket: string, Key: string, VersionId?: string) =>
      (await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString(),
    async versionRows(Bucket: string) {
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
      const row = ({ Key, VersionId, IsLatest }: (typeof Versions)[number], kind: string) =>
        `${Key} ${VersionId}${IsLatest ? ' *' : ''}${kind}`;
      return [...Versions.map((one) => row(one, '')), ...DeleteMarkers.map((one) => row(one, ' deleted'))];
    },
  });
}
