import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Stack } from '@podtime/aws-endpoint';
import { hostId } from '@podtime/aws-endpoint/testing';
import { alarmRules } from '../../infra/monitoring/alarm-rules.ts';
import { NO_TOPICS, podAlarms } from '../../infra/monitoring/alarms.ts';
import { cycleOnDemand } from '../../src/watchdog/tick.ts';
import { AlarmedPod, alarmsIn, packagedAlarms, SERVER_B, settled, upstreams } from '../builders/alarmed-pod.ts';
import { COLLECT, row } from '../builders/endpoint-pod.ts';
import { POD } from '../builders/judgements.ts';
import { ALARM_CASES } from './alarm-cases.ts';

// The alarms of the packaged template, evaluated by the endpoint on what real ticks publish; the clock is stepped.
const MINUTE_MS = 60_000;

let alarms: Stack['alarms'];
beforeAll(async () => {
  alarms = await packagedAlarms();
});

let alarmed: AlarmedPod;
/** Over all tests of this file. */
const drivenThereAndBack = new Set<string>();
beforeEach(async () => {
  alarmed = await AlarmedPod.start(alarms);
});
afterEach(async () => {
  for (const key of alarmed.drivenToAlarmAndBack()) drivenThereAndBack.add(key);
  await alarmed.pod.close();
});

describe('a pod in which all is well', () => {
  it('raises nothing, and has an answer to everything', async () => {
    await alarmed.ticks(4);
    const states = alarmed.pod.endpoint.alarms().map(({ name, state }) => [name, state]);
    expect(states).toEqual(alarms.map(({ name }) => [name, 'OK']).toSorted());
    expect(states).toHaveLength(1 + alarmRules(POD).length);
  });
});

describe('an alarm of the packaged template', () => {
  it.each(Object.entries(ALARM_CASES))(
    'is raised by %s, and OK again when it is mended',
    async (_, { break_, mend, raises, reason }) => {
      await alarmed.ticks(3);
      break_(alarmed);
      await alarmed.ticks(1);
      expect(alarmed.raised()).toEqual([]);
      await alarmed.ticks(2);
      expect(alarmed.raised().toSorted()).toEqual(['the pod', ...raises].toSorted());
      expect(alarmed.reasonOf(raises[0] as string)).toMatch(reason);
      mend(alarmed);
      await alarmed.ticks(3);
      expect(alarmed.raised()).toEqual([]);
      for (const key of raises) expect(alarmed.changesOf(key)).toEqual(['ALARM', 'OK']);
    },
  );

  it('is not raised by a single bad tick', async () => {
    await alarmed.ticks(3);
    Object.assign(alarmed.printed(21), { offsetMs: 80 });
    await alarmed.ticks(1);
    Object.assign(alarmed.printed(21), { offsetMs: 0.02 });
    await alarmed.ticks(3);
    expect(alarmed.pod.events.filter((event) => event.kind === 'alarm state' && event.state === 'ALARM')).toEqual([]);
  });
});

describe('silence', () => {
  it('of the watchdog raises its alarm, and leaves the others as they stand', async () => {
    Object.assign(alarmed.printed(21), { offsetMs: 80 });
    await alarmed.ticks(4);
    expect(alarmed.raised().toSorted()).toEqual(['client-adrift', 'the pod']);
    await alarmed.pod.clock.advance(4 * MINUTE_MS);
    expect(alarmed.raised().toSorted()).toEqual(['client-adrift', 'the pod']);
    // the last tick was 9 minutes ago: two intervals, and what a period that has begun takes
    await alarmed.pod.clock.advance(4 * MINUTE_MS);
    expect(alarmed.raised().toSorted()).toEqual(['client-adrift', 'the pod', 'watchdog-silent']);
    expect(alarmed.reasonOf('watchdog-silent')).toMatch(/missing|no datapoints/);
    Object.assign(alarmed.printed(21), { offsetMs: 0.02 });
    await alarmed.ticks(4);
    expect(alarmed.raised()).toEqual([]);
  });

  it('of one late tick does not', async () => {
    await alarmed.ticks(4);
    await alarmed.pod.clock.advance(4 * MINUTE_MS);
    await alarmed.ticks(2);
    expect(alarmed.raised()).toEqual([]);
  });
});

describe('cycling that does not heal', () => {
  const leftBehind = { sources: [row('*', SERVER_B), row(' ', '10.0.2.99', { reach: '0' })] };

  it('raises a roll-out that stopped, and in an hour the stale hosts', async () => {
    await alarmed.ticks(3);
    // one that fails is left out; the second stops the roll-out
    for (const n of [23, 24]) {
      Object.assign(alarmed.printed(n), leftBehind);
      Object.assign(alarmed.more(n), { verdict: 'failed', exitCode: 1 });
    }
    await alarmed.ticks(6);
    expect(alarmed.raised()).toContain('client-roll-out-stopped');
    expect(alarmed.raised()).not.toContain('client-stale');
    await alarmed.ticks(9);
    expect(alarmed.raised()).toContain('client-stale');
    expect(alarmed.reasonOf('client-stale')).toMatch(/\(12 of 12 raise it\)$/);
    for (const n of [23, 24]) Object.assign(alarmed.printed(n), settled());
    await alarmed.ticks(2);
    expect(alarmed.raised()).not.toContain('client-stale');
    expect(alarmed.raised()).toContain('client-roll-out-stopped');
    // it stands until somebody has looked: DNS or the mode changes
    alarmed.pod.mode('hold');
    await alarmed.ticks(1);
    alarmed.pod.mode('act');
    await alarmed.ticks(2);
    expect(alarmed.raised()).toEqual([]);
  });

  it('raises a roll-out of boundary servers that stopped', async () => {
    const cycle = (n: number) =>
      cycleOnDemand(
        alarmed.pod.run,
        { dryRun: false, waitSeconds: 20 },
        { tier: 'boundary', az: null, instanceIds: [hostId(n)], force: true },
      );
    await alarmed.ticks(3);
    for (const n of [11, 12]) {
      Object.assign(alarmed.more(n), { verdict: 'failed', exitCode: 1 });
      await cycle(n);
      await alarmed.ticks(1);
    }
    expect(alarmed.pod.cycled.map(({ instanceId }) => instanceId)).toEqual([hostId(11), hostId(12)]);
    await alarmed.ticks(2);
    expect(alarmed.raised()).toEqual(['the pod', 'boundary-roll-out-stopped']);
    alarmed.pod.mode('hold');
    await alarmed.ticks(1);
    alarmed.pod.mode('act');
    await alarmed.ticks(2);
    expect(alarmed.raised()).toEqual([]);
  });

  it('raises the hosts that are given up', async () => {
    await alarmed.ticks(3);
    const agent = alarmed.agent(24);
    const { run } = agent;
    let cycledAtMs: number | null = null;
    const sinceCycled = () =>
      cycledAtMs === null ? null : Math.round((alarmed.pod.clock.nowMs() - cycledAtMs) / 1000);
    agent.run = (script, timeoutSeconds) => {
      if (!script.includes(COLLECT)) cycledAtMs = alarmed.pod.clock.nowMs();
      return run(script, timeoutSeconds);
    };
    // each cycle restarts the daemon, as the host tells, and heals nothing
    Object.defineProperties(alarmed.printed(24), {
      sources: { value: leftBehind.sources, configurable: true },
      ageSeconds: { get: () => sinceCycled() ?? 7200 },
      cycled: { get: () => String(sinceCycled() ?? '-') },
    });
    await alarmed.ticks(14);
    expect(alarmed.pod.cycled).toHaveLength(3);
    expect(alarmed.raised()).toContain('client-given-up');
    Object.defineProperties(alarmed.printed(24), { sources: { value: settled().sources } });
    await alarmed.ticks(3);
    expect(alarmed.raised()).toEqual([]);
  });
});

describe('an alarm that a pod has by its settings alone', () => {
  it('tells that a boundary server cannot lose a source, where votes are no matter', async () => {
    const pod = { ...POD, alarms: { ...POD.alarms, liesLeft: 0 } };
    const blue = await AlarmedPod.start(alarmsIn(podAlarms('prod', [pod], NO_TOPICS)));
    try {
      await blue.ticks(3);
      blue.printed(12).sources = upstreams().slice(0, 2);
      await blue.ticks(3);
      expect(blue.raised()).toEqual(['the pod', 'boundary-losses-left']);
      expect(blue.reasonOf('boundary-losses-left')).toMatch(/^\[0 \(.*were less than 1 \(2 of 3 raise it\)$/);
      blue.printed(12).sources = upstreams();
      await blue.ticks(3);
      expect(blue.raised()).toEqual([]);
      expect(blue.changesOf('boundary-losses-left')).toEqual(['ALARM', 'OK']);
    } finally {
      await blue.pod.close();
    }
  });
});

describe('the tests above', () => {
  it('drive every alarm of a pod to ALARM and back', () => {
    const all = ['the pod', ...alarmRules(POD).map(({ key }) => key)];
    expect([...drivenThereAndBack].toSorted()).toEqual(all.toSorted());
  });
});
