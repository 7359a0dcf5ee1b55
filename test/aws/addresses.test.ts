import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Route53Client } from '@aws-sdk/client-route-53';
import { describe, expect, it } from '@jest/globals';
import { ec2Instances } from '../../src/aws/instances.ts';
import { route53Zone } from '../../src/aws/zone.ts';
import { parseChronySources } from '../../src/ntp/chrony.ts';
import { parseNtpqPeers } from '../../src/ntp/ntpq-peers.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { BLUE } from '../builders/endpoint-fleet.ts';

/** A client that answers every call with this page. */
const answering = <Client>(page: object) => ({ send: async () => page }) as Client;

async function fromEc2(address: string): Promise<string | null | undefined> {
  const instance = {
    InstanceId: 'i-00000000000000001',
    State: { Name: 'running' },
    VpcId: BLUE.vpc,
    Placement: { AvailabilityZone: BLUE.azs[0] },
    Tags: [
      { Key: 'ntp-pod', Value: BLUE.name },
      { Key: 'ntp-tier', Value: 'boundary' },
    ],
    NetworkInterfaces: [{ Ipv6Addresses: [{ Ipv6Address: address }] }],
  };
  const client = answering<EC2Client>({ Reservations: [{ Instances: [instance] }] });
  const { hosts } = await ec2Instances(client, loggedCalls().call).ofPod(BLUE, []);
  return hosts[0]?.ipv6[0];
}

async function fromDns(address: string): Promise<string | undefined> {
  const record = { Name: 'ntp.az-b.pod.', Type: 'AAAA', ResourceRecords: [{ Value: address }] };
  const client = answering<Route53Client>({ ResourceRecordSets: [record], IsTruncated: false });
  const { records } = await route53Zone(client, loggedCalls().call).read({
    ...BLUE,
    zone: { ...BLUE.zone, name: 'pod' },
  });
  return records[0]?.addresses[0];
}

function fromNtpq(address: string): string | null | undefined {
  // a long one has a line to itself
  const remote = address.length > 15 ? `${address}\n${' '.repeat(16)}` : address.padEnd(15);
  const row = `*${remote} 192.0.2.1  2 u   10   64  377    0.300    0.010    0.020`;
  return parseNtpqPeers(row, { wide: true }).value[0]?.address;
}

function fromChrony(address: string): string | null | undefined {
  const row = `^,*,${address},3,6,377,10,0.000010,0.000010,0.000100`;
  return parseChronySources(row).value[0]?.address;
}

const READERS: [string, (address: string) => unknown][] = [
  ['EC2', fromEc2],
  ['Route 53', fromDns],
  ['ntpq', fromNtpq],
  ['chronyc', fromChrony],
];

describe('the same address has the same spelling, whoever tells it:', () => {
  it.each([
    ['::ffff:10.0.1.5', '10.0.1.5'],
    ['::ffff:a00:105', '10.0.1.5'],
    ['::FFFF:0A00:0105', '10.0.1.5'],
    ['::10.0.1.5', '::a00:105'],
    ['2001:DB8:0:0:0::5', '2001:db8::5'],
  ])('%s is %s', async (written, canonical) => {
    const read = await Promise.all(READERS.map(async ([name, reader]) => [name, await reader(written)]));
    expect(read).toEqual(READERS.map(([name]) => [name, canonical]));
  });
});
