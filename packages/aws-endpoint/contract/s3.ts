import assert from 'node:assert/strict';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { type Clause, refused } from './clause.ts';

export const S3: Clause[] = [
  {
    says: 'a bucket that nobody has is NoSuchBucket, not NoSuchKey',
    async holds({ s3, mark }) {
      const call = s3.send(new GetObjectCommand({ Bucket: `podtime-verify-${mark}`, Key: 'blue/report.json' }));
      const error = await refused(call);
      assert.deepEqual([error.name, error.status], ['NoSuchBucket', 404]);
    },
  },
];
