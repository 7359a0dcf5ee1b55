import assert from 'node:assert/strict';
import { DescribeInstancesCommand, DescribeTagsCommand } from '@aws-sdk/client-ec2';
import { refusalOf } from '../src/testing/refusal.ts';
import type { Clause } from './clause.ts';

const NO_INSTANCE = 'i-00000000000000000';

export const EC2: Clause[] = [
  {
    says: 'a filter by an id that nobody has finds nothing, and is no error',
    async holds({ ec2 }) {
      const Filters = [{ Name: 'instance-id', Values: [NO_INSTANCE] }];
      assert.deepEqual((await ec2.send(new DescribeInstancesCommand({ Filters }))).Reservations ?? [], []);
    },
  },
  {
    says: 'the same id among InstanceIds fails the call with InvalidInstanceID.NotFound',
    async holds({ ec2 }) {
      const error = await refusalOf(ec2.send(new DescribeInstancesCommand({ InstanceIds: [NO_INSTANCE] })));
      assert.deepEqual([error.name, error.status], ['InvalidInstanceID.NotFound', 400]);
    },
  },
  {
    says: 'a filter that EC2 does not have is InvalidParameterValue',
    async holds({ ec2 }) {
      const Filters = [{ Name: 'colour', Values: ['red'] }];
      assert.equal(
        (await refusalOf(ec2.send(new DescribeInstancesCommand({ Filters })))).name,
        'InvalidParameterValue',
      );
    },
  },
  {
    says: 'an id that nobody has has no tags, and is no error',
    async holds({ ec2 }) {
      const Filters = [{ Name: 'resource-id', Values: [NO_INSTANCE] }];
      assert.deepEqual((await ec2.send(new DescribeTagsCommand({ Filters }))).Tags ?? [], []);
    },
  },
];
