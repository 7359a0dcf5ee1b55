import { expect, it } from '@jest/globals';
import { Pace } from '../../src/pod/pace.ts';

const WAIT_MS = 8000;

function machine(factor: number) {
  const told: string[] = [];
  let nowMs = 0;
  let commands = 0;
  const world = { factor, told };
  const pace = new Pace({
    factor: () => world.factor,
    setFactor: (next) => {
      world.factor = next;
    },
    waitMs: WAIT_MS,
    nowMs: () => nowMs,
    tell: (sentence) => told.push(sentence),
  });
  const document = 'podtime-local-collect';
  /** One look at the hosts, of which each answers after so long. */
  const collect = (answers: { afterMs: number; statusDetails?: string }[], name = document) => {
    commands += 1;
    const commandId = String(commands);
    const sentAtMs = nowMs;
    pace.hear({ kind: 'command sent', commandId, document: name, comment: '', instanceIds: [], tags: {} });
    for (const { afterMs, statusDetails = 'Success' } of answers) {
      nowMs = sentAtMs + afterMs;
      const ended = { commandId, document: name, instanceId: 'i-1', statusDetails, output: '' };
      pace.hear({ kind: 'invocation ended', ...ended });
    }
    pace.hear({ kind: 'command ended', commandId, document: name, comment: '', statusDetails: 'Success', counts: {} });
  };
  const fail = () => {
    const functionName = 'podtime-local-watchdog';
    const failed = { functionName, cause: 'schedule', attempt: 1, message: '[504] - Lambda timeout.', retried: false };
    pace.hear({ kind: 'function failed', ...failed });
  };
  return Object.assign(world, { collect, fail });
}

it('stays on a machine that keeps up', () => {
  const fast = machine(20);
  for (let n = 0; n < 50; n += 1) fast.collect([{ afterMs: 900 }, { afterMs: 4700 }]);
  expect([fast.factor, fast.told]).toEqual([20, []]);
});

it('is halved, and said, when hosts answer late twice in a row', () => {
  const slow = machine(20);
  slow.collect([{ afterMs: 900 }, { afterMs: 5000 }, { afterMs: 6000 }]);
  expect(slow.factor).toBe(20);
  slow.collect([{ afterMs: 7000 }, { afterMs: 9000 }]);
  expect(slow.factor).toBe(10);
  expect(slow.told).toEqual([
    'This machine is too slow for 20 times: hosts answer after 7.0 s (a tick waits 8.0 s). Hosts and AWS now run 10 times as fast as your clock; all comes, later.',
  ]);
});

it('forgets a late answer after a look that went well', () => {
  const slow = machine(20);
  for (let n = 0; n < 5; n += 1) {
    slow.collect([{ afterMs: 6000 }]);
    slow.collect([{ afterMs: 600 }]);
  }
  expect(slow.factor).toBe(20);
});

it('is not changed by hosts that never answer, nor by cycles, which take their time', () => {
  const muted = machine(20);
  for (let n = 0; n < 5; n += 1) {
    muted.collect([{ afterMs: 900 }, { afterMs: 30_000, statusDetails: 'DeliveryTimedOut' }]);
    muted.collect([{ afterMs: 30_000 }], 'podtime-local-cycle');
  }
  expect([muted.factor, muted.told]).toEqual([20, []]);
});

it("goes down to time's own speed with ticks that fail, and says once that it cannot go further", () => {
  const starved = machine(20);
  const factors = Array.from({ length: 8 }, () => {
    starved.fail();
    return starved.factor;
  });
  expect(factors).toEqual([10, 5, 3, 2, 1, 1, 1, 1]);
  expect(starved.told).toHaveLength(6);
  expect(starved.told.at(-1)).toBe(
    "This machine is too slow even for time's own speed: a tick failed ([504] - Lambda timeout.). Close what else runs on it, or start anew: a start measures the machine, and waits longer.",
  );
});
