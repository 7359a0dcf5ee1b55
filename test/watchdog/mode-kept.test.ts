import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { type Mode, plan, rememberSent } from '../../src/plan/plan.ts';
import { plannedReport } from '../../src/report/compose.ts';
import { sentencesOf } from '../../src/report/sentences.ts';
import type { Waves } from '../../src/state/state.ts';
import { sendNextWave } from '../../src/watchdog/next-wave.ts';
import type { Commands, Modes } from '../../src/watchdog/ports.ts';
import { apply } from '../../src/watchdog/repair.ts';
import { scheduledTickDue } from '../../src/watchdog/schedule.ts';
import type { TickRun } from '../../src/watchdog/tick.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { addressOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';
import { MemoryBucket } from '../builders/memory-bucket.ts';
import { HOUR, MINUTE, memory, NOW, SECOND } from '../builders/plan-input.ts';
import { OVER } from '../builders/roll-outs.ts';
import { policy, staleClients } from '../builders/stale-clients.ts';

const UNREAD = 'The parameters could not be read; podtime observes pod blue and changes nothing.';

/** The `nth` time that the mode is read it is `answer`, or cannot be read. */
const modesThat = (
  nth: number,
  answer: Mode | null,
  read: Modes['read'] = async () => ({ mode: 'act', fault: null, unread: null }),
) => {
  const counted = { reads: 0 };
  const modes: Modes = {
    read: async (name) => {
      counted.reads += 1;
      if (counted.reads !== nth) return read(name);
      if (answer !== null) return { mode: answer, fault: null, unread: null };
      return { mode: 'observe', fault: UNREAD, unread: new Error('no answer') };
    },
  };
  return { modes, counted };
};

describe('a tick before whose changes the mode', () => {
  let pod: TestedPod;
  beforeEach(async () => {
    pod = await startPod();
    await givenServers(pod);
  });
  afterEach(() => pod.close());

  const isDueNextMinute = async () => {
    await pod.clock.advance(MINUTE);
    const { states } = pod.run.ports;
    return (await scheduledTickDue({ states, pod: pod.pod, nowMs: pod.run.nowMs, pause: async () => {} }, 0)).due;
  };

  it.each<[string, Mode | null]>([
    ['could not be read', null],
    ['changed', 'hold'],
  ])('%s leaves its records to the next minute', async (_, answer) => {
    await pod.tick({ tickId: 'tick-0' });
    pod.addHost(13, 'boundary', 'us-west-2a');
    const { modes } = pod.run.ports;
    pod.run.ports.modes = modesThat(2, answer, modes.read).modes;
    const { report } = await pod.tick();
    expect(report.changes.map(({ outcome }) => outcome)).toEqual(['not done']);
    expect(await isDueNextMinute()).toBe(true);
    const next = await pod.tick({ tickId: 'tick-2' });
    expect(next.report.changes.map(({ outcome }) => outcome)).toEqual(['done']);
    expect(await isDueNextMinute()).toBe(false);
  });

  it('changed does not say that it cycles now whom it leaves', async () => {
    const stale = { sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99', { reach: '0' })] };
    for (const n of [22, 23, 24, 25]) pod.addHost(n, 'client', 'us-west-2a', stale);
    pod.run.ports.modes = modesThat(2, 'hold', pod.run.ports.modes.read).modes;
    const { report } = await pod.tick();
    expect(report.cycles.map(({ outcome }) => outcome)).toEqual(['not done']);
    expect(sentencesOf(report).filter((sentence) => sentence.includes('cycled now'))).toEqual([
      expect.stringMatching(/^1 of 4 stale clients is to be cycled now \(/),
    ]);
  });
});

describe('while the commands of a wave go out', () => {
  const POLICY = policy({ waveShare: 0.5, maxConcurrencyShare: 0.1, maxErrorShare: 0.2 });
  const SEEN = staleClients(240, {
    pod: POLICY,
    memory: memory({ rollOuts: { client: { ...OVER, startedAtMs: NOW - HOUR } } }),
  });
  /** 120 hosts in three commands; as many are left for the next wave. */
  const WAVE = plan(SEEN);

  /** Each command takes SSM so many seconds; the `nth` time that the mode is read it is `answer`. */
  function runOf(secondsPerCommand: number, nth: number, answer: Mode | null) {
    let nowMs = NOW + MINUTE;
    const { modes, counted } = modesThat(nth, answer);
    const bucket = new MemoryBucket(POLICY.name);
    const sent: number[] = [];
    const commands: Pick<Commands, 'cycle' | 'progress'> = {
      cycle: async (_, { waveId, instanceIds }) => {
        nowMs += secondsPerCommand * SECOND;
        sent.push(instanceIds.length);
        return { commands: [{ commandId: `${waveId}.${sent.length}`, instanceIds }], refused: [], unsure: [] };
      },
      progress: async () => {
        const ids = WAVE.cycles.flatMap(({ instanceIds }) => instanceIds);
        const outcomes = ids.map((instanceId) => ({ instanceId, kind: 'cycled' as const, reason: '', why: '' }));
        return { ended: true, isWhole: true, failed: 0, outcomes };
      },
    };
    const ports = {
      ...bucket,
      modes,
      commands,
      zone: { records: async () => SEEN.records },
      instances: { heldOf: async () => ({ held: [], unsaid: [], faults: [] }) },
    };
    const run = {
      ports,
      fleet: { pods: [POLICY], ssm: { readsPerSecond: null } } as unknown as Fleet,
      pod: POLICY,
      nowMs: () => nowMs,
      deadline: { leftMs: () => 10 * MINUTE },
      tickId: 'run-1',
    } as unknown as TickRun;
    return { run, bucket, sent, counted };
  }

  describe('a tick', () => {
    const applied = async (...given: Parameters<typeof runOf>) => {
      const { run, sent, counted } = runOf(...given);
      const report = { ...emptyReport(POLICY.name), ...plannedReport(WAVE) };
      const done = await apply(run, { changing: null, mode: 'act' }, WAVE, report, []);
      const outcomes = done.report.cycles.map(({ outcome }) => outcome);
      return { ...done, sent, outcomes, faults: done.report.faults, reads: counted.reads };
    };

    it('hears an operator who says hold: no further command is sent, and the next minute’s run does a tick', async () => {
      const { sent, outcomes, faults, unfinished, memory: after } = await applied(5, 2, 'hold');
      expect([sent, outcomes]).toEqual([[50], ['sent', 'not done', 'not done']]);
      expect(faults).toEqual(['The mode of pod blue went from act to hold. The rest of the tick is left undone.']);
      expect([WAVE.unfinished, unfinished]).toEqual([false, true]);
      // who was not asked is nobody's cool-down
      expect(Object.values(after.cycles).filter((times) => times.length > 0)).toHaveLength(50);
      expect(after.rollOuts.client?.commands).toHaveLength(1);
    });

    it('sends no further command where the mode cannot be read, and says so', async () => {
      const { sent, faults, unfinished } = await applied(5, 3, null);
      expect([sent, faults, unfinished]).toEqual([[50, 50], [`${UNREAD} The rest of the tick is left undone.`], true]);
    });

    it.each([
      // each of the three commands, reads
      [1, 1],
      [2.5, 2],
      [5, 3],
      [60, 3],
    ])(
      'that takes %d s a command reads the mode %i times: each answer counts for five seconds',
      async (seconds, reads) => {
        const made = await applied(seconds, 0, 'hold');
        expect([made.sent.length, made.reads, made.unfinished]).toEqual([3, reads, false]);
      },
    );
  });

  describe('a short run', () => {
    const sendsNext = async (...given: Parameters<typeof runOf>) => {
      const { run, bucket, sent } = runOf(...given);
      const commands = WAVE.cycles.map(({ tier, instanceIds }, index) => {
        return { tier, commands: [{ commandId: `c-${index}`, instanceIds }] };
      });
      const last = { tickId: 'tick-1', startedAtMs: NOW, endedAtMs: NOW };
      const stored = rememberSent(WAVE.memory, WAVE.cycles, commands);
      await bucket.store({ memory: stored, last, dueAtMs: NOW + 5 * MINUTE });
      const { state } = await bucket.states.read();
      const { sentences } = await sendNextWave(run, state.waves.client as Waves, true);
      return { sent, sentences, after: bucket.remembered().memory };
    };

    it('hears an operator who says hold: no further command is sent', async () => {
      const { sent, sentences, after } = await sendsNext(5, 3, 'hold');
      expect(sent).toEqual([50]);
      expect(sentences).toContain('The mode of pod blue went from act to hold. The rest of the wave is not sent.');
      expect(sentences.filter((sentence) => sentence.endsWith(': not done.'))).toHaveLength(1);
      expect(after.rollOuts.client?.commands).toHaveLength(1);
      expect(Object.values(after.cycles).filter((times) => times.includes(NOW + MINUTE))).toHaveLength(50);
    });

    it('sends the whole wave where the mode stays', async () => {
      expect((await sendsNext(5, 0, 'hold')).sent).toEqual([50, 50, 20]);
    });
  });
});
