import assert from 'node:assert/strict';
import {
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { refusalOf } from '../src/testing/refusal.ts';
import type { Account, Clause } from './clause.ts';

/** A bucket that nobody has. */
const nobodys = ({ mark }: Account) => ({ Bucket: `verify-aws-${mark}` });

async function isNoSuchBucket(call: Promise<unknown>): Promise<void> {
  const error = await refusalOf(call);
  assert.deepEqual([error.name, error.status], ['NoSuchBucket', 404]);
}

export const S3: Clause[] = [
  {
    says: 'a bucket that nobody has is NoSuchBucket, not NoSuchKey',
    holds: (account) =>
      isNoSuchBucket(account.s3.send(new GetObjectCommand({ ...nobodys(account), Key: 'no/object' }))),
  },
  {
    says: 'its objects and its versions are not listed either, and it has no versioning',
    async holds(account) {
      await isNoSuchBucket(account.s3.send(new ListObjectsV2Command(nobodys(account))));
      await isNoSuchBucket(account.s3.send(new ListObjectVersionsCommand(nobodys(account))));
      await isNoSuchBucket(account.s3.send(new GetBucketVersioningCommand(nobodys(account))));
    },
  },
  {
    says: 'HeadBucket of it is 404 without a word',
    async holds(account) {
      const error = await refusalOf(account.s3.send(new HeadBucketCommand(nobodys(account))));
      assert.deepEqual([error.name, error.status], ['NotFound', 404]);
    },
  },
  {
    says: 'buckets are listed by their names, and pages of one begin as the whole does',
    async holds({ s3 }) {
      const first = await s3.send(new ListBucketsCommand({ MaxBuckets: 1 }));
      assert.ok((first.Buckets ?? []).length <= 1);
      const names = (first.Buckets ?? []).map(({ Name = '' }) => Name);
      if (first.ContinuationToken !== undefined) {
        const ContinuationToken = first.ContinuationToken;
        const second = await s3.send(new ListBucketsCommand({ MaxBuckets: 1, ContinuationToken }));
        names.push(...(second.Buckets ?? []).map(({ Name = '' }) => Name));
      }
      assert.deepEqual(names, [...new Set(names)].toSorted());
      const { Buckets = [] } = await s3.send(new ListBucketsCommand({ MaxBuckets: 10_000 }));
      assert.deepEqual(
        Buckets.slice(0, names.length).map(({ Name }) => Name),
        names,
      );
    },
  },
];
