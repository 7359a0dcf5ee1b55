import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, it } from '@jest/globals';
import type { Delays } from '@podtime/aws-endpoint';
import type { Fleet } from '../../../../src/fleet/fleet.ts';
import { loadFleet } from '../../../../src/fleet/load.ts';
import { whyNot } from '../../../../test/config/namespace.ts';
import type { DaemonSource } from '../../src/real/daemon-status.ts';
import type { Namespace } from '../../src/real/namespace.ts';
import { whyNoNewerDaemons } from '../../src/real/newer-daemons.ts';
import { type Launch, RealPod } from './real-pod.ts';

/** Why real pods cannot run here, or null. */
const reason =
  whyNot('ntpsec') ??
  whyNot('chrony') ??
  whyNoNewerDaemons() ??
  (spawnSync('tcpdump', ['--version']).error ? 'no tcpdump here' : null);
export const here = reason === null;
export const because = here ? '' : ` (skipped: ${reason})`;
export const really = here ? it : it.skip;

// of every file that imports this: a test that fails or times out leaves no pod to the next file
afterAll(() => RealPod.closeAll(), 60_000);

/** AWS as late as ever, but not as slow: what is tested here are clocks. */
export const DELAYS: Partial<Delays> = {
  propagationMs: [300, 900],
  takingMs: 100,
  commandVisibleMs: 100,
  targetsMs: 150,
  pickUpMs: [20, 80],
  stateChangeMs: 300,
  tagLagMs: 100,
  deliveryMs: [30, 80],
  metricVisibleMs: 100,
};

/** 8 s, below what a fleet file may say: 377 is full after a minute. */
const POLL = { min: 3, max: 3 };

/** Two pods, three upstreams, the time service watched only. */
export function testFleet(): Fleet {
  const fleet = loadFleet(`
upstreams: [us-west-2b.stratum-2.invalid, us-west-2c.stratum-2.invalid, us-west-2d.stratum-2.invalid]
timeService: reference
pods:
  blue:
    region: us-west-2
    vpc: vpc-0000000000000000b
    endpoints: [vpce-0000000000000000b]
    zone: { name: pod, id: Z0TESTBLUE }
    networks: [10.20.0.0/16, 2001:db8:20::/56]
    azs: [us-west-2a, us-west-2b, us-west-2c, us-west-2d]
    intervalSeconds: 5
    collectWaitSeconds: 12
    thresholds: &quick { confidentAgeSeconds: 20, confidentPolls: 3, startingSeconds: 60, withdrawAfterSeconds: 3600 }
    cycling: { coolDownSeconds: 10, waveShare: 0.2, attemptsPerDay: 24 }
  green:
    region: us-west-2
    vpc: vpc-0000000000000000c
    endpoints: [vpce-0000000000000000c]
    zone: { name: green.pod, id: Z0TESTGREEN }
    networks: [10.30.0.0/16, 2001:db8:30::/56]
    azs: [us-west-2a, us-west-2b, us-west-2c]
    intervalSeconds: 5
    collectWaitSeconds: 12
    thresholds: *quick
    cycling: { coolDownSeconds: 10 }
`);
  return {
    ...fleet,
    upstreams: fleet.upstreams.map((upstream) => ({ ...upstream, poll: POLL })),
    timeService: { ...fleet.timeService, poll: POLL },
    pods: fleet.pods.map((pod) => ({ ...pod, poll: POLL })),
  };
}

/**
 * 2 s. ntpd tells of a source the best of its last eight samples, and from them how sure it is: of eight polls, however long they are, the
 * first change nothing.
 */
const QUICK_POLL = { min: 1, max: 1 };

/** A proof as short as the interval allows, and no daemon starting for longer than it needs for its first polls. */
export function quickFleet(): Fleet {
  const { upstreams, timeService, pods, ...fleet } = testFleet();
  return {
    ...fleet,
    upstreams: upstreams.map((upstream) => ({ ...upstream, poll: QUICK_POLL })),
    timeService: { ...timeService, poll: QUICK_POLL },
    pods: pods.map((pod) => ({
      ...pod,
      poll: QUICK_POLL,
      thresholds: { ...pod.thresholds, confidentAgeSeconds: 10, startingSeconds: 20, withdrawAfterSeconds: 10 },
    })),
  };
}

/** Of a host: its daemon is that of Debian's next release, chrony 4.6 or ntpsec 1.2.3. */
export const NEWER = { newer: true } as const;

/** `host('blue', 'client', 'b', 'ntpsec', 101)`: 10.20.2.101 and 2001:db8:20::2:101. */
export function host(
  pod: 'blue' | 'green',
  tier: Launch['tier'],
  letter: string,
  daemon: 'ntpsec' | 'chrony' | 'ntpd-rs',
  number: number,
  more: Partial<Launch> = {},
): Launch {
  const third = letter.charCodeAt(0) - 96;
  const network = pod === 'blue' ? 20 : 30;
  return {
    id: `i-${String(network * 1_000_000 + third * 1000 + number).padStart(17, '0')}`,
    name: `${pod}-${tier}-${letter}${number}`,
    pod,
    tier,
    az: `us-west-2${letter}`,
    daemon,
    ipv4: `10.${network}.${third}.${number}`,
    ipv6: `2001:db8:${network}::${third}:${number}`,
    ...more,
  };
}

/** Looks until it holds, once a second at most; fails with what it saw last. */
export async function eventually<T>(
  what: string,
  withinSeconds: number,
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  everySeconds = 1,
): Promise<T> {
  const gaveUp = Date.now() + withinSeconds * 1000;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > gaveUp) {
      throw new Error(`${what}: not within ${withinSeconds} s. Last seen: ${JSON.stringify(seen, null, 1)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everySeconds * 1000));
  }
}

/** Launches a pod's boundary servers, and then, once they are in DNS, its clients. */
export async function bringUp(pod: RealPod, servers: readonly Launch[], clients: readonly Launch[]): Promise<void> {
  await Promise.all(servers.map((server) => pod.launch(server)));
  await eventually(
    'records of the boundary servers',
    60,
    () => servers.map(({ pod: of, az }) => pod.served(of, nameOf(of, az.slice(-1)))),
    (served) => served.every((addresses) => addresses.length > 0),
  );
  const hosts = await Promise.all(clients.map((client) => pod.launch(client)));
  // boot.sh has a daemon on trial for seconds after it polls, and starts it again where it ends
  await Promise.all([...hosts, ...servers.map(({ id }) => pod.hosts.get(id))].map((each) => each?.booted));
}

export function nameOf(pod: string, letter: string): string {
  return `ntp.az-${letter}.${pod === 'blue' ? 'pod' : 'green.pod'}`;
}

/** What a host's daemon polls; empty while it does not answer. */
export async function sourcesOf(pod: RealPod, id: string): Promise<DaemonSource[]> {
  return (await pod.hosts.get(id)?.query())?.sources ?? [];
}

export async function stratumOf(pod: RealPod, id: string): Promise<number | null> {
  return (await pod.hosts.get(id)?.query())?.stratum ?? null;
}

/** Of the daemon: another one after a restart. */
export async function pidOf(pod: RealPod, id: string): Promise<string> {
  return (await pod.hosts.run(id, 'cat /run/podtime-service.pid')).stdout.trim();
}

export interface Capture {
  /** `interface direction IP from > to: NTPv4, Client, …`, as tcpdump prints. */
  lines: string[];
  stop(): void;
}

/** All NTP of a namespace. Resolves when it listens. */
export async function capture(namespace: Namespace): Promise<Capture> {
  const argv = [...namespace.prefix, 'tcpdump', '-i', 'any', '-n', '-l', '-t', 'udp', 'port', '123'];
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.includes('listening on')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`tcpdump ended with ${code}`)));
  });
  return {
    lines,
    stop: () => {
      child.stdout.destroy();
      child.kill('SIGTERM');
    },
  };
}

export interface Packet {
  from: string;
  to: string;
  kind: string;
}

/** `eth0  Out IP 10.20.2.100.123 > 10.20.2.10.123: NTPv4, Client, length 48` */
export function packetsOf({ lines }: Capture): Packet[] {
  return lines.flatMap((line) => {
    const found = /IP6? (\S+)\.\d+ > (\S+)\.\d+: (.*)$/.exec(line);
    return found ? [{ from: found[1] as string, to: found[2] as string, kind: found[3] as string }] : [];
  });
}

/** Frequency, tick and status of the machine's clock, read and not touched (adjtimex(2), modes 0). */
export function clockSettings(): string {
  const { stdout, stderr } = spawnSync('python3', [join(import.meta.dirname, 'adjtimex.py')], { encoding: 'utf8' });
  if (!stdout.includes('tick=')) throw new Error(`adjtimex could not be read: ${stderr}`);
  return stdout.trim();
}
