import { describe, expect, it } from '@jest/globals';
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
    tell: (change, sentence) => told.push(`${change}: ${sentence}`),
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
    'slower: This machine is too slow for 20 times: hosts answer after 7.0 s (a tick waits 8.0 s). Hosts and AWS now run 10 times as fast as your clock; all comes, later.',
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
    "slower: This machine is too slow even for time's own speed: a tick failed ([504] - Lambda timeout.). Close what else runs on it, or start anew: a start measures the machine, and waits longer.",
  );
});

describe('a machine that was busy for a while', () => {
  const looks = (world: ReturnType<typeof machine>, count: number, afterMs: number) => {
    for (let n = 0; n < count; n += 1) world.collect([{ afterMs: 300 }, { afterMs }]);
  };

  it('goes back to its factor, step by step, when hosts answer soon again, and no further', () => {
    const busy = machine(20);
    looks(busy, 6, 6000);
    expect(busy.factor).toBe(3);
    looks(busy, 5, 1500);
    expect(busy.factor).toBe(3);
    looks(busy, 1, 1900);
    expect([busy.factor, busy.told.at(-1)]).toEqual([
      5,
      'faster: Hosts have answered within 1.9 s for 6 looks. They and AWS now run 5 times as fast as your clock.',
    ]);
    looks(busy, 6, 900);
    expect(busy.factor).toBe(10);
    looks(busy, 60, 900);
    expect(busy.factor).toBe(20);
    expect(busy.told.filter((line) => line.startsWith('faster'))).toHaveLength(3);
  });

  it('stays as it is while hosts answer neither late nor soon, or not at all', () => {
    const busy = machine(20);
    looks(busy, 2, 6000);
    for (let n = 0; n < 20; n += 1) {
      looks(busy, 5, 900);
      busy.collect([{ afterMs: 2100 }]);
      busy.collect([{ afterMs: 900, statusDetails: 'DeliveryTimedOut' }]);
    }
    expect(busy.factor).toBe(10);
  });

  it('waits twice as long for each time that it was too early', () => {
    const busy = machine(20);
    looks(busy, 2, 6000);
    looks(busy, 6, 900);
    expect(busy.factor).toBe(20);
    looks(busy, 2, 6000);
    looks(busy, 11, 900);
    expect(busy.factor).toBe(10);
    looks(busy, 1, 900);
    expect(busy.factor).toBe(20);
  });

  it('says anew that it cannot go further, once it had gone faster', () => {
    const starved = machine(2);
    for (let n = 0; n < 3; n += 1) starved.fail();
    looks(starved, 6, 900);
    for (let n = 0; n < 3; n += 1) starved.fail();
    expect(starved.told.map((line) => line.split(' ').slice(0, 7).join(' '))).toEqual([
      'slower: This machine is too slow for',
      'slower: This machine is too slow even',
      'faster: Hosts have answered within 0.9 s',
      'slower: This machine is too slow for',
      'slower: This machine is too slow even',
    ]);
  });
});
