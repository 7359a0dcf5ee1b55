import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Testimony } from '../../src/diagnosis/testimony.ts';
import type { Source } from '../../src/ntp/source.ts';
import { expectEqual } from '../builders/expectations.ts';
import { runs } from '../builders/property-runs.ts';
import {
  addressOf,
  exactRow,
  LETTERS,
  rowsSeen,
  SERVER_IDS,
  type Standing,
  standings,
  testimony,
} from '../builders/witnessing.ts';

// Rows that a witness hears, and that nobody can read: they were cut short, or a field of them is bad.

const UNREAD: Record<string, Partial<Source>> = {
  'an offset': { offsetMs: null },
  'a delay': { delayMs: null },
  'a jitter': { jitterMs: null },
  'when it was heard': { whenSeconds: null },
  'a poll, when it was heard long ago': { whenSeconds: 2000, pollSeconds: null },
  'an address that was not cut': { address: null },
};
const ONE = 'i-0';

/** Servers a, b, …, seen so far ahead; null: of that row nothing is known. */
const seen = (...offsetsMs: (number | null)[]) =>
  offsetsMs.map((offsetMs, index) =>
    exactRow(addressOf(LETTERS[index] ?? ''), offsetMs ?? 0, offsetMs === null ? { offsetMs: null } : {}),
  );
const ANY_MS = expect.any(Number) as unknown as number;
/** `cleared`: fewer than those found right. */
const testifies = (clocks: string, against: [string, number][], uncompared: string, cleared?: string): Testimony => ({
  kind: 'testifies',
  clocks: [...clocks].map((letter) => ONE + letter),
  cleared: [...(cleared ?? clocks)]
    .filter((letter) => !against.some(([off]) => off === letter))
    .map((letter) => ONE + letter),
  against: against.map(([letter, offMs]) => ({ clock: ONE + letter, offMs, mostMs: ANY_MS })),
  uncompared: [...uncompared].map((letter) => ONE + letter),
});
const silent = (uncompared: string, together = ''): Testimony => ({
  kind: 'silent',
  uncompared: [...uncompared].map((letter) => ONE + letter),
  together: [...together].map((letter) => ONE + letter),
});

describe('a row that is heard and cannot be read', () => {
  it.each<[string, (number | null)[], Testimony]>([
    ['may stand with one that is apart, which is not compared', [0, 0, 30, null], silent('abcd')],
    ['or with neither, where most stand together all the same', [0, 0, null], testifies('ab', [], 'c')],
    ['does not save one that it alone could stand with', [0, 0, 0, 30, null], testifies('abcd', [['d', 30]], 'e')],
    ['is one of two that could make most of one apart', [0, 0, 30, null, null], silent('abcde')],
    ['is no clock to compare: two are too few', [0, null], silent('ab')],
    ['in the majority says nothing of those that agree', [30, 30, null, null, null], silent('abcde')],
    ['leaves it open who is wrong, where that was so', [0, 30, null], silent('abc')],
  ])('%s', (_, offsetsMs, expected) => {
    expect(testimony(seen(...offsetsMs))).toEqual(expected);
  });

  it('leaves a clock uncompared that would be right or wrong by where it stands', () => {
    // from 0 to 30: most stand at 0, and at 30 with the row that nobody can read
    const either = { offsetMs: 15, delayMs: 30 };
    const [a, b, c, d, e] = seen(0, 0, 0, 30, null) as [Source, Source, Source, Source, Source];
    expect(testimony([a, b, { ...c, ...either }, d, e])).toEqual(testifies('abc', [], 'de'));
    expect(testimony([a, b, { ...c, ...either }, d])).toEqual(testifies('abcd', [['d', 30]], ''));
  });

  it.each(Object.entries(UNREAD))('counts without %s, in no place', (_, given) => {
    const [a, b, c, d, e] = seen(0, 0, 0, 30, 0) as [Source, Source, Source, Source, Source];
    const names = given.address === null ? '' : 'e';
    expect(testimony([a, b, c, d, { ...e, ...given }])).toEqual(testifies('abcd', [['d', 30]], names));
    // two of three that can be read are no majority of four
    expect(testimony([a, b, d, { ...e, ...given }])).toEqual(silent(`abd${names}`));
  });

  it('is not counted where it could not have been heard, or of a server that says itself that it has no time', () => {
    const others = seen(0, 0, 30);
    const accused = testifies('abc', [['c', 30]], '');
    for (const given of [
      { whenSeconds: null, reach: 0 },
      { whenSeconds: 901 },
      { refid: '.RATE.', stratum: null, reach: 0 },
      { stratum: 16 },
      { type: 'p', refid: '.POOL.' },
      { address: '127.127.1.0', remote: 'LOCAL(0)', type: 'l' },
    ]) {
      expect(testimony([...others, exactRow(addressOf('d'), 0, { offsetMs: null, ...given })])).toEqual(accused);
    }
  });

  it('costs a server nothing that is read by its other address', () => {
    const accused = testifies('abc', [['c', 30]], '');
    const unread = { offsetMs: null };
    expect([
      testimony([...seen(0, 0, 30), exactRow('fd00:10::3', 0, unread)]),
      testimony([...seen(0, 0, null), exactRow('fd00:10::3', 30)]),
    ]).toEqual([accused, accused]);
  });

  it('leaves what is read of another that follows the same clock to say where that clock stands', () => {
    expect(testimony(seen(0, null, 0, 0), {}, { 'i-0a': '198.51.100.1', 'i-0b': '198.51.100.1' })).toEqual(
      testifies('acd', [], 'b'),
    );
  });

  it('says of whom it hears, where no more than half could agree', () => {
    expect(testimony(seen(0, 30, 60, 90, null))).toEqual({
      kind: 'abstains',
      clocks: 5,
      agreeing: 2,
      uncompared: SERVER_IDS,
      together: [],
    });
  });
});

describe('whatever rows a witness cannot read', () => {
  /** What each row lacks; null: nothing. */
  const lacks = fc.array(fc.constantFrom(null, null, ...Object.values(UNREAD)), { minLength: 5, maxLength: 5 });
  const lacking = (rows: readonly Source[], fields: readonly (Partial<Source> | null)[]) =>
    rows.map((row, index) => ({ ...row, ...fields[index] }));
  const followed = fc.array(fc.constantFrom(null, '198.51.100.1', '198.51.100.2', 'i-0a'), {
    minLength: 5,
    maxLength: 5,
  });
  const cases = (servers: fc.Arbitrary<Standing[]>) =>
    servers.chain((standing) =>
      fc.record({
        standing: fc.constant(standing),
        rows: rowsSeen(standing),
        fields: lacks,
        words: fc.option(followed.map((all) => Object.fromEntries(SERVER_IDS.map((id, n) => [id, all[n] ?? null])))),
      }),
    );
  const idsOf = (standing: readonly Standing[], honest: boolean) =>
    SERVER_IDS.filter((_, index) => standing[index]?.isHonest === honest);

  it('it accuses no honest server while more than half of all that it hears are honest', () => {
    fc.assert(
      fc.property(cases(standings), ({ standing, rows, fields, words }) => {
        const outcome = testimony(lacking(rows, fields), {}, words ?? {});
        const against = outcome.kind === 'testifies' ? outcome.against.map(({ clock }) => clock) : [];
        const honest = idsOf(standing, true);
        expectEqual(
          against.filter((clock) => honest.includes(clock)),
          [],
        );
      }),
      runs(5000),
    );
  });

  it('it finds no server right that lies by far', () => {
    const far = standings.map((servers) =>
      servers.map(({ isHonest, stands }) => ({ isHonest, stands: isHonest ? stands : stands + 10_000 })),
    );
    fc.assert(
      fc.property(cases(far), ({ standing, rows, fields }) => {
        const outcome = testimony(lacking(rows, fields));
        const liars = idsOf(standing, false);
        const found = outcome.kind === 'testifies' ? outcome : { clocks: [], against: [] };
        expectEqual(
          found.clocks.filter((clock) => liars.includes(clock)),
          found.against.map(({ clock }) => clock),
        );
      }),
      runs(2000),
    );
  });

  it('it names each that it hears once', () => {
    fc.assert(
      fc.property(cases(standings), ({ standing, rows, fields }) => {
        const read = lacking(rows, fields);
        const outcome = testimony(read);
        const compared = outcome.kind === 'testifies' ? outcome.clocks : [];
        const named = SERVER_IDS.slice(0, standing.length).filter((_, index) => read[index]?.address !== null);
        expectEqual([...compared, ...outcome.uncompared].toSorted(), named);
      }),
      runs(500),
    );
  });
});
