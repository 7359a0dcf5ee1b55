import { describe, expect, it } from '@jest/globals';
import { Bucket, bucketSeconds } from '../../../bench/scale/bucket.ts';
import { callCounts, callsBeyond, fewestCalls, shownCounts } from '../../../bench/scale/calls.ts';
import { lostGoals, mergedRows, missedCounts, pageOf, tableOf } from '../../../bench/scale/table.ts';

describe('the table of a large pod', () => {
  it('says of each measure its goal, how it was, how it is, and whether that holds', () => {
    const rows = [
      { measure: 'CPU', goal: '<= 6 s', now: '5 s', holds: true },
      { measure: 'memory', goal: '<= 220 MB', now: '300 MB', holds: false },
      { measure: 'bytes', goal: '', now: '7', holds: null },
    ];
    expect(tableOf(rows, { CPU: '13 s' }).split('\n').slice(2)).toEqual([
      '| CPU | <= 6 s | 13 s | 5 s | holds |',
      '| memory | <= 220 MB |  | 300 MB | **missed** |',
      '| bytes |  |  | 7 |  |',
    ]);
  });

  it('takes rows that are measured anew into those of a page', () => {
    const row = (measure: string, now: string, holds: boolean | null) => ({ measure, goal: '<= 1', now, holds });
    const page = pageOf([row('CPU', '9', false), row('calls', '7', null)], { CPU: '13 s' }, '2026-11-29');
    expect(mergedRows(page, [row('new', '3', true), row('CPU', '1', true)])).toEqual([
      row('CPU', '1', true),
      row('calls', '7', null),
      row('new', '3', true),
    ]);
  });

  it('tells which goals were reached when the page was written and are missed now', () => {
    const row = (measure: string, holds: boolean | null) => ({ measure, goal: '<= 1', now: '1', holds });
    const page = pageOf(
      [row('CPU', true), row('calls', true), row('memory', false), row('bytes', null)],
      {},
      '2026-11-29',
    );
    const now = [row('CPU', false), row('calls', true), row('memory', false), row('bytes', null), row('new', false)];
    expect(lostGoals(now, page)).toEqual(['CPU']);
    expect(lostGoals(now, '')).toEqual([]);
  });

  it('tells whose calls and bytes are over their goal, and not who is slow', () => {
    const row = { goal: '<= 0.50 s of CPU, <= 6 calls', now: '0.7 s, 7 calls', holds: false };
    const rows = [
      { ...row, measure: 'many calls', countsHold: false },
      { ...row, measure: 'slow', countsHold: true },
      { ...row, measure: 'memory' },
    ];
    expect(missedCounts(rows)).toEqual(['many calls: 0.7 s, 7 calls']);
  });
});

describe('calls', () => {
  const call = {
    service: 's3',
    operation: 'GetObject',
    atMs: 0,
    status: 200,
    answerBytes: 0,
    path: '',
    headers: {},
    body: Buffer.of(),
  };

  it('are counted by name, of S3 with the kind of object', () => {
    const counts = callCounts([
      { ...call, key: 'blue/state.json' },
      { ...call, key: 'blue/memory/0a1b.json.gz' },
      { ...call, key: 'blue/memory/0a1c.json.gz' },
      { ...call, operation: 'SendCommand', key: null },
    ]);
    expect(shownCounts(counts)).toBe('4: 2 GetObject of memory, GetObject of state, SendCommand');
    expect(callsBeyond(counts, fewestCalls(1000))).toEqual(['1 GetObject of memory']);
  });

  it('of a wave are one for fifty hosts, the answers of the wave before, the mode and who is held once more, and one intent', () => {
    const [settled, wave] = [fewestCalls(1000), fewestCalls(1000, { sentTo: 81, readOf: 51 })];
    expect(Object.entries(wave).filter(([name, count]) => count !== settled[name])).toEqual([
      ['DescribeInstances', 3],
      ['GetParameters', 2],
      ['SendCommand', 3],
      ['ListCommands', 7],
      ['ListCommandInvocations', 22],
      ['PutObject of state', 3],
    ]);
  });
});

describe('a token bucket', () => {
  it('is full at first and refilled evenly', () => {
    const bucket = new Bucket({ perSecond: 10, burst: 2 }, 0);
    expect([0, 0, 0, 100, 150].map((nowMs) => bucket.take(nowMs))).toEqual([true, true, false, true, false]);
    expect(bucketSeconds(203, { perSecond: 10, burst: 20 })).toBeCloseTo(18.3);
  });
});
