import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { COLUMNS, type HistoryRow } from '../../src/history/columns.ts';
import { gapSeconds, type RecordedTick, rowsOfTick } from '../../src/history/rows.ts';
import { judgement, POD } from '../builders/judgements.ts';
import { record } from '../builders/sightings.ts';

const STARTED_MS = Date.UTC(2026, 10, 24, 14, 5);
const LAST_MS = STARTED_MS - 300_000;
const ID = 'i-0000000000000000a';

const TICK: Omit<RecordedTick, 'judgements'> = {
  pod: POD,
  tickId: 'tick-1',
  startedAtMs: STARTED_MS,
  records: [record('b', '10.0.1.5')],
  lastRecordedMs: LAST_MS,
};

function rows(judgements: readonly Judgement[], given: Partial<RecordedTick> = {}): HistoryRow[] {
  return [...rowsOfTick({ ...TICK, judgements, ...given })].flatMap((columns) =>
    columns.time.map(
      (_, at) => Object.fromEntries(COLUMNS.map(({ name }) => [name, columns[name][at]])) as unknown as HistoryRow,
    ),
  );
}

describe('the rows of a tick', () => {
  it('tell of each host what it is judged by, whom it follows, and when it was cycled', () => {
    const judged = judgement(ID, 'client', 'b', {
      state: 'adrift',
      findings: ['adrift', 'uncertain'],
      measures: { offsetMs: 80.123456, errorBoundMs: 201.5 },
      peer: { address: '10.0.1.5', reach: 0o376 },
      sampledAtMs: STARTED_MS + 6000,
      cycledSecondsAgo: 120,
      confident: false,
    });
    expect(rows([judged])).toEqual([
      {
        time: new Date(STARTED_MS + 6000),
        tick: 'tick-1',
        instance_id: ID,
        tier: 'client',
        az: 'us-west-2b',
        state: 'adrift',
        findings: 'adrift,uncertain',
        sampled: true,
        seconds: 300,
        offset_ms: 80.1235,
        offset_limit_ms: 50,
        error_bound_ms: 201.5,
        error_bound_limit_ms: 200,
        growth_ppm: 15,
        time_service_offset_ms: -0.5,
        frequency_ppm: 12.5,
        system_peer: '10.0.1.5',
        system_peer_name: 'ntp.az-b.pod',
        reach: 0o376,
        reach_ratio: 1,
        confident: false,
        stale: false,
        held: false,
        unmanaged: false,
        cycled_at: new Date(STARTED_MS - 114_000),
      },
    ]);
  });

  it('stand in the order of instance ids', () => {
    const ids = ['i-0c', 'i-0a', 'i-0b'];
    expect(rows(ids.map((id) => judgement(id, 'client', 'b'))).map((row) => row.instance_id)).toEqual(ids.toSorted());
  });

  it('have one of a host that did not answer, at the time of the tick', () => {
    const silent = judgement(ID, 'client', 'b', {
      state: 'unknown',
      findings: ['unknown'],
      measures: { offsetMs: null },
    });
    expect(rows([silent])).toMatchObject([
      { time: new Date(STARTED_MS), state: 'unknown', sampled: false, offset_ms: null, seconds: 300 },
    ]);
  });

  it.each([
    ['169.254.169.123', 'the AWS time service'],
    ['198.51.100.7', null],
  ])('name the peer %s %s', (address, name) => {
    expect(rows([judgement(ID, 'client', 'b', { peer: { address, reach: 255 } })])).toMatchObject([
      { system_peer: address, system_peer_name: name },
    ]);
  });

  it('give the time in which no tick ran a row of its own, which ends where that of the tick begins', () => {
    const hour = { lastRecordedMs: STARTED_MS - 3_600_000 };
    expect(rows([judgement(ID, 'client', 'b')], hour)).toMatchObject([
      { time: new Date(STARTED_MS - 300_000), state: 'no-tick', sampled: false, seconds: 3300, offset_ms: null },
      { time: new Date(STARTED_MS), state: 'healthy', seconds: 300 },
    ]);
  });

  it('give a host that was launched meanwhile no gap from before', () => {
    const hour = { lastRecordedMs: STARTED_MS - 3_600_000 };
    const launchedAtMs = (minutesAgo: number) => ({ host: { launchedAtMs: STARTED_MS - minutesAgo * 60_000 } });
    expect(rows([judgement(ID, 'client', 'b', launchedAtMs(20))], hour)[0]).toMatchObject({ seconds: 900 });
    expect(rows([judgement(ID, 'client', 'b', launchedAtMs(4))], hour)).toHaveLength(1);
  });

  it('stand for the interval where nothing was recorded before', () => {
    expect(rows([judgement(ID, 'client', 'b')], { lastRecordedMs: null })).toMatchObject([{ seconds: 300 }]);
  });
});

describe('the rows of a large pod', () => {
  it('come a block at a time, in the order of instance ids', () => {
    const idOf = (n: number) => `i-${n.toString(16).padStart(17, '0')}`;
    const judgements = Array.from({ length: 1001 }, (_, n) => judgement(idOf(1000 - n), 'client', 'b'));
    const hour = { ...TICK, lastRecordedMs: STARTED_MS - 3_600_000 };
    const blocks = [...rowsOfTick({ ...hour, judgements })];
    expect(blocks.map(({ time }) => time.length)).toEqual([1000, 1000, 2]);
    expect(blocks.flatMap(({ instance_id }) => instance_id)).toEqual(judgements.flatMap((_, n) => [idOf(n), idOf(n)]));
  });
});

describe('a gap', () => {
  const gap = (minutes: number) =>
    gapSeconds({ pod: POD, startedAtMs: STARTED_MS, lastRecordedMs: STARTED_MS - minutes * 60_000 });

  it.each([
    [1, 0],
    [5, 0],
    // late by an interval
    [10, 0],
    [11, 360],
    [60, 3300],
    // no longer than anything is kept
    [60 * 24 * 400, 30 * 86_400 - 300],
  ])('of %d minutes since the last tick is %d s', (minutes, seconds) => {
    expect(gap(minutes)).toBe(seconds);
  });
});
