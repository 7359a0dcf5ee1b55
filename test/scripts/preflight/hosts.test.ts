import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it } from '@jest/globals';
import { hostId, VPC } from '@podtime/aws-endpoint/testing';
import type { Facts, SeenHost } from '../../../scripts/preflight/facts.ts';
import { judge } from '../../../scripts/preflight/judge.ts';
import { page } from '../../../scripts/preflight/page.ts';
import { loadFleet } from '../../../src/fleet/load.ts';
import { account, addHost, addPod, DOCS_FLEET, told, VPCS } from './account.ts';

describe('hosts', () => {
  it('that are missing, too many in one AZ, or none of the pod', async () => {
    await account();
    expect((await told()).warnings).toEqual([
      "Pod blue: no host runs in us-west-2 with tag ntp-pod=blue and what else makes it the pod's.",
      expect.stringMatching(
        /^Pod blue: vpc-\S+ has no endpoints for SSM: its hosts need those for ssm, ssmmessages and ec2messages /,
      ),
    ]);
    addHost(1, 'boundary', 'us-west-2a');
    addHost(2, 'router', 'us-west-2a');
    addHost(3, 'client', 'us-west-2z');
    expect((await told()).warnings).toEqual([
      `Pod blue: ${hostId(2)} is tagged ntp-pod=blue, but its tag ntp-tier=router is neither boundary nor client; it is left out.`,
      `Pod blue: ${hostId(3)} is tagged ntp-pod=blue, but its AZ us-west-2z is none of the pod's (us-west-2a, us-west-2b, us-west-2c); it is left out.`,
      'Pod blue: 1 boundary server runs, fewer than it is meant to have (boundaryServers is 2, cycling.floor 1).',
      'Pod blue: no host runs in us-west-2b and us-west-2c, which fleet.yml lists among its 3 AZs.',
    ]);
    for (const [n, tier] of ['boundary', 'client', 'client'].entries()) addHost(n + 4, tier, 'us-west-2a');
    const { warnings, wells } = await told((text) => text.replace('azs: [', 'hosts: 3\n    azs: ['));
    expect(warnings.slice(2)).toEqual([
      'Pod blue: both boundary servers run in us-west-2a: with that AZ all are gone.',
      'Pod blue: no host runs in us-west-2b and us-west-2c, which fleet.yml lists among its 3 AZs.',
      'Pod blue: 4 hosts run, it is built for 3 (hosts of fleet.yml).',
    ]);
    expect(wells).toContain('Pod blue: 2 boundary servers (us-west-2a 2) and 2 clients (us-west-2a 2) run.');
  });

  it('that SSM does not hear, or whose agent or platform is not fit', async () => {
    const bench = await account();
    addPod();
    addHost(21, 'client', 'us-west-2a', { agent: null });
    addHost(22, 'client', 'us-west-2a', { agent: null, profile: null });
    addHost(23, 'client', 'us-west-2a', { agent: { version: '2.0.767.0' } });
    addHost(24, 'client', 'us-west-2a', { agent: { platform: 'Windows' } });
    addHost(25, 'client', 'us-west-2a', { profile: null }); // Default Host Management
    await told();
    Object.assign(bench.agents.get(hostId(11)) ?? {}, { online: false });
    await bench.clock.advance(3_600_000);
    const { status, findings, warnings } = await told();
    expect(status).toBe(0);
    expect(warnings).toEqual([
      `Pod blue: 1 of 10 running hosts has no instance profile, nor any from Default Host Management: SSM never heard of it (${hostId(22)}).`,
      `Pod blue: 1 of 10 running hosts has a profile, but SSM never heard of it (${hostId(21)}): no agent, no rights in the profile's role, or no way to SSM.`,
      expect.stringMatching(
        `^Pod blue: SSM hears 1 of 10 running hosts no more \\(${hostId(11)}\\); last \\d+ (s|min|h) ago\\.$`,
      ),
      `Pod blue: 1 of 10 running hosts has an agent before 2.0.790.0, which reads no preconditions of documents (${hostId(23)}; 2.0.767.0).`,
      `Pod blue: 1 of 10 running hosts is not Linux, but Windows (${hostId(24)}): podtime never looks at such.`,
    ]);
    expect(findings.find(({ check }) => check === 'profiles')?.remedy).toMatch(
      new RegExp(` --instance-id ${hostId(22)}$`),
    );
  });

  it('of whom SSM hears none stop a deploy; what keeps them from SSM is told', async () => {
    const endpoints = [
      { id: 'vpce-00000000000000001', service: 'ssm', privateDns: false },
      { id: 'vpce-00000000000000002', service: 'ssmmessages', state: 'Pending' },
    ];
    await account({ vpcs: [{ ...VPCS[0], id: VPC, endpoints }] });
    for (const [n, az] of ['us-west-2a', 'us-west-2b', 'us-west-2c'].entries())
      addHost(n + 1, 'boundary', az, { agent: null });
    const { status, stops, warnings } = await told();
    expect([status, stops]).toEqual([
      1,
      ['Pod blue: SSM hears none of 3 running hosts (limit 1): podtime would see nobody.'],
    ]);
    expect(warnings.slice(1)).toEqual([
      'Pod blue: endpoint vpce-00000000000000001 (com.amazonaws.us-west-2.ssm) has no private DNS: no agent finds it.',
      'Pod blue: endpoint vpce-00000000000000002 (com.amazonaws.us-west-2.ssmmessages) is pending.',
      `Pod blue: ${VPC} has some of the endpoints for SSM, but none for ec2messages (ec2messages: agents before 3.3.40.0 alone): its hosts need them, or a way to the internet, which is not looked at.`,
    ]);
  });

  it('are counted, not listed, when there are 10,000', () => {
    const fleet = loadFleet(DOCS_FLEET.replace('azs: [', 'hosts: 10000\n    azs: ['));
    const [pod] = fleet.pods as [(typeof fleet.pods)[0]];
    const host = (n: number): SeenHost => ({
      ...{ instanceId: hostId(n), pod: 'blue', tier: n < 2 ? 'boundary' : 'client', az: pod.azs[n % 3] as string },
      ...{ state: 'running', vpc: VPC, ipv4: null, ipv6: [], held: false, launchedAtMs: 0, hasProfile: n % 2 === 0 },
    });
    const unsaid = { said: null };
    const facts: Facts = {
      caller: { said: { account: '1', arn: 'arn' } },
      regions: [],
      pods: [
        {
          ...{ pod, vpcDns: unsaid, zone: unsaid, endpoints: { said: [] }, subnets: { said: [] }, records: null },
          hosts: { said: { hosts: Array.from({ length: 10_000 }, (_, n) => host(n)), refused: [] } },
          agents: { said: new Map() },
          modes: { said: [] },
        },
      ],
      nowMs: 0,
    };
    const lines = page(
      { fleetFile: 'fleet.yml', stage: 'prod', caller: facts.caller, pods: fleet.pods },
      judge(fleet, facts),
    );
    expect(lines.join('\n')).toContain(`5000 of 10000 running hosts have no instance profile`);
    expect(lines.join('\n').length).toBeLessThan(4000);
  });
});

it('tells in which mode a pod would begin', async () => {
  const bench = await account();
  addPod();
  const mode = (path: string, Value: string) =>
    bench.ssm.send(
      new PutParameterCommand({ Name: `/podtime/prod/${path}mode`, Value, Type: 'String', Overwrite: true }),
    );
  await mode('blue/', 'act');
  expect((await told()).warnings).toEqual([
    'Pod blue: parameter /podtime/prod/blue/mode says act already: podtime would change DNS and cycle hosts from its first tick on.',
  ]);
  await mode('', 'halt');
  expect((await told()).warnings).toEqual([
    "Pod blue: parameter /podtime/prod/mode says 'halt', not one of observe, act, hold: podtime would observe.",
  ]);
});
