import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { POD } from '../../../bench/scale/fleet.ts';
import { StandIn } from '../../../bench/scale/stand-in.ts';
import { hostOf } from '../../../src/aws/host.ts';
import { ec2Instances } from '../../../src/aws/instances.ts';
import { loggedCalls } from '../../builders/aws-call.ts';

const standIn = new StandIn(30);
let client: EC2Client;
beforeAll(async () => {
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' };
  client = new EC2Client({ endpoint: await standIn.start(), region: 'us-west-2', credentials, maxAttempts: 1 });
});
afterAll(() => standIn.stop());

describe('instances of 4.9 KB each', () => {
  it('are the same hosts where only a part of what EC2 says is parsed', async () => {
    const Filters = [{ Name: 'tag:ntp-pod', Values: [POD.name] }];
    const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ Filters }));
    const described = Reservations.flatMap(({ Instances = [] }) => Instances);
    expect(described[0]?.MetadataOptions?.HttpTokens).toBe('required');
    const { hosts } = await ec2Instances(client, loggedCalls().call).ofPod(POD, []);
    expect(hosts).toEqual(described.map((instance) => hostOf(instance, POD)));
    expect(hosts).toHaveLength(30);
  });
});
