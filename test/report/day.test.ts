import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { type DayTick, dayAfter } from '../../src/report/day.ts';
import type { DayMemory } from '../../src/state/day.ts';
import { judgement, POD } from '../builders/judgements.ts';
import { record } from '../builders/sightings.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const MINUTE_MS = 60_000;

function dayOf(before: DayMemory | undefined, minutes: number, given: Partial<DayTick> = {}): DayMemory {
  return dayAfter(before, {
    pod: POD,
    startedAtMs: NOON + minutes * MINUTE_MS,
    judgements: [judgement('i-0a', 'client', 'b')],
    records: [record('b', '10.0.1.5')],
    skewMs: 1.25,
    ...given,
  });
}

const withOffset = (offsetMs: number | null): Judgement =>
  judgement('i-0a', 'client', 'b', {
    measures: { offsetMs, errorBoundMs: offsetMs === null ? null : Math.abs(offsetMs) },
  });

describe("a pod's day", () => {
  it('has of a tick the offsets by rank, the bounds, the skew and the states', () => {
    const judgements = [
      ...Array.from({ length: 99 }, (_, index) => withOffset(index - 49)),
      judgement('i-0b', 'client', 'b', {
        state: 'unknown',
        findings: ['unknown'],
        measures: { offsetMs: null, errorBoundMs: null },
      }),
    ];
    expect(dayOf(undefined, 0, { judgements }).points).toEqual([
      {
        atMs: NOON,
        offsetMs: [-49, -45, -25, 0, 25, 45, 49],
        errorBoundMs: [25, 47, 49],
        skewMs: 1.25,
        states: { unknown: 1, healthy: 99 },
      },
    ]);
  });

  it('leaves out what is not known', () => {
    expect(dayOf(undefined, 0, { judgements: [withOffset(null)], skewMs: null }).points).toEqual([
      { atMs: NOON, states: { healthy: 1 } },
    ]);
    expect(dayOf(undefined, 0, { judgements: [] }).points).toEqual([{ atMs: NOON, skewMs: 1.25, states: {} }]);
  });

  it('forgets what is older than 24 hours, and holds no more than it shows', () => {
    let day: DayMemory | undefined;
    for (let minutes = 0; minutes <= 30 * 60; minutes += 5) day = dayOf(day, minutes);
    expect(day?.points).toHaveLength(288);
    expect(day?.points[0]?.atMs).toBe(NOON + (6 * 60 + 5) * MINUTE_MS);
  });

  it('is of five minutes a point, however often a tick runs', () => {
    let day: DayMemory | undefined;
    for (let minutes = 0; minutes < 60; minutes += 1) day = dayOf(day, minutes);
    const minutes = day?.points.map(({ atMs }) => (atMs - NOON) / MINUTE_MS);
    expect(minutes).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56]);
  });

  it('tells a gap, once', () => {
    const day = dayOf(dayOf(dayOf(undefined, 0), 65), 70);
    expect(day.points.map(({ gapSeconds }) => gapSeconds)).toEqual([undefined, 3600, undefined]);
  });

  it('counts hosts that were cycled since the point before, by their own stamps', () => {
    const cycled = (secondsAgo: number) =>
      judgement('i-0a', 'client', 'b', { cycledSecondsAgo: secondsAgo, sampledAtMs: NOON + 5 * MINUTE_MS });
    const judgements = [cycled(60), cycled(299), cycled(301)];
    expect(dayOf(dayOf(undefined, 0), 5, { judgements }).points.at(-1)?.cycled).toBe(2);
  });

  it('counts records that changed since the tick before: gone, new, or of another address', () => {
    const first = dayOf(undefined, 0, { records: [record('a', '10.0.0.5'), record('b', '10.0.1.5')] });
    const second = dayOf(first, 5, { records: [record('b', '10.0.1.6'), record('c', '10.0.2.5')] });
    expect(second.points.map(({ dnsChanges }) => dnsChanges)).toEqual([undefined, expect.any(Number)]);
    expect(second.points.at(-1)?.dnsChanges).toBeGreaterThanOrEqual(3);
    // a zone that was not read has changed nothing
    expect(
      dayOf(dayOf(first, 5, { records: null }), 10, {
        records: [record('a', '10.0.0.5'), record('b', '10.0.1.5')],
      }).points.map(({ dnsChanges }) => dnsChanges),
    ).toEqual([undefined, undefined, undefined]);
  });

  it('forgets the future: a clock was set back', () => {
    expect(dayOf(dayOf(undefined, 60), 0).points.map(({ atMs }) => atMs)).toEqual([NOON]);
  });
});
