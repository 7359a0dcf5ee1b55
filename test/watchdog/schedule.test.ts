import { describe, expect, it } from '@jest/globals';
import { noState } from '../../src/state/read.ts';
import { emptyState, type State } from '../../src/state/state.ts';
import { scheduledTickDue } from '../../src/watchdog/schedule.ts';
import { BLUE } from '../builders/endpoint-fleet.ts';

const NOW_MS = 1_800_000_000_000;
const ended = (secondsAgo: number): State => {
  const startedAtMs = NOW_MS - secondsAgo * 1000;
  const last = { tickId: 'tick-0', startedAtMs, endedAtMs: startedAtMs };
  return { ...emptyState('blue'), last, dueAtMs: startedAtMs + 300_000 };
};

/** A run that reads these states one after the other, and what it did. */
function given(...stored: State[]) {
  const calls: { pausesMs: number[]; reads: number } = { pausesMs: [], reads: 0 };
  const run = {
    states: {
      read: async () => ({ ...noState('blue'), state: stored[calls.reads++] ?? emptyState('blue'), etag: null }),
    },
    pod: BLUE,
    nowMs: () => NOW_MS + calls.pausesMs.reduce((sum, ms) => sum + ms, 0),
    pause: async (ms: number) => void calls.pausesMs.push(ms),
  };
  return { run, calls };
}

describe("a pod's turn", () => {
  it('comes at once when no tick is due: a run with nothing to do costs nothing', async () => {
    const { run, calls } = given(ended(60));
    expect(await scheduledTickDue(run, 20)).toMatchObject({ due: false });
    expect(calls).toEqual({ pausesMs: [], reads: 1 });
  });

  it('comes after its seconds when one is due', async () => {
    const { run, calls } = given(ended(300), ended(300));
    expect(await scheduledTickDue(run, 20)).toMatchObject({ due: true });
    expect(calls).toEqual({ pausesMs: [20_000], reads: 2 });
  });

  it('comes at once for the first pod', async () => {
    const { run, calls } = given(ended(300));
    expect(await scheduledTickDue(run, 0)).toMatchObject({ due: true });
    expect(calls).toEqual({ pausesMs: [], reads: 1 });
  });

  it('comes when nobody can tell: the tick then looks, and publishes what it sees', async () => {
    const { run } = given();
    run.states.read = async () => {
      throw new Error('reading the state of pod blue: TimeoutError (log entry tick-1.1)');
    };
    expect(await scheduledTickDue(run, 0)).toEqual({
      due: true,
      read: null,
      sentence: 'A tick of pod blue is due: reading the state of pod blue: TimeoutError (log entry tick-1.1).',
    });
  });

  it('is left to a tick that came meanwhile', async () => {
    const { run } = given(ended(300), ended(-10));
    expect((await scheduledTickDue(run, 20)).sentence).toBe(
      'No tick of pod blue is due: the last began 10 s ago and left nothing unfinished, the interval is 5 min.',
    );
  });
});
