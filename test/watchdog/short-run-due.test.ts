import { describe, expect, it } from '@jest/globals';
import type { Due } from '../../src/watchdog/schedule.ts';
import { scheduledRun as deployedRun } from '../../src/watchdog/scheduled-run.ts';
import { shortRun as wholeShortRun } from '../../src/watchdog/short-run.ts';
import type { TestedPod } from '../builders/endpoint-pod.ts';
import { podWithShortRuns, staleIds } from '../builders/short-runs.ts';

let pod: TestedPod;
const { addManyStale, shortRunOf, due, shortRun, nextMinute, scheduledRun, minutes, cycledIds } = podWithShortRuns(
  (started) => {
    pod = started;
  },
);

describe('a short run near the next tick', () => {
  const dueIn = async (seconds: number) => {
    const { states } = pod.run.ports;
    const read = await states.read('blue');
    await states.write({ ...read.state, dueAtMs: pod.clock.nowMs() + seconds * 1000 }, read.etag);
  };

  /** A short run while which, at its first command, a tick comes due; and what a scheduled run finds then. */
  const dueWhileSending = () => {
    const { commands } = pod.run.ports;
    let turnedAway: Due | null = null;
    const cycle: typeof commands.cycle = async (...given) => {
      if (turnedAway === null) {
        await dueIn(0);
        turnedAway = await due();
      }
      return commands.cycle(...given);
    };
    const run = shortRunOf({ ports: { ...pod.run.ports, commands: { ...commands, cycle } } });
    return { run, turnedAway: () => turnedAway };
  };

  it('begins no wave where a tick is due', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const turn = await due();
    await dueIn(0);
    const { sentences, next } = await wholeShortRun(shortRunOf(), turn);
    expect([sentences, next, cycledIds().length]).toEqual([[turn.sentence], null, 3]);
  });

  it('that sends a wave while a tick comes due does that tick, for the run that came for it found the turn taken', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const { run, turnedAway } = dueWhileSending();
    const { sentences, next } = await wholeShortRun(run, await due());
    expect(turnedAway()).toMatchObject({ due: false, sentence: expect.stringContaining('is under way') });
    expect(sentences.filter((sentence) => sentence.startsWith('Cycle '))).toHaveLength(1);
    expect(next).toMatchObject({ tickId: expect.stringMatching(/^short-2-\d$/), read: { state: { claim: null } } });
    expect((await due()).due).toBe(true);
  });

  it('begins no wave where a tick is due in a moment, and there is no time for both', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const turn = await due();
    await dueIn(15);
    const sentences = await shortRun(shortRunOf({ deadline: { leftMs: () => 75_000 } }), turn);
    expect([sentences, cycledIds().length]).toEqual([[turn.sentence], 3]);
  });

  it('is nothing that a dry run does: it would send', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const before = pod.state();
    const { report, sentences } = await deployedRun(shortRunOf(), { dryRun: true, waitSeconds: 15 }, 0);
    expect([report, sentences]).toEqual([null, [expect.stringMatching(/^No tick of pod blue is due/)]]);
    expect(pod.state()).toEqual(before);
  });

  it('is followed by that tick in the same scheduled run', async () => {
    addManyStale(12);
    await scheduledRun();
    await nextMinute();
    const { run } = dueWhileSending();
    const { sentences, report } = await deployedRun(run, { dryRun: false, waitSeconds: 15 }, 0);
    expect(report?.tickId).toMatch(/^short-2-\d$/);
    expect(sentences).toContain('Wave tick-1-client of pod blue is over: 3 of 3 cycled.');
    expect(pod.state()).toMatchObject({ claim: null, last: { tickId: report?.tickId } });
    expect(report?.cycles).toEqual([]);
    await minutes(6);
    expect(cycledIds()).toEqual(staleIds(12));
  });
});
