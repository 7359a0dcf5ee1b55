import assert from 'node:assert/strict';
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import type { Clause } from './clause.ts';

export const SQS: Clause[] = [
  {
    says: 'a queue that is not there is QueueDoesNotExist',
    async holds({ sqs, mark }) {
      const asked = sqs.send(new GetQueueUrlCommand({ QueueName: `verify-aws-${mark}` }));
      await assert.rejects(asked, { name: 'QueueDoesNotExist' });
    },
  },
];
