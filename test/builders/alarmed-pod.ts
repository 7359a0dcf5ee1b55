import { type Agent, readStack, type Stack } from '@podtime/aws-endpoint';
import { addressOf, type HostMore, type Printed, row, startPod, type TestedPod } from './endpoint-pod.ts';
import { packagedForProduction } from './packaged-service.ts';

const [A, B, C] = ['us-west-2a', 'us-west-2b', 'us-west-2c'];
export const [SERVER_B, SERVER_C] = [addressOf(11, B), addressOf(12, C)];
const TIER = { 11: 'boundary', 12: 'boundary' } as Record<number, 'boundary'>;
const PREFIX = 'podtime-prod-blue';
const MINUTE_MS = 60_000;
/** One interval of pod blue. */
export const INTERVAL_MS = 5 * MINUTE_MS;

/** Those of pod blue in the packaged template. */
export async function packagedAlarms(): Promise<Stack['alarms']> {
  return alarmsIn((await packagedForProduction()).resources);
}

/** Those of pod blue in the resources of a template. */
export function alarmsIn(resources: Record<string, unknown>): Stack['alarms'] {
  const stack = readStack(
    { Resources: { ...resources } },
    { region: 'us-west-2', accountId: '123456789012', stackName: 'podtime-prod' },
  );
  return stack.alarms.filter(({ name }) => name === PREFIX || name.startsWith(`${PREFIX}-`));
}

/** Three that follow three clocks. */
export const upstreams = () =>
  ['1', '2', '3'].map((n) => row(n === '1' ? '*' : '+', `192.0.2.${n}`, { stratum: 2, refid: `198.51.100.${n}` }));
export const settled = (): Printed => ({ sources: [row('*', SERVER_B), row('+', SERVER_C)] });

/** The same rows as a daemon shows them that has heard nobody for so long that it selects none. */
export const unheard = ({ sources = [] }: Printed): Printed => ({
  sources: sources.map((each) => ` ${each.slice(1).replace(' 377 ', ' 0 ')}`),
});

/** What hosts 11 and 12 (boundary) and 21 to 24 (clients) print, and the alarms that follow from it; the clock is stepped. */
export class AlarmedPod {
  /** Runs before each tick. */
  beforeTick: () => Promise<void> | void = () => {};

  private constructor(
    readonly pod: TestedPod,
    private readonly hosts: ReadonlyMap<number, { printed: Printed; more: HostMore; agent: Agent }>,
  ) {}

  static async start(alarms: Stack['alarms']): Promise<AlarmedPod> {
    const pod = await startPod(alarms);
    const hosts = [11, 12, 21, 22, 23, 24].map((n) => {
      const tier = TIER[n] ?? 'client';
      const printed = tier === 'boundary' ? { sources: upstreams() } : settled();
      const more: HostMore = {};
      const az = n === 11 ? B : n === 12 ? C : A;
      return [n, { printed, more, agent: pod.addHost(n, tier, az, printed, more) }] as const;
    });
    pod.mode('act');
    return new AlarmedPod(pod, new Map(hosts));
  }

  /** What the host prints; a test changes it. */
  printed(n: number): Printed {
    return this.host(n).printed;
  }

  more(n: number): HostMore {
    return this.host(n).more;
  }

  /** Its agent; a test may end it. */
  agent(n: number): { -readonly [K in keyof Agent]: Agent[K] } {
    return this.host(n).agent;
  }

  /** So many ticks, one every interval of five minutes. */
  async ticks(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      await this.beforeTick();
      await this.pod.tick();
      await this.pod.clock.advance(INTERVAL_MS);
    }
  }

  /** Of all alarms of the pod, those in ALARM, without the common part of their names. */
  raised(): string[] {
    const inAlarm = this.pod.endpoint.alarms().filter(({ state }) => state === 'ALARM');
    return inAlarm.map(({ name }) => keyOf(name));
  }

  reasonOf(key: string): string | undefined {
    return this.pod.endpoint.alarms().find(({ name }) => name === `${PREFIX}-${key}`)?.reason;
  }

  /** States that the alarm went into, leaving `OK` or coming from `ALARM`. */
  changesOf(key: string): string[] {
    return this.news(key)
      .filter(({ was, state }) => was === 'ALARM' || state === 'ALARM')
      .map(({ state }) => state);
  }

  /** The alarms that were in ALARM and are OK since. */
  drivenToAlarmAndBack(): string[] {
    const keys = this.pod.endpoint.alarms().map(({ name }) => keyOf(name));
    return keys.filter((key) => this.news(key).some(({ was, state }) => was === 'ALARM' && state === 'OK'));
  }

  private news(key: string) {
    return this.pod.events
      .flatMap((event) => (event.kind === 'alarm state' ? [event] : []))
      .filter(({ alarm }) => keyOf(alarm) === key);
  }

  private host(n: number) {
    const found = this.hosts.get(n);
    if (!found) throw new Error(`there is no host ${n}`);
    return found;
  }
}

function keyOf(alarm: string): string {
  return alarm.slice(PREFIX.length + 1) || 'the pod';
}
