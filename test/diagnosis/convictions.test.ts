import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Hearing,
  hearAll,
  hearingText,
  isUnwitnessed,
  rulingOfServer,
  rulingOfUpstream,
  UNHEARD,
} from '../../src/diagnosis/convictions.ts';
import type { Accusation, Testimony } from '../../src/diagnosis/witnesses.ts';
import { expectEqual } from '../builders/expectations.ts';
import { runs } from '../builders/property-runs.ts';
import { lyingTestimony, rowsSeen, SERVER_IDS, standings, testimony } from '../builders/witnessing.ts';

const ABSTAINS: Testimony = { kind: 'abstains', clocks: 3, agreeing: 1 };
const SILENT: Testimony = { kind: 'silent', uncompared: ['a', 'e'] };

const says = (clocks: string[], ...against: Accusation[]): Testimony => ({
  kind: 'testifies',
  clocks,
  against,
  uncompared: ['f'],
});

describe('what witnesses say of a clock', () => {
  it('counts those that compare it, those that accuse it, and by how much the middle one does', () => {
    const heard = hearAll([
      says(['a', 'b', 'c'], { clock: 'c', offMs: 8 }),
      says(['a', 'b', 'c'], { clock: 'c', offMs: 9 }),
      says(['a', 'c', 'd'], { clock: 'c', offMs: -700 }, { clock: 'a', offMs: 6 }),
      says(['a', 'b', 'c']),
      ABSTAINS,
      SILENT,
    ]);
    expect([...heard]).toEqual([
      ['f', { hearers: 4, witnesses: 0, accusers: 0, offMs: null }],
      ['a', { hearers: 5, witnesses: 4, accusers: 1, offMs: 6 }],
      ['b', { hearers: 3, witnesses: 3, accusers: 0, offMs: null }],
      ['c', { hearers: 4, witnesses: 4, accusers: 3, offMs: 8 }],
      ['d', { hearers: 1, witnesses: 1, accusers: 0, offMs: null }],
      ['e', { hearers: 1, witnesses: 0, accusers: 0, offMs: null }],
    ]);
  });

  it.each<[number, number, ReturnType<typeof rulingOfServer>, ReturnType<typeof rulingOfUpstream>]>([
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
  ])('of %i that hear it %i accuse: a server is %s, an upstream %s', (hearers, accusers, server, upstream) => {
    const hearing: Hearing = { hearers, witnesses: accusers, accusers, offMs: 8 };
    expect([rulingOfServer(hearing), rulingOfUpstream(hearing)]).toEqual([server, upstream]);
  });

  it.each<[Partial<Hearing>, boolean]>([
    [{ hearers: 2, witnesses: 2 }, true],
    [{ hearers: 3, witnesses: 3 }, false],
    [{ hearers: 5, witnesses: 3 }, false],
    [{ hearers: 6, witnesses: 3 }, true],
    [{ hearers: 503, witnesses: 3 }, true],
  ])('%j: nobody can convict it (%p)', (given, expected) => {
    expect(isUnwitnessed({ ...UNHEARD, ...given })).toBe(expected);
  });

  it('says it with the number and the limit', () => {
    const about = { witness: 'client', clock: 'it', limitMs: 5 };
    expect(hearingText({ hearers: 12, witnesses: 12, accusers: 12, offMs: 8.1 }, about)).toBe(
      "12 of 12 clients see it 8.1 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest)",
    );
    expect(
      hearingText({ hearers: 3, witnesses: 2, accusers: 2, offMs: -5.00001 }, { ...about, clock: '192.0.2.1' }),
    ).toBe(
      "2 of 3 clients see 192.0.2.1 5.00001 ms behind where their other sources agree (limit 5 ms; so while each host's majority is honest)",
    );
    expect(hearingText({ hearers: 1, witnesses: 1, accusers: 1, offMs: 30 }, about)).toBe(
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
        // who is first heard must not matter
        seed: fc.nat(),
      }),
    ),
  );

  it('convicts no honest server, and makes none unwitnessed', () => {
    fc.assert(
      fc.property(trial, ({ servers, rows, lies, seed }) => {
        const testimonies = [...lies, ...rows.map((ofOne) => testimony(ofOne))];
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

  it('saves no lying server that all honest witnesses see far off', () => {
    const far = fc.integer({ min: 3, max: 9 }).chain((honest) => {
      const servers = [0, 0, 10_000].map((stands) => ({ isHonest: stands === 0, stands }));
      return fc.record({
        rows: fc.array(rowsSeen(servers), { minLength: honest, maxLength: honest }),
        lies: fc.array(lyingTestimony, { maxLength: honest - 1 }),
      });
    });
    fc.assert(
      fc.property(far, ({ rows, lies }) => {
        const heard = hearAll([...lies, ...rows.map((ofOne) => testimony(ofOne))]);
        const hearing = heard.get('i-0c') ?? UNHEARD;
        expectEqual(rulingOfServer(hearing), 'contradicted');
      }),
      runs(500),
    );
  });
});
