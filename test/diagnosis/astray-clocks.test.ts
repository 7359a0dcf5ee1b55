import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testimonyWith, withAstray } from '../../src/diagnosis/astray-clocks.ts';
import { hearAll } from '../../src/diagnosis/convictions.ts';
import { clocksHeard } from '../../src/diagnosis/heard-clocks.ts';
import type { Testimony } from '../../src/diagnosis/testimony.ts';
import { testimonyOf } from '../../src/diagnosis/witnesses.ts';
import type { Source } from '../../src/ntp/source.ts';
import { expectEqual } from '../builders/expectations.ts';
import { runs } from '../builders/property-runs.ts';
import {
  addressOf,
  CLOCKS,
  DISAGREEMENT_MS,
  exactRow,
  following,
  LETTERS,
  rowsSeen,
  STRETCH_MS,
  sixtyFourths,
  standings,
  testimony,
} from '../builders/witnessing.ts';

const ORPHAN = { stratum: 5, refid: '127.0.0.1' };
/** Rows of servers a, b, … at these offsets: first those of true clocks, then those of undisciplined ones. */
const rowsAt = (trueMs: readonly number[], astrayMs: readonly number[], given: Partial<Source> = {}): Source[] =>
  [...trueMs, ...astrayMs].map((offsetMs, index) =>
    exactRow(addressOf(LETTERS[index] ?? ''), offsetMs, index < trueMs.length ? {} : { ...ORPHAN, ...given }),
  );
const ids = (letters: string) => [...letters].map((letter) => `i-0${letter}`);
const testifies = (clocks: string, against: Record<string, number> = {}): Testimony => ({
  kind: 'testifies',
  clocks: ids(clocks),
  cleared: ids(clocks).filter((clock) => !(clock.slice(-1) in against)),
  against: Object.entries(against).map(([letter, offMs]) => ({
    clock: `i-0${letter}`,
    offMs,
    mostMs: Math.abs(offMs) + DISAGREEMENT_MS / 2,
  })),
  uncompared: [],
});

describe('a clock that ends in an undisciplined one by its own word', () => {
  it('is compared with where most of all that the witness hears agree', () => {
    expect(testimony(rowsAt([0, 0, 0], [300]))).toEqual(testifies('abcd', { d: 300 }));
    expect(testimony(rowsAt([0, 0, 0], [0]))).toEqual(testifies('abcd'));
    expect(testimony(rowsAt([0, 0, 0], [300, -300]))).toEqual(testifies('abcde', { d: 300, e: -300 }));
  });

  it('is the third clock by which two others that agree can tell', () => {
    expect(testimony(rowsAt([0, 0], [-300]))).toEqual(testifies('abc', { c: -300 }));
    expect(testimony(rowsAt([0, 0], [0]))).toEqual(testifies('abc'));
  });

  it('accuses nobody with others of its kind, and is not compared where they are as many', () => {
    expect(testimony(rowsAt([90], [0, 0, 0]))).toEqual({
      kind: 'silent',
      uncompared: ids('abcd'),
      together: [],
    });
    expect(testimony(rowsAt([90, 90], [0, 0]))).toEqual({
      kind: 'silent',
      uncompared: ids('abcd'),
      together: ids('ab'),
    });
    expect(testimony(rowsAt([0, 0], [0, 300]))).toEqual({
      kind: 'silent',
      uncompared: ids('abcd'),
      together: ids('ab'),
    });
    expect(testimony(rowsAt([], [0, 0, 0]))).toEqual({ kind: 'silent', uncompared: ids('abc'), together: [] });
  });

  it('takes no word from the others, whose quarrel stays theirs', () => {
    expect(testimony(rowsAt([0, 30, 60], [0]))).toEqual({
      kind: 'abstains',
      clocks: 3,
      agreeing: 1,
      uncompared: ids('abcd'),
      together: [],
    });
    const five = [...rowsAt([0, 0, 90], [90]), exactRow(addressOf('e'), 90, ORPHAN)];
    expect(testimony(five)).toEqual({ ...testifies('abc', { c: 90 }), uncompared: ids('de') });
  });

  it('is not compared by who is starting, whose rows are cut, or who cannot read its row', () => {
    const silentOf = (clocks: string, together = ''): Testimony => ({
      kind: 'silent',
      uncompared: ids(clocks),
      together: ids(together),
    });
    expect(testimony(rowsAt([0, 0], [300]), { isStarting: true })).toEqual(silentOf('abc'));
    expect(testimony(rowsAt([0, 0], [300]), { sourcesComplete: false })).toEqual(silentOf('abc'));
    expect(testimony(rowsAt([0, 0, 0], [300], { offsetMs: null }))).toEqual({
      ...testifies('abc'),
      uncompared: ids('d'),
    });
  });

  it('is compared beside another whose row nobody can read, which is told once', () => {
    const rows = rowsAt([0, 0, 0, 0], [300]).map((row, index) => (index === 3 ? { ...row, offsetMs: null } : row));
    expect(testimony(rows)).toEqual({ ...testifies('abce', { e: 300 }), uncompared: ids('d') });
  });

  it('counts among those that a witness hears and cannot compare near a leap second too, alone in its class', () => {
    const sets = clocksHeard(
      { daemon: 'ntpsec', sources: rowsAt([0, 0, 0], [0]), sourcesComplete: true, isStarting: false },
      {
        clocks: CLOCKS,
        isBoundary: false,
        classOf: (clock) => (clock === 'i-0d' ? 'aws' : 'utc'),
        stretchMs: STRETCH_MS,
        shared: (list) => list,
      },
    );
    expect(testimonyOf(sets, following(), DISAGREEMENT_MS)).toEqual({ ...testifies('abc'), uncompared: ids('d') });
  });

  it('is one clock with the row by which it calls itself true, and no more than that', () => {
    const both = [...rowsAt([0, 0, 300], []), exactRow('fd00:10::3', 0, ORPHAN)];
    expect(testimony(both)).toEqual(testifies('abc', { c: 300 }));
  });

  it('is no clock of another that is not heard, nor by an address that was cut', () => {
    const cut = exactRow('fd00:10::3', 300, { ...ORPHAN, address: null });
    expect(testimony([...rowsAt([0, 0, 0], []), cut])).toEqual(testifies('abc'));
    expect(testimony(rowsAt([0, 0, 0], [300], { reach: 0, whenSeconds: 1000 }))).toEqual(testifies('abc'));
  });

  it('counts among the hearers of who only hears such', () => {
    const hearing = hearAll([
      testimony(rowsAt([], [0])),
      testimony(
        rowsAt([0, 0], [300]).map((each, index) => ({ ...each, address: addressOf(LETTERS[2 - index] ?? '') })),
      ),
    ]);
    expect(hearing.get('i-0a')).toMatchObject({ hearers: 2, witnesses: 1, accusers: 1 });
  });

  it('is kept without its rows where fewer than two others are heard', () => {
    const heard = (sources: readonly Source[]) =>
      clocksHeard(
        { daemon: 'ntpsec', sources, sourcesComplete: true, isStarting: false },
        { clocks: CLOCKS, isBoundary: false, classOf: null, stretchMs: STRETCH_MS, shared: (list) => list },
      ).map(({ astray }) => astray?.intervals);
    expect([heard(rowsAt([0], [0])), heard(rowsAt([0, 0], [0])), heard(rowsAt([0, 0], []))]).toEqual([
      [null],
      [[0, 0]],
      [undefined],
    ]);
    const [set] = clocksHeard(
      { daemon: 'ntpsec', sources: rowsAt([0], [0]), sourcesComplete: true, isStarting: false },
      { clocks: CLOCKS, isBoundary: false, classOf: null, stretchMs: STRETCH_MS, shared: (list) => list },
    );
    expect(set?.astray && withAstray(set, set.astray)).toEqual({
      names: ids('ab'),
      followed: ids('ab'),
      intervals: null,
      measured: null,
      nameless: 0,
      astrayNames: 1,
    });
  });

  it('changes nothing that is said of others by who can tell of them', () => {
    const own: Testimony = testifies('abc', { c: 90 });
    const ofAll: Testimony = testifies('abcd', { b: 80, d: 70 });
    expect(testimonyWith(own, ofAll, ids('d'))).toEqual(testifies('abcd', { c: 90, d: 70 }));
    const silent: Testimony = { kind: 'silent', uncompared: ids('abcd'), together: [] };
    expect(testimonyWith(own, silent, ids('d'))).toEqual({ ...own, uncompared: ids('d') });
  });
});

describe('whatever clocks call themselves undisciplined', () => {
  it('no honest one is accused while most of all are honest, and of three or more that call themselves true most of these', () => {
    fc.assert(
      fc.property(
        standings.chain((servers) =>
          fc.tuple(fc.constant(servers), rowsSeen(servers), fc.subarray(servers.map((_, index) => index))),
        ),
        ([servers, rows, astray]) => {
          const others = servers.filter((_, index) => !astray.includes(index));
          fc.pre(others.length < 3 || 2 * others.filter(({ isHonest }) => isHonest).length > others.length);
          const seen = rows.map((row, index) => (astray.includes(index) ? { ...row, ...ORPHAN } : row));
          const spoken = testimony(seen);
          const honest = servers.flatMap(({ isHonest }, index) => (isHonest ? [`i-0${LETTERS[index]}`] : []));
          const accused = spoken.kind === 'testifies' ? spoken.against.map(({ clock }) => clock) : [];
          expectEqual(
            accused.filter((clock) => honest.includes(clock)),
            [],
          );
        },
      ),
      runs(500),
    );
  });

  it('what is said of others stays the same wherever they stand, for who can tell of three', () => {
    fc.assert(
      fc.property(
        fc.tuple(...Array.from({ length: 3 }, () => sixtyFourths(100))),
        fc.array(sixtyFourths(100), { minLength: 1, maxLength: 2 }),
        (others, astray) => {
          const [alone, beside] = [testimony(rowsAt(others, [])), testimony(rowsAt(others, astray))];
          if (alone.kind !== 'testifies' || beside.kind !== 'testifies') return expectEqual(beside.kind, alone.kind);
          const isOther = (clock: string) => alone.clocks.includes(clock);
          expectEqual(
            [
              beside.clocks.filter(isOther),
              beside.cleared.filter(isOther),
              beside.against.filter(({ clock }) => isOther(clock)),
            ],
            [alone.clocks, alone.cleared, alone.against],
          );
        },
      ),
      runs(500),
    );
  });
});
