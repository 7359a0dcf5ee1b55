import assert from 'node:assert/strict';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { refusalOf } from '../src/testing/refusal.ts';
import type { Clause } from './clause.ts';

export const S3: Clause[] = [
  {
    says: 'a bucket that nobody has is NoSuchBucket, not NoSuchKey',
    async holds({ s3, mark }) {
      const call = s3.send(new GetObjectCommand({ Bucket: `verify-aws-${mark}`, Key: 'no/object' }));
      const error = await refusalOf(call);
      assert.deepEqual([error.name, error.status], ['NoSuchBucket', 404]);
    },
  },
];
