import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Agent, readStack, type Stack } from '@podtime/aws-endpoint';
import { alarmRules } from '../../infra/monitoring/alarm-rules.ts';
import {
  addressOf,
  COLLECT,
  type HostMore,
  type Printed,
  row,
  startPod,
  type TestedPod,
} from '../builders/endpoint-pod.ts';
import { POD } from '../builders/judgements.ts';
import { packagedForProduction } from '../builders/packaged-service.ts';

// The alarms of the packaged template, evaluated by the endpoint on what real ticks publish; the clock is stepped.
const [A, B, C] = ['us-west-2a', 'us-west-2b', 'us-west-2c'];
const [SERVER_B, SERVER_C] = [addressOf(11, B), addressOf(12, C)];
const MINUTE_MS = 60_000;

let alarms: Stack['alarms'];
beforeAll(async () => {
  const template = await packagedForProduction();
  const stack = readStack(
    { Resources: { ...template.resources } },
    { region: 'us-west-2', accountId: '123456789012', stackName: 'podtime-prod' },
  );
  alarms = stack.alarms.filter(({ name }) => name === 'podtime-prod-blue' || name.startsWith('podtime-prod-blue-'));
});

let pod: TestedPod;
/** What each host prints; a test changes it. */
let printed: Map<number, Printed>;
let more: Map<number, HostMore>;
let agents: Map<number, Agent>;
beforeEach(async () => {
  pod = await startPod(alarms);
  printed = new Map();
  more = new Map();
  agents = new Map();
  const add = (n: number, tier: 'boundary' | 'client', az: string, what: Printed) => {
    const special: HostMore = {};
    printed.set(n, what);
    more.set(n, special);
    agents.set(n, pod.addHost(n, tier, az, what, special));
  };
  add(11, 'boundary', B, { sources: upstreams() });
  add(12, 'boundary', C, { sources: upstreams() });
  for (const n of [21, 22, 23, 24]) add(n, 'client', A, settled());
  pod.mode('act');
});
afterEach(() => pod.close());

/** Three that follow three clocks. */
const upstreams = () =>
  ['1', '2', '3'].map((n) => row(n === '1' ? '*' : '+', `192.0.2.${n}`, { stratum: 2, refid: `198.51.100.${n}` }));
const settled = (): Printed => ({ sources: [row('*', SERVER_B), row('+', SERVER_C)] });

/** The same rows as a daemon shows them that has heard nobody for so long that it selects none. */
const unheard = ({ sources = [] }: Printed): Printed => ({
  sources: sources.map((each) => ` ${each.slice(1).replace(' 377 ', ' 0 ')}`),
});

/** So many ticks, one every interval of five minutes. */
async function ticks(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await pod.tick();
    await pod.clock.advance(5 * MINUTE_MS);
  }
}

/** Of all alarms of the pod, those in ALARM, without the common part of their names. */
function raised(): string[] {
  const inAlarm = pod.endpoint.alarms().filter(({ state }) => state === 'ALARM');
  return inAlarm.map(({ name }) => name.replace(/^podtime-prod-blue-?/, '') || 'the pod');
}
const reasonOf = (key: string) => pod.endpoint.alarms().find(({ name }) => name === `podtime-prod-blue-${key}`)?.reason;

describe('a pod in which all is well', () => {
  it('raises nothing, and has an answer to everything', async () => {
    await ticks(4);
    const states = pod.endpoint.alarms().map(({ name, state }) => [name, state]);
    expect(states).toEqual(alarms.map(({ name }) => [name, 'OK']).toSorted());
    expect(states).toHaveLength(1 + alarmRules(POD).length);
  });
});

describe('an alarm of the packaged template', () => {
  interface Case {
    break_: () => void;
    mend: () => void;
    raises: string[];
    reason: RegExp;
  }
  const printedBy = (n: number) => printed.get(n) as Printed;
  const cases: Record<string, Case> = {
    'a clock that drifts': {
      break_: () => Object.assign(printedBy(21), { offsetMs: 80 }),
      mend: () => Object.assign(printedBy(21), { offsetMs: 0.02 }),
      raises: ['client-adrift'],
      reason: /^\[1 \(\d\d:\d\d:\d\d\), 1 .*were greater than or equal to 1 \(2 of 3 raise it\)$/,
    },
    "a boundary server that drifts from AWS's clock": {
      break_: () => {
        printedBy(11).sources = [
          ...upstreams(),
          row('x', '169.254.169.123', { stratum: 1, offset: '80.5', refid: '.AMZN.' }),
        ];
      },
      mend: () => {
        printedBy(11).sources = upstreams();
      },
      raises: ['boundary-adrift-from-time-service', 'boundary-adrift'],
      reason: /^\[1 /,
    },
    'a daemon that is dead': {
      break_: () => Object.assign(more.get(22) as HostMore, { prints: 'podtime-collect 1\nfound none\nend\n' }),
      mend: () => delete more.get(22)?.prints,
      raises: ['client-unsynchronised'],
      reason: /^\[1 /,
    },
    'agents that are dead': {
      break_: () => Object.assign(agents.get(23) as object, { online: false }),
      mend: () => Object.assign(agents.get(23) as object, { online: true }),
      raises: ['client-coverage'],
      reason: /^\[75 \(.*\), 75 \(.*were less than 90 \(2 of 3 raise it\)$/,
    },
    'reach lost to a server': {
      break_: () => {
        for (const n of [21, 22]) printedBy(n).sources = [row('*', SERVER_B), row('+', SERVER_C, { reach: '360' })];
      },
      mend: () => {
        for (const n of [21, 22]) Object.assign(printedBy(n), settled());
      },
      raises: ['client-low-reach'],
      reason: /^\[50 \(.*were greater than 20 \(2 of 3 raise it\)$/,
    },
    'boundary servers of which none is confident': {
      break_: () => {
        for (const n of [11, 12]) printedBy(n).sources = [row('*', '192.0.2.1', { stratum: 2, reach: '1' })];
      },
      mend: () => {
        for (const n of [11, 12]) printedBy(n).sources = upstreams();
      },
      raises: ['boundary-below-floor', 'boundary-low-reach', 'boundary-lies-left'],
      reason: /./,
    },
    'a client that is unsure': {
      break_: () => Object.assign(printedBy(21), { rootDispersionMs: 250 }),
      mend: () => Object.assign(printedBy(21), { rootDispersionMs: 10.2 }),
      raises: ['client-uncertain'],
      reason: /^\[1 /,
    },
    'a boundary server that is unsure': {
      break_: () => Object.assign(printedBy(11), { rootDispersionMs: 250 }),
      mend: () => Object.assign(printedBy(11), { rootDispersionMs: 10.2 }),
      raises: ['boundary-uncertain'],
      reason: /^\[1 /,
    },
    'clients that hear nobody': {
      break_: () => {
        for (const each of [printedBy(21), printedBy(22)]) Object.assign(each, unheard(settled()));
      },
      mend: () => {
        for (const each of [printedBy(21), printedBy(22)]) Object.assign(each, settled());
      },
      raises: ['client-holdover', 'client-low-reach'],
      reason: /^\[2 /,
    },
    'boundary servers that hear nobody': {
      break_: () => {
        for (const n of [11, 12]) Object.assign(printedBy(n), unheard({ sources: upstreams() }));
      },
      mend: () => {
        for (const n of [11, 12]) printedBy(n).sources = upstreams();
      },
      raises: ['boundary-holdover', 'boundary-below-floor', 'boundary-low-reach', 'boundary-lies-left'],
      reason: /^\[2 /,
    },
    'a boundary server that has two clocks left': {
      break_: () => {
        printedBy(12).sources = upstreams().slice(0, 2);
      },
      mend: () => {
        printedBy(12).sources = upstreams();
      },
      raises: ['boundary-lies-left'],
      reason: /^\[0 \(.*were less than 1 \(2 of 3 raise it\)$/,
    },
    'an upstream that both boundary servers see apart': {
      break_: () => {
        const liar = row('x', '192.0.2.4', { stratum: 2, offset: '30.5', refid: '198.51.100.4' });
        for (const n of [11, 12]) printedBy(n).sources = [...upstreams(), liar];
      },
      mend: () => {
        for (const n of [11, 12]) printedBy(n).sources = upstreams();
      },
      raises: ['watchdog-upstream-contradicted'],
      reason: /^\[1 /,
    },
    'a boundary server that its clients contradict': {
      break_: () => {
        const liar = row('x', SERVER_C, { offset: '12.5' });
        const others = [row('*', SERVER_B), row('+', '169.254.169.123', { stratum: 1, refid: '.AMZN.' })];
        for (const n of [21, 22, 23]) printedBy(n).sources = [...others, liar];
      },
      mend: () => {
        for (const n of [21, 22, 23]) Object.assign(printedBy(n), settled());
      },
      raises: ['boundary-contradicted'],
      reason: /^\[1 /,
    },
  };

  it.each(Object.entries(cases))(
    'is raised by %s, and OK again when it is mended',
    async (_, { break_, mend, raises, reason }) => {
      await ticks(3);
      break_();
      await ticks(1);
      expect(raised()).toEqual([]);
      await ticks(2);
      expect(raised().toSorted()).toEqual(['the pod', ...raises].toSorted());
      expect(reasonOf(raises[0] as string)).toMatch(reason);
      mend();
      await ticks(3);
      expect(raised()).toEqual([]);
      const news = pod.events.flatMap((event) => (event.kind === 'alarm state' ? [event] : []));
      for (const key of raises) {
        const changes = news.filter(
          ({ alarm, was, state }) => alarm === `podtime-prod-blue-${key}` && (was === 'ALARM' || state === 'ALARM'),
        );
        expect(changes.map(({ state }) => state)).toEqual(['ALARM', 'OK']);
      }
    },
  );

  it('is not raised by a single bad tick', async () => {
    await ticks(3);
    Object.assign(printedBy(21), { offsetMs: 80 });
    await ticks(1);
    Object.assign(printedBy(21), { offsetMs: 0.02 });
    await ticks(3);
    expect(pod.events.filter((event) => event.kind === 'alarm state' && event.state === 'ALARM')).toEqual([]);
  });
});

describe('silence', () => {
  it('of the watchdog raises its alarm, and leaves the others as they stand', async () => {
    Object.assign(printed.get(21) as Printed, { offsetMs: 80 });
    await ticks(4);
    expect(raised().toSorted()).toEqual(['client-adrift', 'the pod']);
    await pod.clock.advance(4 * MINUTE_MS);
    expect(raised().toSorted()).toEqual(['client-adrift', 'the pod']);
    // the last tick was 9 minutes ago: two intervals, and what a period that has begun takes
    await pod.clock.advance(4 * MINUTE_MS);
    expect(raised().toSorted()).toEqual(['client-adrift', 'the pod', 'watchdog-silent']);
    expect(reasonOf('watchdog-silent')).toMatch(/missing|no datapoints/);
    Object.assign(printed.get(21) as Printed, { offsetMs: 0.02 });
    await ticks(4);
    expect(raised()).toEqual([]);
  });

  it('of one late tick does not', async () => {
    await ticks(4);
    await pod.clock.advance(4 * MINUTE_MS);
    await ticks(2);
    expect(raised()).toEqual([]);
  });
});

describe('cycling that does not heal', () => {
  const leftBehind = { sources: [row('*', SERVER_B), row(' ', '10.0.2.99', { reach: '0' })] };

  it('raises a roll-out that stopped, and in an hour the stale hosts', async () => {
    await ticks(3);
    // one that fails is left out; the second stops the roll-out
    for (const n of [23, 24]) {
      Object.assign(printed.get(n) as Printed, leftBehind);
      Object.assign(more.get(n) as HostMore, { verdict: 'failed', exitCode: 1 });
    }
    await ticks(6);
    expect(raised()).toContain('client-roll-out-stopped');
    expect(raised()).not.toContain('client-stale');
    await ticks(9);
    expect(raised()).toContain('client-stale');
    expect(reasonOf('client-stale')).toMatch(/\(12 of 12 raise it\)$/);
    for (const n of [23, 24]) Object.assign(printed.get(n) as Printed, settled());
    await ticks(2);
    expect(raised()).not.toContain('client-stale');
  });

  it('raises the hosts that are given up', async () => {
    await ticks(3);
    const agent = agents.get(24) as Agent;
    const { run } = agent;
    let cycledAtMs: number | null = null;
    const sinceCycled = () => (cycledAtMs === null ? null : Math.round((pod.clock.nowMs() - cycledAtMs) / 1000));
    agent.run = (script, timeoutSeconds) => {
      if (!script.includes(COLLECT)) cycledAtMs = pod.clock.nowMs();
      return run(script, timeoutSeconds);
    };
    // each cycle restarts the daemon, as the host tells, and heals nothing
    Object.defineProperties(printed.get(24), {
      sources: { value: leftBehind.sources },
      ageSeconds: { get: () => sinceCycled() ?? 7200 },
      cycled: { get: () => String(sinceCycled() ?? '-') },
    });
    await ticks(14);
    expect(pod.cycled).toHaveLength(3);
    expect(raised()).toContain('client-given-up');
  });
});
