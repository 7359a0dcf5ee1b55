import assert from 'node:assert/strict';
import {
  DescribeInstancesCommand,
  DescribeTagsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcEndpointsCommand,
} from '@aws-sdk/client-ec2';
import { refusalOf } from '../src/testing/refusal.ts';
import type { Clause } from './clause.ts';

const NO_INSTANCE = 'i-00000000000000000';
const NO_VPC = 'vpc-00000000000000000';

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
  {
    says: 'the attributes of a VPC that nobody has are InvalidVpcID.NotFound',
    async holds({ ec2 }) {
      const ask = new DescribeVpcAttributeCommand({ VpcId: NO_VPC, Attribute: 'enableDnsSupport' });
      assert.equal((await refusalOf(ec2.send(ask))).name, 'InvalidVpcID.NotFound');
    },
  },
  {
    says: 'a VPC that nobody has has no endpoints, and is no error',
    async holds({ ec2 }) {
      const Filters = [{ Name: 'vpc-id', Values: [NO_VPC] }];
      assert.deepEqual((await ec2.send(new DescribeVpcEndpointsCommand({ Filters }))).VpcEndpoints ?? [], []);
    },
  },
];
