import { type Bench, BUCKET, hostId, STACK, startBench, VPC, ZONE_ID } from '@podtime/aws-endpoint/testing';
import { eventBridgeEvents } from '../../src/aws/events.ts';
import { ec2Instances } from '../../src/aws/instances.ts';
import { ssmModes } from '../../src/aws/modes.ts';
import { s3States } from '../../src/aws/states.ts';
import { route53Zone } from '../../src/aws/zone.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { type FollowedInstances, followInstances } from '../../src/watchdog/follow-instances.ts';
import { loggedCalls } from './aws-call.ts';

const GREEN_VPC = 'vpc-0c0c0c0c0c0c0c0c0';
const GREEN_ZONE = 'Z0GREEN0GREEN0GREEN';
const FLEET = loadFleet(`
upstreams: [us-west-2b.stratum-2.invalid]
timeService: source
leapSmear: accepted
pods:
  blue:
    region: us-west-2
    vpc: ${VPC}
    endpoints: [vpce-0a1b2c3d4e5f60718]
    zone: { name: pod, id: ${ZONE_ID} }
    networks: [10.0.0.0/16, 'fd00::/48']
    azs: [us-west-2a, us-west-2b, us-west-2c]
    boundaryServers: 2
  green:
    region: us-west-2
    vpc: ${GREEN_VPC}
    endpoints: [vpce-0a1b2c3d4e5f60719]
    zone: { name: green.pod, id: ${GREEN_ZONE} }
    networks: [10.30.0.0/16]
    azs: [us-west-2a, us-west-2b]
    boundaryServers: 2
`);
export const [BLUE, GREEN] = FLEET.pods as [Pod, Pod];

export interface TwoPods extends Bench {
  run: Parameters<typeof followInstances>[0];
  /** EC2's events about these instances, handed over together: each known by `event-N`, N its place. */
  follow(...events: [instanceId: string, state: string][]): Promise<FollowedInstances>;
  /** What AWS was asked, as `service:Operation`, in order. */
  calls: string[];
  mode(pod: Pod, mode: string): void;
  addServer(pod: Pod, n: number, az?: string, ipv6?: string[]): void;
  /** Lets Route 53 serve what was changed. */
  settled(): Promise<void>;
  /** The NTP records of both zones: name, type, instance. */
  published(): string[];
  /** How often "DNS changed" was announced. */
  announced(): number;
}

/** Two pods in mode act, each with a zone and no host yet. */
export async function startTwoPods(): Promise<TwoPods> {
  const calls: string[] = [];
  const { call } = loggedCalls();
  const bench = await startBench({
    maxAttempts: 3,
    stack: STACK,
    zones: [BLUE, GREEN].map(({ zone, vpc }) => ({ ...zone, vpc, region: 'us-west-2' })),
    record: ({ service, operation }) => void calls.push(`${service}:${operation}`),
  });
  const ports = {
    instances: ec2Instances(bench.ec2, call),
    zone: route53Zone(bench.route53, call),
    states: s3States(bench.s3, BUCKET, call, () => bench.clock.nowMs()),
    modes: ssmModes(bench.ssm, 'test', call),
    events: eventBridgeEvents(bench.eventbridge, call),
  };
  const { endpoint } = bench;
  const mode = (pod: Pod, value: string) =>
    endpoint.parameters.put(`/podtime/test/${pod.name}/mode`, value, { type: 'String', overwrite: true });
  for (const pod of FLEET.pods) mode(pod, 'act');
  const run = { fleet: FLEET, tickId: 'tick-1', ports };
  return {
    ...bench,
    run,
    follow: (...told) =>
      followInstances(
        run,
        told.map(([instanceId, state], at) => ({ eventId: `event-${at + 1}`, instanceId, state, atMs: at })),
      ),
    calls,
    mode,
    addServer(pod, n, az = 'us-west-2b', ipv6 = []) {
      const tags = { 'ntp-pod': pod.name, 'ntp-tier': 'boundary' };
      const ipv4 = `${pod === BLUE ? '10.0' : '10.30'}.2.${n}`;
      endpoint.instances.adopt({ instanceId: hostId(n), vpc: pod.vpc, az, ipv4, ipv6, tags });
    },
    settled: () => bench.clock.advance(60_000),
    published: () =>
      endpoint
        .records()
        .filter(({ name }) => name.startsWith('ntp.'))
        .map(({ name, type, setIdentifier }) => `${name} ${type} ${setIdentifier}`),
    announced: () => bench.events.filter(({ kind }) => kind === 'event put').length,
  };
}
