import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  accusersWanted,
  type Hearing,
  hearAll,
  hearingText,
  isAccused,
  isAcquitted,
  isUnwitnessed,
  type Ruling,
  rulingOfServer,
  rulingOfUpstream,
  UNHEARD,
} from '../../src/diagnosis/convictions.ts';
import type { Accusation, Testimony } from '../../src/diagnosis/testimony.ts';
import { expectEqual } from '../builders/expectations.ts';
import { runs } from '../builders/property-runs.ts';
import { lyingTestimony, rowsSeen, SERVER_IDS, type Standing, standings, testimony } from '../builders/witnessing.ts';

const ABSTAINS: Testimony = { kind: 'abstains', clocks: 3, agreeing: 1, uncompared: ['b', 'e'], together: ['b'] };
const SILENT: Testimony = { kind: 'silent', uncompared: ['a', 'c', 'e'], together: ['a', 'e'] };

const says = (clocks: string[], ...against: Accusation[]): Testimony => ({
  kind: 'testifies',
  clocks,
  cleared: clocks.filter((clock) => clock !== 'b' && !against.some((each) => each.clock === clock)),
  against,
  uncompared: ['f'],
});

describe('what witnesses say of a clock', () => {
  it('counts those that compare it, those that accuse it, and by how much the middle one does', () => {
    const heard = hearAll([
      says(['a', 'b', 'c'], { clock: 'c', offMs: 8, mostMs: 11 }),
      says(['a', 'b', 'c'], { clock: 'c', offMs: 9, mostMs: 12 }),
      says(['a', 'c', 'd'], { clock: 'c', offMs: -700, mostMs: 703 }, { clock: 'a', offMs: 6, mostMs: 9 }),
      says(['a', 'b', 'c']),
      ABSTAINS,
      SILENT,
    ]);
    expect([...heard]).toEqual([
      ['f', { hearers: 4, witnesses: 0, cleared: 0, agreeing: 0, accusers: 0, offMs: null, mostMs: null }],
      ['a', { hearers: 5, witnesses: 4, cleared: 3, agreeing: 1, accusers: 1, offMs: 6, mostMs: 9 }],
      ['b', { hearers: 4, witnesses: 3, cleared: 0, agreeing: 1, accusers: 0, offMs: null, mostMs: null }],
      ['c', { hearers: 5, witnesses: 4, cleared: 1, agreeing: 0, accusers: 3, offMs: 8, mostMs: 703 }],
      ['d', { hearers: 1, witnesses: 1, cleared: 1, agreeing: 0, accusers: 0, offMs: null, mostMs: null }],
      ['e', { hearers: 2, witnesses: 0, cleared: 0, agreeing: 1, accusers: 0, offMs: null, mostMs: null }],
    ]);
  });

  it('counts hosts, also those that share one testimony', () => {
    const apart = [
      says(['a', 'b'], { clock: 'b', offMs: 8, mostMs: 11 }),
      says(['a', 'b'], { clock: 'b', offMs: -3, mostMs: 4 }),
      ABSTAINS,
      SILENT,
    ];
    const all = apart.flatMap((each) => [each, each, each]);
    expectEqual(hearAll(all), hearAll(all.map((each) => ({ ...each }))));
    expect(hearAll(all).get('b')).toEqual({
      hearers: 9,
      witnesses: 6,
      cleared: 0,
      agreeing: 3,
      accusers: 6,
      offMs: -3,
      mostMs: 11,
    });
  });

  it.each<[number, number, Ruling | null, Ruling | null]>([
    [0, 0, null, null],
    [12, 0, null, null],
    [1, 1, 'unwitnessed', 'unwitnessed'],
    [2, 1, null, null],
    [2, 2, 'unwitnessed', 'contradicted'],
    [3, 2, 'unwitnessed', 'contradicted'],
    [3, 3, 'contradicted', 'contradicted'],
    [5, 3, 'contradicted', 'contradicted'],
    [6, 3, null, null],
    [10_000, 5000, null, null],
    [10_000, 5001, 'contradicted', 'contradicted'],
  ])('of %i that compare it %i accuse: a server is %s, an upstream %s', (witnesses, accusers, server, upstream) => {
    const hearing: Hearing = { ...UNHEARD, hearers: witnesses, witnesses, accusers, offMs: 8 };
    expect([rulingOfServer(hearing), rulingOfUpstream(hearing)]).toEqual([server, upstream]);
  });

  it.each<[string, Partial<Hearing>, Ruling | null, isAccused: boolean]>([
    ['as many more cannot compare it', { hearers: 24, witnesses: 12, accusers: 12 }, 'contradicted', true],
    ['a quarter of all', { hearers: 12, witnesses: 3, accusers: 3 }, 'contradicted', true],
    ['just less than a quarter', { hearers: 13, witnesses: 3, accusers: 3 }, 'unwitnessed', false],
    ['three of hundreds', { hearers: 503, witnesses: 3, accusers: 3 }, 'unwitnessed', false],
    ['a quarter of all, and half of its witnesses', { hearers: 12, witnesses: 6, accusers: 3 }, null, false],
    [
      'most of its witnesses, and not a quarter of all',
      { hearers: 40, witnesses: 12, accusers: 9 },
      'unwitnessed',
      false,
    ],
    ['two, who are all that hear it', { hearers: 2, witnesses: 2, accusers: 2 }, 'unwitnessed', true],
    ['two of nine', { hearers: 9, witnesses: 2, accusers: 2 }, 'unwitnessed', false],
    [
      'three of ten, where seven see it with others',
      { hearers: 10, witnesses: 3, agreeing: 7, accusers: 3 },
      'unwitnessed',
      false,
    ],
    [
      'half, where as many see it with others',
      { hearers: 6, witnesses: 3, agreeing: 3, accusers: 3 },
      'unwitnessed',
      false,
    ],
    ['more than see it with others', { hearers: 7, witnesses: 4, agreeing: 3, accusers: 4 }, 'contradicted', true],
    ['none', { hearers: 9, witnesses: 9, accusers: 0 }, null, false],
  ])('accused by %s', (_, given, ruling, accused) => {
    const hearing = { ...UNHEARD, offMs: 8, ...given };
    expect([rulingOfServer(hearing), isAccused(hearing)]).toEqual([ruling, accused]);
  });

  it.each<[Partial<Hearing>, accusers: number, why: string]>([
    [{ hearers: 12, witnesses: 4 }, 3, ''],
    [{ hearers: 13, witnesses: 4 }, 4, 'a quarter of the 13 that hear it'],
    [{ hearers: 16, witnesses: 7 }, 4, 'a quarter of the 16 that hear it'],
    [{ hearers: 16, witnesses: 7, agreeing: 1 }, 5, 'most of the 8 that see it beside others'],
  ])('%j: %i must accuse it, and the first that asks for so many says why', (given, accusers, why) => {
    expect(accusersWanted({ ...UNHEARD, ...given })).toEqual({ accusers, why });
  });

  it.each<[Partial<Hearing>, boolean]>([
    [{ hearers: 2, witnesses: 2 }, true],
    [{ hearers: 3, witnesses: 3 }, false],
    [{ hearers: 12, witnesses: 3 }, false],
    [{ hearers: 13, witnesses: 3 }, true],
    [{ hearers: 503, witnesses: 3 }, true],
  ])('%j: nobody can convict it (%p)', (given, expected) => {
    expect(isUnwitnessed({ ...UNHEARD, ...given })).toBe(expected);
  });

  it.each<[string, Partial<Hearing>, boolean]>([
    ['three find it right', { witnesses: 3, cleared: 3 }, true],
    ['two do', { witnesses: 9, cleared: 2 }, false],
    ['two do, and one accuses it', { witnesses: 9, cleared: 2, accusers: 1 }, true],
    ['as many accuse it', { witnesses: 6, cleared: 3, accusers: 3 }, true],
    ['more accuse it', { witnesses: 7, cleared: 3, accusers: 4 }, false],
    ['many cannot tell', { witnesses: 12, cleared: 0 }, false],
    ['nobody hears it', {}, false],
  ])('acquitted, when %s', (_, given, expected) => {
    expect(isAcquitted({ ...UNHEARD, ...given })).toBe(expected);
  });

  it('says it with the number and the limit', () => {
    const about = { witness: 'client', clock: 'it', limitMs: 5 };
    expect(hearingText({ ...UNHEARD, hearers: 12, witnesses: 12, accusers: 12, offMs: 8.1 }, about)).toBe(
      "12 of 12 clients see it 8.1 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest)",
    );
    expect(
      hearingText(
        { ...UNHEARD, hearers: 3, witnesses: 2, accusers: 2, offMs: -5.00001 },
        { ...about, clock: '192.0.2.1' },
      ),
    ).toBe(
      "2 of 2 clients see 192.0.2.1 5.00001 ms behind where their other sources agree (limit 5 ms; so while each host's majority is honest); 1 more hears it and cannot compare it",
    );
    expect(hearingText({ ...UNHEARD, hearers: 3, witnesses: 3, accusers: 3, offMs: 5 }, about)).toBe(
      "3 of 3 clients see it 5 ms ahead of where their other sources agree (not yet below 4 ms, 80 % of the limit of 5 ms, which it was over; so while each host's majority is honest)",
    );
    expect(hearingText({ ...UNHEARD, hearers: 1, witnesses: 1, accusers: 1, offMs: 30 }, about)).toBe(
      "1 of 1 client sees it 30 ms ahead of where its other sources agree (limit 5 ms; so while each host's majority is honest)",
    );
  });
});

describe('a lying minority of any size', () => {
  /** Fewer liars among servers than honest ones, fewer among those that testify than honest witnesses. */
  const trial = standings.chain((servers) =>
    fc.integer({ min: 1, max: 9 }).chain((honest) =>
      fc.record({
        servers: fc.constant(servers),
        rows: fc.array(rowsSeen(servers), { minLength: honest, maxLength: honest }),
        lies: fc.array(lyingTestimony, { maxLength: honest - 1 }),
        // who hears all and compares nothing
        uncomparing: fc.nat({ max: 12 }),
        // who is first heard must not matter
        seed: fc.nat(),
      }),
    ),
  );

  it('convicts no honest server, and makes none unwitnessed', () => {
    fc.assert(
      fc.property(trial, ({ servers, rows, lies, uncomparing, seed }) => {
        const quiet = Array<Testimony>(uncomparing).fill({ kind: 'silent', uncompared: SERVER_IDS, together: [] });
        const testimonies = [...lies, ...rows.map((ofOne) => testimony(ofOne)), ...quiet];
        const turned = [
          ...testimonies.slice(seed % testimonies.length),
          ...testimonies.slice(0, seed % testimonies.length),
        ];
        const heard = hearAll(turned);
        const honest = SERVER_IDS.filter((_, index) => servers[index]?.isHonest);
        const rulings = honest.map((id) => rulingOfServer(heard.get(id) ?? UNHEARD));
        expectEqual(
          rulings,
          honest.map(() => null),
        );
        const sorted = (of: typeof heard) => [...of].sort(([a], [b]) => (a < b ? -1 : 1));
        expectEqual(sorted(heard), sorted(hearAll(testimonies)));
      }),
      runs(1000),
    );
  });

  it('saves no lying server that all honest witnesses see far off, nor do hosts that cannot compare it', () => {
    const far = fc.integer({ min: 3, max: 9 }).chain((honest) => {
      const servers = [0, 0, 10_000].map((stands) => ({ isHonest: stands === 0, stands }));
      return fc.record({
        rows: fc.array(rowsSeen(servers), { minLength: honest, maxLength: honest }),
        lies: fc.array(lyingTestimony, { maxLength: honest - 1 }),
        // with all that lie no more than three for each of the honest
        uncomparing: fc.nat({ max: 2 * honest + 1 }),
      });
    });
    fc.assert(
      fc.property(far, ({ rows, lies, uncomparing }) => {
        const quiet = Array<Testimony>(uncomparing).fill({ kind: 'silent', uncompared: SERVER_IDS, together: [] });
        const heard = hearAll([...lies, ...rows.map((ofOne) => testimony(ofOne)), ...quiet]);
        const hearing = heard.get('i-0c') ?? UNHEARD;
        expectEqual(rulingOfServer(hearing), 'contradicted');
      }),
      runs(500),
    );
  });

  it('convicts no honest server that most clients of its pod see stand with another, whatever sources they invent', () => {
    // clients of two servers that are both right; each liar says what it likes, also of a third
    const pair = [0, 1].map((): Standing => ({ isHonest: true, stands: 0 }));
    const two = fc.integer({ min: 1, max: 9 }).chain((honest) =>
      fc.record({
        rows: fc.array(rowsSeen(pair), { minLength: honest, maxLength: honest }),
        lies: fc.array(lyingTestimony, { maxLength: honest - 1 }),
      }),
    );
    fc.assert(
      fc.property(two, ({ rows, lies }) => {
        const heard = hearAll([...lies, ...rows.map((ofOne) => testimony(ofOne))]);
        const rulings = ['i-0a', 'i-0b'].map((id) => rulingOfServer(heard.get(id) ?? UNHEARD));
        expectEqual(rulings.includes('contradicted'), false);
      }),
      runs(500),
    );
  });
});
