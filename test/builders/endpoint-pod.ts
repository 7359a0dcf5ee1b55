import { gunzipSync } from 'node:zlib';
import type { Agent, Stack } from '@podtime/aws-endpoint';
import { type Bench, BUCKET, hostId, STACK, startBench, VPC } from '@podtime/aws-endpoint/testing';
import { ssmCommands } from '../../src/aws/commands.ts';
import { eventBridgeEvents } from '../../src/aws/events.ts';
import { s3Files } from '../../src/aws/files.ts';
import { s3Histories } from '../../src/aws/histories.ts';
import { ec2Instances } from '../../src/aws/instances.ts';
import { s3Memories } from '../../src/aws/memories.ts';
import { cloudWatchMetrics } from '../../src/aws/metrics.ts';
import { ssmModes } from '../../src/aws/modes.ts';
import { s3Reports } from '../../src/aws/reports.ts';
import { s3States } from '../../src/aws/states.ts';
import { route53Zone } from '../../src/aws/zone.ts';
import { revisionReader } from '../../src/config/revision.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
import type { Memory } from '../../src/plan/plan.ts';
import type { Report } from '../../src/report/report.ts';
import { joinRemembered } from '../../src/state/remembered.ts';
import { emptyHostMemory, type HostMemory, type State } from '../../src/state/state.ts';
import { type Ticked, type TickOptions, type TickRun, tick } from '../../src/watchdog/tick.ts';
import { leaving, loggedCalls } from './aws-call.ts';
import { BLUE, FLEET } from './endpoint-fleet.ts';
import { ssmClients } from './ssm-clients.ts';

/** What a host prints: a settled daemon, unless told otherwise. */
export interface Printed {
  sources?: string[];
  names?: string[];
  ageSeconds?: number;
  cycled?: string;
  leap?: string;
  offsetMs?: number;
  rootDispersionMs?: number;
  /** Packets that its daemon received, and how many of them it dropped: `1000 0`. */
  served?: string;
  /** Of the file that it runs on; missing: of the fleet's. */
  revision?: string;
}

export interface TestedPod extends Bench {
  run: TickRun;
  pod: Pod;
  /** What the documents other than `collect` were sent, in order. */
  cycled: { instanceId: string; script: string }[];
  addHost(n: number, tier: 'boundary' | 'client', az: string, printed?: Printed, more?: HostMore): Agent;
  mode(mode: string): void;
  /** A tick that asks its hosts: one that gives way has no report. */
  tick(options?: Partial<TickOptions & Pick<TickRun, 'tickId' | 'fleet'>>): Promise<Ticked & { report: Report }>;
  report(): Report | null;
  state(): State | null;
  /** What the stored state and the memory that it names remember. */
  memory(): Memory;
}

export interface HostMore {
  ipv4?: string;
  /** What `collect` prints there, instead of what `printed` makes. */
  prints?: string;
  tags?: Record<string, string>;
  online?: boolean;
  verdict?: string;
  exitCode?: number;
}

/** Stands in the script of `collect`, and in no other. */
export const COLLECT = 'collect-of-the-test';

const document = (line: string, parameters: Record<string, unknown> = {}) => ({
  schemaVersion: '2.2',
  parameters,
  mainSteps: [{ action: 'aws:runShellScript', name: 'speak', inputs: { timeoutSeconds: '60', runCommand: [line] } }],
});
const text = { type: 'String', allowedPattern: '^[^\'"]*$' };

/**
 * A pod behind a real endpoint: the SDK's clients, podtime's adapters, agents that print what a host would. `alarms`: those of
 * CloudWatch.
 */
export async function startPod(alarms: Stack['alarms'] = []): Promise<TestedPod> {
  const bench = await startBench({
    maxAttempts: 3,
    stack: {
      ...STACK,
      alarms,
      documents: {
        'podtime-test-collect': document(COLLECT),
        'podtime-test-cycle': document('{{ Records }} {{ Force }} {{ CoolDownSeconds }} {{ Zone }} {{ Wave }}', {
          Records: text,
          Force: text,
          CoolDownSeconds: text,
          Zone: text,
          Wave: text,
        }),
      },
    },
  });
  const time = { nowMs: () => bench.clock.nowMs(), pause: (ms: number) => bench.clock.advance(ms) };
  const { call } = loggedCalls();
  const cycled: TestedPod['cycled'] = [];
  const stored = <T>(key: string): T | null => {
    const object = bench.endpoint.object(BUCKET, key);
    return object ? (JSON.parse(object.body.toString()) as T) : null;
  };
  const state = () => stored<State>('blue/state.json');
  const run: TickRun = {
    fleet: FLEET,
    pod: BLUE,
    tickId: 'tick-1',
    nowMs: () => bench.clock.nowMs(),
    deadline: leaving(600_000),
    ports: {
      instances: ec2Instances(bench.ec2, call),
      zone: route53Zone(bench.route53, call),
      commands: ssmCommands(
        ssmClients(bench),
        { collect: 'podtime-test-collect', cycle: 'podtime-test-cycle' },
        call,
        time,
      ),
      metrics: cloudWatchMetrics(bench.cloudwatch, call),
      states: s3States(bench.s3, BUCKET, call, () => bench.clock.nowMs()),
      memories: s3Memories(bench.s3, BUCKET, call),
      histories: s3Histories(bench.s3, BUCKET, call),
      reports: s3Reports(bench.s3, BUCKET, call),
      files: s3Files(bench.s3, BUCKET, call),
      modes: ssmModes(bench.ssm, 'test', call),
      events: eventBridgeEvents(bench.eventbridge, call),
    },
  };
  return {
    ...bench,
    run,
    pod: BLUE,
    cycled,
    addHost(n, tier, az, printed = {}, more = {}) {
      const instanceId = hostId(n);
      bench.endpoint.instances.adopt({
        instanceId,
        vpc: VPC,
        az,
        ipv4: more.ipv4 ?? addressOf(n, az),
        tags: { 'ntp-pod': 'blue', 'ntp-tier': tier, ...more.tags },
      });
      const agent: Agent = {
        instanceId,
        online: more.online ?? true,
        run: async (script) => {
          if (script.includes(COLLECT)) return ended(more.prints ?? output(tier, az, printed));
          cycled.push({ instanceId, script: script.trim() });
          return { ...ended(`verdict ${more.verdict ?? 'cycled'}\n`), exitCode: more.exitCode ?? 0 };
        },
      };
      bench.agents.set(instanceId, agent);
      return agent;
    },
    mode: (mode) => bench.endpoint.parameters.put('/podtime/test/blue/mode', mode, { type: 'String', overwrite: true }),
    tick: ({ tickId = run.tickId, fleet = FLEET, ...options } = {}) =>
      tick({ ...run, tickId, fleet }, { dryRun: false, waitSeconds: 20, ...options }) as ReturnType<TestedPod['tick']>,
    report: () => stored<Report>('blue/report.json'),
    state,
    memory: () => {
      const { servers, waves, memory } = state() as State;
      const packed = memory === null ? undefined : bench.endpoint.object(BUCKET, memory)?.body;
      const hosts = packed ? (JSON.parse(gunzipSync(packed).toString()) as HostMemory) : emptyHostMemory('blue');
      return joinRemembered({ servers, waves }, hosts).memory;
    },
  };
}

const ended = (stdout: string) => ({ exitCode: 0, stdout, stderr: '', timedOut: false });

/** `10.0.AZ.n` */
export function addressOf(n: number, az: string): string {
  return `10.0.${az.charCodeAt(az.length - 1) - 96}.${n}`;
}

/** One row of `ntpq -pnw`. */
export function row(
  tally: string,
  remote: string,
  more: { reach?: string; stratum?: number; offset?: string; refid?: string } = {},
): string {
  const { reach = '377', stratum = 3, offset = '0.021', refid = '10.9.9.9' } = more;
  return `${tally}${remote.padEnd(15)} ${refid} ${stratum} u 12 64 ${reach} 0.069 ${offset} 0.018`;
}

const HEADER = '     remote           refid      st t when poll reach   delay   offset  jitter';

/** Of the file that podtime serves. */
const revision = revisionReader(FLEET, BLUE);

function output(tier: 'boundary' | 'client', az: string, printed: Printed): string {
  const names =
    printed.names ??
    (tier === 'client' ? ['ntp.az-a.pod', 'ntp.az-b.pod', 'ntp.az-c.pod'] : ['us-west-2b.stratum-2.invalid']);
  const sources = printed.sources ?? [row('*', '192.0.2.1', { stratum: 2 }), row('+', '192.0.2.2', { stratum: 2 })];
  return [
    'podtime-collect 1',
    'found ntpd 4.2.8p15 service=ntpd file=/etc/ntp.conf',
    `age ${printed.ageSeconds ?? 7200}`,
    `cycled ${printed.cycled ?? '-'}`,
    ...(printed.served === undefined ? [] : [`served ${printed.served}`]),
    `revision ${printed.revision ?? revision({ tier, az }, 'ntpd', '4.2.8p15')}`,
    `names ${names.join(' ')}`,
    'system ntpq',
    `leap=${printed.leap ?? '00'}, stratum=${tier === 'boundary' ? 3 : 4}, refid=192.0.2.1, offset=${printed.offsetMs ?? 0.021}, rootdelay=0.5, rootdisp=${printed.rootDispersionMs ?? 10.2}, sys_jitter=0.018, frequency=1.5`,
    'sources ntpq',
    HEADER,
    ...sources,
    'end',
    '',
  ].join('\n');
}

/** Two confident boundary servers, 11 in us-west-2b and 12 in us-west-2c, published and in sync. */
export async function givenServers(pod: TestedPod): Promise<void> {
  pod.addHost(11, 'boundary', 'us-west-2b');
  pod.addHost(12, 'boundary', 'us-west-2c');
  pod.mode('act');
  await pod.tick();
  await pod.clock.advance(400_000);
  pod.events.length = 0;
}

/** What CloudWatch has of a gauge of the tick itself, at most, over all ticks until now; undefined: nothing. */
export async function gaugeOf(pod: TestedPod, name: string): Promise<number | undefined> {
  await pod.clock.advance(10_000);
  return pod.endpoint.metrics().find((metric) => metric.name === name)?.maximum;
}
