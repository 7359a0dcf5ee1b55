import { describe, expect, it } from '@jest/globals';
import { answerAt, type Moment } from '../../src/history/answer.ts';
import type { HistoryRow } from '../../src/history/columns.ts';
import { historyRow } from '../builders/history-rows.ts';

const DAY = '2026-11-24T';
const ms = (time: string) => Date.parse(time.length > 8 ? time : `${DAY}${time}Z`);
const row = (time: string, given: Partial<HistoryRow> = {}) => historyRow({ time: new Date(ms(time)), ...given });

function answer(rows: readonly HistoryRow[], given: Partial<Moment> = {}): string[] {
  return answerAt({
    instanceId: 'i-0a',
    atMs: ms('14:03:00'),
    rows,
    tickBeforeMs: ms('14:00:00'),
    tickAfterMs: ms('14:05:00'),
    days: 30,
    nowMs: ms('2026-11-26T09:00:00Z'),
    ...given,
  });
}

const BEFORE = row('14:00:07', { offset_ms: 0.4, error_bound_ms: 1.5 });
const AFTER = row('14:05:06', { offset_ms: 0.4, error_bound_ms: 1.9, growth_ppm: 0.5 });

describe('how wrong a clock was', () => {
  it('is said in one sentence between two samples', () => {
    expect(answer([BEFORE, AFTER])).toEqual([
      '14:03: +0.4 ms, within 4.1 ms, following ntp.az-b.pod, sampled at 14:00:07 and 14:05:06.',
    ]);
  });

  it('lies on the line between them, and is no surer than either of them lets it be', () => {
    const rows = [
      row('14:00:00', { offset_ms: -1, error_bound_ms: 1, growth_ppm: 100 }),
      row('14:05:00', { offset_ms: 4, error_bound_ms: 2, growth_ppm: 0 }),
    ];
    // 180 s at 100 ppm; no rate below 15 ppm counts, so 120 s make the other 3.8 ms
    expect(answer(rows)[0]).toMatch(/^14:03: \+2 ms, within 19 ms, /);
  });

  it('names both whom it followed', () => {
    const after = { ...AFTER, system_peer_name: null, system_peer: '10.20.3.10' };
    expect(answer([BEFORE, after])[0]).toContain(', following ntp.az-b.pod, then 10.20.3.10, sampled at');
  });

  it('says in what state the samples were where they were not healthy', () => {
    const after = { ...AFTER, state: 'adrift' as const, findings: 'adrift,uncertain' };
    expect(answer([BEFORE, after])).toEqual([expect.any(String), 'At 14:05:06 it was adrift and uncertain.']);
  });

  it('is not drawn through a cycle', () => {
    const after = row('14:05:06', { offset_ms: 80, cycled_at: new Date(ms('14:04:00')) });
    expect(answer([BEFORE, after])).toEqual([
      expect.stringMatching(/^14:03: \+0\.4 ms, /),
      'Its daemon was cycled at 14:04: between the samples its clock may have been stepped.',
    ]);
    expect(answer([BEFORE, after], { atMs: ms('14:04:30') })[0]).toMatch(/^14:04:30: \+80 ms, /);
  });

  it('is not known where the host did not answer, and what is known before and after is told', () => {
    const silent = row('14:05:00', { state: 'unknown', sampled: false, offset_ms: null, error_bound_ms: null });
    const later = row('14:10:07', { offset_ms: -0.25, error_bound_ms: 1.5 });
    expect(answer([BEFORE, silent, later])).toEqual([
      '14:03: nothing is known of i-0a. It did not answer at 14:05.',
      'Last sampled at 14:00:07: +0.4 ms, within 1.5 ms, following ntp.az-b.pod.',
      'Next sampled at 14:10:07: -0.25 ms, within 1.5 ms, following ntp.az-b.pod.',
    ]);
  });

  it('is not known where no tick ran', () => {
    const gap = row('14:25:00', {
      state: 'no-tick',
      sampled: false,
      seconds: 1500,
      offset_ms: null,
      error_bound_ms: null,
    });
    expect(answer([BEFORE, gap, row('14:30:07')])[0]).toBe(
      '14:03: nothing is known of i-0a. No tick of podtime ran from 14:00 to 14:25 (25 min).',
    );
  });

  it('is not known where the daemon told nothing', () => {
    const starting = row('14:05:06', { state: 'starting', offset_ms: null, error_bound_ms: null });
    expect(answer([BEFORE, starting])[0]).toContain('At 14:05:06 it was starting, and told no offset that counts.');
  });

  it('is not known after the last sample', () => {
    expect(answer([BEFORE], { tickAfterMs: null })).toEqual([
      '14:03: nothing is known of i-0a. The last tick of which rows are kept began at 14:00.',
      'Last sampled at 14:00:07: +0.4 ms, within 1.5 ms, following ntp.az-b.pod.',
    ]);
  });

  it.each([
    ['a host that the ticks did not know', {}, 'The ticks of 14:00 and 14:05 knew no such host of the pod.'],
    ['the future', { atMs: ms('2026-11-27T00:00:00Z') }, 'That is in the future.'],
    ['what has expired', { nowMs: ms('2027-01-01T00:00:00Z') }, 'Rows are kept for 30 days (history.days).'],
    ['before the first tick', { tickBeforeMs: null }, 'The first tick of which rows are kept began at 14:05.'],
    [
      'a pod without ticks',
      { tickBeforeMs: null, tickAfterMs: null },
      'No tick of this pod has kept its rows around that time.',
    ],
  ])('says why nothing is known of %s', (_, given, why) => {
    const [sentence = ''] = answer([], given);
    expect(sentence).toContain(`nothing is known of i-0a. ${why}`);
  });

  it('tells the day of what was on another', () => {
    const before = row('2026-11-23T23:58:01Z');
    const after = row('00:03:01');
    expect(answer([before, after], { atMs: ms('00:01:00') })[0]).toContain(
      'sampled at 2026-11-23 23:58:01 and 00:03:01.',
    );
  });
});
