import { describe, expect, it } from '@jest/globals';
import { type Contact, contactOf } from '../../src/diagnosis/contact.ts';
import type { Source, SystemState } from '../../src/ntp/source.ts';
import { rowOfNtpdRs, SYSTEM, source } from '../builders/sightings.ts';

interface Told {
  system?: Partial<SystemState>;
  mates?: readonly Source[];
  areComplete?: boolean;
}

function contactBy(sources: readonly Source[], { system = {}, mates = [], areComplete = true }: Told = {}): Contact {
  const rows = [...sources, ...mates];
  return contactOf({ ...SYSTEM, ...system }, { rows, sources, mates, areComplete }, ['169.254.169.123']);
}

const silentFor = (whenSeconds: number | null, remote = '192.0.2.1') =>
  source(remote, { tally: ' ', reach: 0, whenSeconds });

const IN_TOUCH: Contact = {
  isSet: true,
  isInTouch: true,
  holdover: null,
  mate: null,
  isHearing: true,
  silenceSeconds: 12,
  longestSilenceSeconds: 12,
  sinceSetSeconds: 12,
  betweenAnswersSeconds: 64,
  hasHeard: true,
};
const ALONE: Contact = {
  ...IN_TOUCH,
  isInTouch: false,
  holdover: 'local clock',
  isHearing: false,
  silenceSeconds: 18_000,
  longestSilenceSeconds: 18_000,
  sinceSetSeconds: null,
  betweenAnswersSeconds: null,
};
const NEVER_SILENT = { silenceSeconds: null, longestSilenceSeconds: null };
const NEVER_SET = { ...NEVER_SILENT, sinceSetSeconds: null, betweenAnswersSeconds: null, hasHeard: false };
const setBefore = (seconds: number, longestSeconds = seconds) => ({
  silenceSeconds: seconds,
  longestSilenceSeconds: longestSeconds,
  sinceSetSeconds: longestSeconds,
});

describe('a boundary server that hears none of its own sources, and another of its pod whose time is true', () => {
  const mate = source('10.0.2.5', { tally: '*' });
  const contact = (system: Partial<SystemState>) => contactBy([silentFor(18_000)], { system, mates: [mate] });

  it('is in touch by that one', () => {
    expect(contact({ refid: '10.0.2.5' })).toEqual({ ...IN_TOUCH, mate, isHearing: false });
  });

  it.each<[string, Partial<SystemState>, Contact]>([
    ['its clock is not set', { leap: 'alarm' }, { ...ALONE, isSet: false, holdover: null, ...NEVER_SILENT }],
    ['it says that it follows itself', { refid: 'LOCAL(0)', stratum: 5 }, ALONE],
    [
      'it says that its time ends in a local clock',
      { refid: '10.0.2.5', stratum: 11 },
      { ...ALONE, holdover: 'followed local clock', ...NEVER_SILENT },
    ],
  ])('is not where %s', (_, system, expected) => {
    expect(contact(system)).toEqual(expected);
  });
});

describe('a host whose refid is 127.0.0.1', () => {
  const second = (stratum: number, given: Partial<Source> = {}) =>
    source('127.0.0.1', { tally: '*', refid: '.PPS.', stratum, ...given });
  const LOOPBACK = { refid: '127.0.0.1' };
  const OF_LOOPBACK = { ...IN_TOUCH, isInTouch: false, holdover: 'followed local clock' as const, isHearing: false };

  it.each<[string, Source, number | null]>([
    ['of stratum 1', second(1), 2],
    ['of the last stratum that is taken for true by hand', second(4), 5],
    ['whose own stratum could not be read', second(1), null],
    ['that follows a third beside it', second(3, { refid: '127.0.0.1' }), 4],
  ])('is in touch by a second daemon there, %s', (_, row, stratum) => {
    expect(contactBy([row], { system: { ...LOOPBACK, stratum } })).toEqual(IN_TOUCH);
  });

  it('is so too where others beside that one are not heard', () => {
    const rows = [second(6), silentFor(18_000)];
    expect(contactBy(rows, { system: { ...LOOPBACK, stratum: 7 } })).toEqual(IN_TOUCH);
  });

  it('is an orphan where it selects none that it lists there, or another', () => {
    const system = { ...LOOPBACK, stratum: 5 };
    expect(contactBy([silentFor(18_000, '127.0.0.1')], { system })).toEqual(ALONE);
    expect(contactBy([source('192.0.2.1', { tally: '*' })], { system })).toEqual({
      ...IN_TOUCH,
      isInTouch: false,
      holdover: 'local clock',
    });
  });

  it('follows a local clock by its own stratum where that of the daemon there could not be read', () => {
    const row = second(0, { stratum: null });
    expect(contactBy([row], { system: { ...LOOPBACK, stratum: 11 } })).toEqual({
      ...IN_TOUCH,
      isInTouch: false,
      holdover: 'followed local clock',
    });
  });

  it('has been set by that one alone, and is silent, no local clock, once that is', () => {
    const gone = silentFor(18_000, '127.0.0.1');
    expect(contactBy([gone], { system: { ...LOOPBACK, stratum: 4 } })).toEqual({ ...ALONE, holdover: 'silent' });
  });

  it.each<[string, Source]>([
    ['is an undisciplined clock', second(6, { refid: 'LOCAL(0)' })],
    ['is an orphan', second(5, { refid: '127.0.0.1' })],
    ['stands where such clocks do', second(10)],
  ])('follows a local clock where that daemon %s', (_, row) => {
    const stratum = (row.stratum ?? 0) + 1;
    expect(contactBy([row], { system: { ...LOOPBACK, stratum } })).toEqual({ ...OF_LOOPBACK, ...NEVER_SET });
  });

  it.each<[string, Partial<SystemState>]>([
    ['an orphan of stratum 5', { ...LOOPBACK, stratum: 5 }],
    ['an orphan of a stratum that could not be read', { ...LOOPBACK, stratum: null }],
    ['an undisciplined clock of any stratum', { refid: '127.127.1.0', stratum: 1 }],
    ['the same by its name', { refid: 'LOCAL(0)', stratum: 2 }],
    ['the same by its code', { refid: '.LOCL.', stratum: 4 }],
  ])('or the like, and selects no daemon there, is on its own: %s', (_, system) => {
    expect(contactBy([silentFor(18_000)], { system })).toEqual(ALONE);
  });
});

describe('rows that are missing', () => {
  it('are no doubt of a source that is heard', () => {
    expect(contactBy([source('10.0.1.5', { tally: '*' })], { areComplete: false })).toEqual(IN_TOUCH);
  });

  it('may be of one that is, where none of those there is', () => {
    expect(contactBy([silentFor(18_000)], { areComplete: false })).toEqual({
      ...ALONE,
      isInTouch: null,
      holdover: null,
      ...NEVER_SILENT,
    });
  });
});

describe('whether a daemon ever heard a source', () => {
  const rs = (unansweredPolls: number, reach: number | null = null) =>
    rowOfNtpdRs('10.0.1.5', { unansweredPolls, reach });

  it.each<[string, Source, boolean | null]>([
    ['its register says so, whenever that was', { ...silentFor(null), reach: 0o200 }, true],
    ['it says when, though its register is empty', silentFor(18_000), true],
    ['its register is empty, and it says no time', silentFor(null), false],
    ['neither could be read', { ...silentFor(null), reach: null }, null],
    ['ntpd-rs has left none of its polls unanswered', rs(0), true],
    ['ntpd-rs has left seven unanswered', rs(7), true],
    ['ntpd-rs has left eight unanswered or more, and forgotten what was before', rs(8, 0), null],
  ])('%s', (_, row, hasHeard) => {
    const isKnown = hasHeard === true;
    expect([contactBy([row]).hasHeard, contactBy([row], { areComplete: false }).hasHeard]).toEqual([
      hasHeard,
      isKnown ? true : null,
    ]);
  });
});

describe('since when a clock is on its own', () => {
  const candidate = (remote: string, whenSeconds: number | null) => source(remote, { whenSeconds });

  it('is told by the source heard last, though of another it is not known', () => {
    const rows = [candidate('10.0.1.5', 100), candidate('10.0.2.5', null), candidate('10.0.3.5', 40)];
    const expected = { ...IN_TOUCH, ...setBefore(40) };
    expect([contactBy(rows), contactBy(rows.toReversed())]).toEqual([expected, expected]);
    expect(contactBy(rows.slice(0, 2))).toEqual({ ...IN_TOUCH, ...setBefore(100) });
  });

  it.each(['-', '#'] as const)('is not told by a row that is left out of the combination (%s)', (tally) => {
    const left = source('169.254.169.123', { tally, whenSeconds: 3 });
    const combined = [source('10.0.1.5', { tally: '*', whenSeconds: 1000 }), source('10.0.2.5', { whenSeconds: 900 })];
    // nor by one that is heard between two samples of the system peer
    expect(contactBy([...combined, left])).toEqual({ ...IN_TOUCH, ...setBefore(1000), silenceSeconds: 900 });
    // where the daemon tells of none that it combines
    expect(contactBy([left])).toEqual({ ...IN_TOUCH, ...setBefore(3) });
  });

  it('is a poll more at the most where only those unanswered are told', () => {
    const rows = [0, 2].map((unansweredPolls) =>
      rowOfNtpdRs('10.0.1.5', { unansweredPolls, pollSeconds: 1024, tally: '+' }),
    );
    const apart = { betweenAnswersSeconds: 1024 };
    expect(contactBy(rows.slice(1))).toEqual({ ...IN_TOUCH, ...setBefore(2048, 3072), ...apart });
    expect(contactBy(rows)).toEqual({ ...IN_TOUCH, ...setBefore(0, 1024), ...apart });
    // how long a poll is could not be read
    const unread = contactBy([{ ...rows[0], pollSeconds: null } as Source]);
    const unknown = { isInTouch: null, isHearing: null, sinceSetSeconds: null, betweenAnswersSeconds: null };
    expect(unread).toEqual({ ...IN_TOUCH, ...NEVER_SILENT, ...unknown });
  });

  it('is told by who is heard no more, beside a candidate of which it is not known', () => {
    const rows = [candidate('10.0.1.5', null), silentFor(18_000)];
    expect(contactBy(rows, { system: { refid: 'LOCAL(0)', stratum: 5 } })).toEqual({
      ...ALONE,
      isHearing: null,
      betweenAnswersSeconds: 64,
    });
  });
});

describe('how long a clock is on its own from one answer to the next', () => {
  it.each<[string, Partial<Source>[], number | null]>([
    ['a poll, where each was answered', [{}], 64],
    ['as many as went unanswered, and one', [{ reach: 0o347 }], 3 * 64],
    ['as it was, whatever has gone unanswered since the last', [{ reach: 0o370 }], 64],
    ['by the row that is answered the most often', [{ pollSeconds: 1024 }, { reach: 0o333 }], 2 * 64],
    ['not known, where no poll could be read', [{ pollSeconds: null }], null],
    ['by the other row, where one could not', [{ pollSeconds: null }, {}], 64],
    ['by those that are combined', [{ tally: '-', pollSeconds: 16 }, {}], 64],
    ['by the system peer, whatever is combined with it', [{ pollSeconds: 16 }, { tally: '*' }], 64],
    ['by the source with a pulse per second alike', [{ pollSeconds: 16 }, { tally: 'o' }], 64],
  ])('is %s', (_, rows, seconds) => {
    const { betweenAnswersSeconds } = contactBy(rows.map((row, index) => source(`10.0.${index}.5`, row)));
    expect(betweenAnswersSeconds).toBe(seconds);
  });
});
