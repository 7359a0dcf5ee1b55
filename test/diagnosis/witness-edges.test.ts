import { describe, expect, it } from '@jest/globals';
import { clocksHeard, type HeardClocks, type WitnessContext } from '../../src/diagnosis/heard-clocks.ts';
import type { Testimony } from '../../src/diagnosis/testimony.ts';
import { testimonyOf } from '../../src/diagnosis/witnesses.ts';
import type { Source } from '../../src/ntp/source.ts';
import {
  addressOf,
  CLOCKS,
  DISAGREEMENT_MS,
  exactRow,
  following,
  LETTERS,
  SERVER_IDS,
  STRETCH_MS,
  testimony,
} from '../builders/witnessing.ts';

/** Servers a, b, …, seen so far ahead. */
const seen = (offsetsMs: readonly number[], given: Partial<Source> = {}) =>
  offsetsMs.map((offsetMs, index) => exactRow(addressOf(LETTERS[index] ?? ''), offsetMs, given));
const heard = (sources: readonly Source[], given: Partial<WitnessContext> = {}) =>
  clocksHeard(
    { daemon: 'ntpsec', sources, sourcesComplete: true, isStarting: false },
    { clocks: CLOCKS, isBoundary: false, classOf: null, stretchMs: STRETCH_MS, shared: (list) => list, ...given },
  );
const silent = (uncompared: readonly string[], together: readonly string[] = uncompared): Testimony => ({
  kind: 'silent',
  uncompared,
  together,
});

describe('too few clocks behind the rows of a witness', () => {
  const UPSTREAMS = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
  /** Two of the three follow one clock. */
  const upstreams = (offsetsMs: readonly number[]) =>
    UPSTREAMS.map((address, index) =>
      exactRow(address, offsetsMs[index] ?? 0, { stratum: 2, refid: index < 2 ? '198.51.100.7' : '198.51.100.8' }),
    );
  const THREE = SERVER_IDS.slice(0, 3);
  const unknown = Object.fromEntries(THREE.map((id) => [id, null]));

  it.each<[string, (offsetsMs: number[]) => Testimony, readonly string[]]>([
    ['upstreams that follow two clocks', (offsetsMs) => testimony(upstreams(offsetsMs)), UPSTREAMS],
    ['servers that follow nobody knows whom', (offsetsMs) => testimony(seen(offsetsMs), {}, unknown), THREE],
    [
      'two servers, and one that follows nobody knows whom',
      (offsetsMs) => testimony(seen(offsetsMs), {}, { 'i-0a': null }),
      THREE,
    ],
  ])('%s: it sees who stands together, and accuses nobody', (_, testimonyBy, names) => {
    expect(testimonyBy([0, 0, 0])).toEqual(silent(names));
    expect(testimonyBy([0, 0, 30])).toEqual(silent(names, names.slice(0, 2)));
  });

  it('are enough with one of those that follow nobody knows whom, if that one stands apart from all the others', () => {
    const followed = { 'i-0c': null, 'i-0d': null };
    const four = SERVER_IDS.slice(0, 4);
    expect(testimony(seen([0, 0, 0, 30]), {}, followed)).toEqual({
      kind: 'testifies',
      clocks: four,
      cleared: four.slice(0, 3),
      against: [{ clock: 'i-0d', offMs: 30, mostMs: 32.5 }],
      uncompared: [],
    });
    expect(testimony(seen([0, 0, 0, 0]), {}, followed)).toEqual(silent(four));
  });

  it('are those of servers that follow one peer, where there is a row of which nobody knows whose it is', () => {
    const four = SERVER_IDS.slice(0, 4);
    const onePeer = Object.fromEntries(four.map((id) => [id, '198.51.100.1']));
    const rows = seen([0, 0, 0, 30]);
    const nameless = exactRow(addressOf('e'), 0, { address: null });
    expect(testimony(rows, {}, onePeer).kind).toBe('testifies');
    expect(testimony([...rows, nameless], {}, onePeer)).toEqual(silent(four, four.slice(0, 3)));
  });
});

describe('a witness whose clocks are compared by their smear class', () => {
  it('sees in each who stands together, where all are too small', () => {
    const sets = heard(seen([0, 0, 40, 40]), {
      classOf: (clock) => (['i-0a', 'i-0b'].includes(clock) ? 'utc' : 'aws'),
    });
    expect(sets).toHaveLength(2);
    expect(testimonyOf(sets, following(), DISAGREEMENT_MS)).toEqual(silent(SERVER_IDS.slice(0, 4)));
  });

  it('says nothing where it hears of none', () => {
    expect(testimonyOf([], following(), DISAGREEMENT_MS)).toEqual(silent([]));
  });
});

describe('what a witness finds', () => {
  it('clears nobody where its clocks agree by the age of their rows alone', () => {
    const names = SERVER_IDS.slice(0, 3);
    const found = { kind: 'testifies', clocks: names, against: [], uncompared: [] };
    expect(testimony(seen([0, 20, 40], { whenSeconds: 800 }))).toEqual({ ...found, cleared: [] });
    expect(testimony(seen([0, 20, 40])).kind).toBe('abstains');
  });

  it('is by what its rows say at their age, not by what they would say just heard', () => {
    const onePeer = { 'i-0a': '198.51.100.1', 'i-0b': '198.51.100.1' };
    const rows = (whenSeconds: number) => seen([0, 20, 0], { whenSeconds });
    expect(testimony(rows(0), {}, onePeer).kind).toBe('testifies');
    // aged they agree, and two clocks are too few
    expect(testimony(rows(800), {}, onePeer)).toEqual(silent(SERVER_IDS.slice(0, 3)));
  });

  it('takes a nanosecond for noise of the arithmetic, beside all that could agree and beside those that do', () => {
    const limitMs = 0;
    const unread = exactRow(addressOf('e'), 0, { offsetMs: null });
    const found = (offMs: number) => {
      const sets = heard([...seen([0, 0, 0, offMs]), unread], { stretchMs: limitMs });
      return testimonyOf(sets, following(), limitMs);
    };
    const clocks = SERVER_IDS.slice(0, 4);
    const right = { kind: 'testifies', clocks, cleared: clocks, against: [], uncompared: ['i-0e'] };
    expect(found(1e-6)).toEqual(right);
    expect(found(1.5e-6)).toEqual({
      ...right,
      cleared: clocks.slice(0, 3),
      against: [{ clock: 'i-0d', offMs: 1.5e-6, mostMs: 1.5e-6 }],
    });
  });

  it('has one list for all that are the same: ten thousand hosts hear the same servers', () => {
    const found = (offsetsMs: readonly number[]) => {
      const [set] = heard(seen(offsetsMs)) as [HeardClocks];
      const outcome = testimonyOf([set], following(), DISAGREEMENT_MS);
      return { names: set.names, ...(outcome as Testimony & { kind: 'testifies' }) };
    };
    // as far apart as the limit: compared row by row
    const [byRows, agreeing] = [found([0, 0, DISAGREEMENT_MS]), found([0, 0, 0])];
    for (const { names, clocks, cleared, against, uncompared } of [byRows, agreeing]) {
      expect([clocks, cleared, against, uncompared]).toEqual([names, names, [], []]);
      expect(clocks).toBe(names);
      expect(cleared).toBe(names);
      expect(against).toBe(agreeing.against);
      expect(uncompared).toBe(agreeing.uncompared);
    }
  });
});
