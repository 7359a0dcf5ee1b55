import { gunzipSync } from 'node:zlib';
import { queued, stateChange } from '../builders/queued.ts';
import { proxyEvent } from '../handlers/gateway.ts';
import { hostId } from './hosts.ts';
import type { PodName, Programs } from './programs.ts';
import { BUCKET, createWorld, type World } from './world.ts';

/** A pod in some state, and what one function is asked in it. */
export interface Scenario {
  name: string;
  functionName: string;
  event: unknown;
  prepare(world: World): Promise<void>;
  /** What the same container is asked of the other pod afterwards; null: the function knows no pods. */
  ofOtherPod: unknown;
  /** Watchdog runs, a minute apart, after which an undisturbed pod is as it stays. */
  settleMinutes: number;
  /** What this very run repairs whatever else fails, and the calls without which it cannot. */
  repairs: { isDone(world: World): boolean; needs: readonly string[] } | null;
}

const scheduled = (pod: PodName) => ({ pod, scheduled: true });
const oneChange = (instanceId: string, state: string) => queued(stateChange(instanceId, state));
const dnsChanged = (pod: PodName) => ({ source: 'podtime', 'detail-type': 'DNS changed', detail: { pod, names: [] } });

const fileEvent = (pod: PodName) =>
  proxyEvent('GET', { pod, tier: 'client', az: 'us-west-2a', file: 'ntp.conf' }, {}, undefined, {
    version: '4.2.8',
    revision: '0123456789abcdef',
  });

/** Two published servers in each pod, and clients of the first of them; green has one server more, not published yet. */
async function settled({ hosts, setup, mode, time }: World, clients: number): Promise<void> {
  for (const pod of ['blue', 'green'] as const) {
    mode(pod, 'act');
    hosts.addServer(pod, 11, 'a');
    hosts.addServer(pod, 12, 'b');
    await setup.record(pod, 11, 'a');
    await setup.record(pod, 12, 'b');
    for (let n = 21; n < 21 + clients; n += 1) hosts.addClient(pod, n, 'abc'.charAt(n % 3), [11, 12]);
  }
  hosts.addServer('green', 13, 'c');
  await time.pass(60_000);
}

/** A server came, one went, and one that EC2 knows no more has left its record. */
async function serversCameAndWent(world: World): Promise<void> {
  await settled(world, 0);
  for (const az of ['a', 'b', 'c']) world.hosts.addClient('blue', 21 + 'abc'.indexOf(az), az, [11]);
  world.hosts.addServer('blue', 13, 'c');
  world.hosts.remove('blue', 12);
  await world.setup.record('blue', 14, 'c');
  await world.time.pass(30_000);
}

/** Four of eight clients poll an address that DNS has left. */
async function clientsLeftBehind(world: World): Promise<void> {
  await settled(world, 4);
  for (let n = 25; n <= 28; n += 1) world.hosts.addClient('blue', n, 'abc'.charAt(n % 3), [11, 12], 99);
}

/** A run that dies with the turn has it. */
async function turnTaken(world: World): Promise<void> {
  const state = JSON.parse(stateText(world, 'blue') ?? '');
  const startedAtMs = world.time.nowMs();
  const claim = { tickId: 'tick-dead', startedAtMs, untilMs: startedAtMs + 90_000 };
  await world.setup.object(BUCKET, 'blue/state.json', JSON.stringify({ ...state, claim }));
}

/** As reported by a tick of each pod before. */
async function reported(world: World, ...pods: PodName[]): Promise<void> {
  for (const pod of pods) await world.container('watchdog').invoke(scheduled(pod));
  await world.time.pass(60_000);
}

export const NEW_SERVER = hostId('blue', 13);
const hasRecord = (id: string) => (world: World) =>
  world.endpoint.records().some(({ setIdentifier }) => setIdentifier === id);

/** What a run reads before it may change DNS, and what it changes it by. */
const READS = ['ssm:GetParameters', 'ec2:DescribeInstances', 'route53:ListResourceRecordSets', 's3:GetObject'];
const CHANGE = 'route53:ChangeResourceRecordSets';
const registered = (...needs: string[]) => ({ isDone: hasRecord(NEW_SERVER), needs: [...READS, CHANGE, ...needs] });

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'watchdog by schedule, between two ticks of a roll-out',
    functionName: 'watchdog',
    event: scheduled('blue'),
    async prepare(world) {
      await clientsLeftBehind(world);
      await reported(world, 'blue');
    },
    ofOtherPod: scheduled('green'),
    settleMinutes: 6,
    repairs: null,
  },
  {
    name: 'watchdog by DNS event, a wave is under way',
    functionName: 'watchdog',
    event: dnsChanged('blue'),
    async prepare(world) {
      await clientsLeftBehind(world);
      await reported(world, 'blue');
    },
    ofOtherPod: dnsChanged('green'),
    settleMinutes: 6,
    repairs: null,
  },
  {
    name: 'watchdog by DNS event, another run has the turn',
    functionName: 'watchdog',
    event: dnsChanged('blue'),
    async prepare(world) {
      await settled(world, 3);
      await reported(world, 'blue');
      await turnTaken(world);
    },
    ofOtherPod: dnsChanged('green'),
    settleMinutes: 4,
    repairs: null,
  },
  {
    name: 'watchdog by schedule, servers came and went',
    functionName: 'watchdog',
    event: scheduled('blue'),
    prepare: serversCameAndWent,
    ofOtherPod: scheduled('green'),
    settleMinutes: 13,
    repairs: registered('s3:PutObject'),
  },
  {
    name: 'status',
    functionName: 'status',
    event: proxyEvent('GET', { pod: 'blue' }, {}, '/{pod}/status.json'),
    async prepare(world) {
      await settled(world, 3);
      await reported(world, 'blue', 'green');
    },
    ofOtherPod: proxyEvent('GET', { pod: 'green' }, {}, '/{pod}/status.json'),
    settleMinutes: 1,
    repairs: null,
  },
  {
    name: 'config, a host on a file of before',
    functionName: 'config',
    event: fileEvent('blue'),
    async prepare(world) {
      await settled(world, 3);
      await reported(world, 'blue', 'green');
    },
    ofOtherPod: fileEvent('green'),
    settleMinutes: 1,
    repairs: null,
  },
  {
    name: 'register, a server booted',
    functionName: 'register',
    event: proxyEvent('POST', { pod: 'blue' }, {}, '/{pod}/register'),
    async prepare(world) {
      await settled(world, 0);
      await reported(world, 'blue');
      world.hosts.addServer('blue', 13, 'c');
    },
    ofOtherPod: proxyEvent('POST', { pod: 'green' }, {}, '/{pod}/register'),
    settleMinutes: 7,
    repairs: registered(),
  },
  {
    name: 'register, a server booted before the first tick',
    functionName: 'register',
    event: proxyEvent('POST', { pod: 'blue' }, {}, '/{pod}/register'),
    async prepare(world) {
      await settled(world, 0);
      world.hosts.addServer('blue', 13, 'c');
    },
    ofOtherPod: proxyEvent('POST', { pod: 'green' }, {}, '/{pod}/register'),
    settleMinutes: 2,
    repairs: registered(),
  },
  {
    name: 'instances, a server runs',
    functionName: 'instances',
    event: oneChange(NEW_SERVER, 'running'),
    async prepare(world) {
      await settled(world, 0);
      await reported(world, 'blue');
      world.hosts.addServer('blue', 13, 'c');
    },
    ofOtherPod: oneChange(hostId('green', 13), 'running'),
    settleMinutes: 7,
    repairs: registered(),
  },
  {
    name: 'instances, a server is terminated',
    functionName: 'instances',
    event: oneChange(hostId('blue', 12), 'terminated'),
    async prepare(world) {
      await settled(world, 0);
      world.hosts.remove('blue', 12);
      await world.time.pass(30_000);
    },
    ofOtherPod: oneChange(hostId('green', 13), 'running'),
    settleMinutes: 2,
    repairs: null,
  },
  {
    name: 'watchdog by DNS event, clients left behind',
    functionName: 'watchdog',
    event: dnsChanged('blue'),
    prepare: clientsLeftBehind,
    ofOtherPod: dnsChanged('green'),
    settleMinutes: 6,
    repairs: null,
  },
  {
    name: 'watchdog by hand, dry run',
    functionName: 'watchdog',
    event: { pod: 'blue', dryRun: true },
    prepare: serversCameAndWent,
    ofOtherPod: { pod: 'green', dryRun: true },
    settleMinutes: 13,
    repairs: null,
  },
  {
    name: 'watchdog by hand, retire',
    functionName: 'watchdog',
    event: { pod: 'blue', retire: true },
    async prepare(world) {
      await settled(world, 0);
      for (const server of [11, 12]) world.hosts.remove('blue', server);
      await world.time.pass(30_000);
    },
    ofOtherPod: { pod: 'green', retire: true },
    settleMinutes: 2,
    repairs: null,
  },
  {
    name: 'collect',
    functionName: 'collect',
    event: { pod: 'blue' },
    prepare: (world) => settled(world, 3),
    ofOtherPod: { pod: 'green' },
    settleMinutes: 2,
    repairs: null,
  },
  {
    name: 'collect, by id',
    functionName: 'collect',
    event: { pod: 'blue', instanceIds: [hostId('blue', 11), hostId('blue', 21)] },
    prepare: (world) => settled(world, 3),
    ofOtherPod: { pod: 'green' },
    settleMinutes: 2,
    repairs: null,
  },
  {
    name: 'cycle, clients left behind',
    functionName: 'cycle',
    event: { pod: 'blue', tier: 'client' },
    prepare: clientsLeftBehind,
    ofOtherPod: { pod: 'green', tier: 'client' },
    settleMinutes: 6,
    repairs: null,
  },
];

/** For runs at once: a server to be registered, and clients left behind. */
export const RACE: Scenario = {
  name: 'runs at once',
  functionName: 'watchdog',
  event: scheduled('blue'),
  async prepare(world) {
    await clientsLeftBehind(world);
    world.hosts.addServer('blue', 13, 'c');
  },
  ofOtherPod: null,
  settleMinutes: 8,
  repairs: null,
};

/** The scenario's world, made anew. */
export async function worldOf(scenario: Scenario, programs: Programs): Promise<World> {
  const world = await createWorld(programs);
  await scenario.prepare(world);
  world.events.length = 0;
  return world;
}

/** What is stored of a pod's state, and of the memory that it names; null: there is none. */
export function stateText(world: World, pod: PodName): string | null {
  return world.endpoint.object(BUCKET, `${pod}/state.json`)?.body.toString() ?? null;
}

/** As stored; null: the state names none, or one that is not there. */
export function memoryText(world: World, key: string | null): string | null {
  const packed = key === null ? undefined : world.endpoint.object(BUCKET, key)?.body;
  return packed ? gunzipSync(packed).toString() : null;
}

/** What is stored of a pod's last report; null: there is none. */
export function reportText(world: World, pod: PodName): string | null {
  return world.endpoint.object(BUCKET, `${pod}/report.json`)?.body.toString() ?? null;
}
