import { describe, expect, it } from '@jest/globals';
import type { Heir, Inherited } from '../../src/diagnosis/descent.ts';
import { inheritance, setClockBy } from '../../src/diagnosis/inherited-bound.ts';
import { MEASURES } from '../builders/judgements.ts';
import { host, server } from '../builders/sightings.ts';

interface Clock {
  boundMs: number | null;
  growthPpm?: number;
  isInHoldover?: boolean;
  /** So far from each, in milliseconds. */
  follows?: Record<string, number>;
  unservedMs?: number;
}

/** `a` to `c` are boundary servers, in the order of their ids; of `i-00`, a client, the id comes first. */
const heir = (
  id: string,
  { boundMs, growthPpm = 15, isInHoldover = false, follows = {}, unservedMs = 0 }: Clock,
): Heir => ({
  host: id === 'i-00' ? host(id) : server(id.slice(-1), []),
  measures: { ...MEASURES, errorBoundMs: boundMs, growthPpm },
  descent: {
    isInHoldover,
    localClock: null,
    follows: Object.entries(follows).map(([name, apartMs]) => ({ name, isOnItsOwn: false, apartMs })),
    atMs: null,
    unservedMs,
    unjudged: [],
  },
});

function inheritedIn(clocks: Record<string, Clock>, order = Object.keys(clocks)): Record<string, Inherited | null> {
  const heirs = order.map((id) => heir(id, clocks[id] as Clock));
  const inherited = inheritance(heirs, () => false);
  return Object.fromEntries(heirs.map((each) => [each.host.instanceId, inherited(each)]));
}

const lost = (boundMs: number | null): Clock => ({ boundMs, isInHoldover: true });

describe('of several servers in holdover that a clock may follow', () => {
  it.each<[string, Record<string, number | null>, from: string, boundMs: number | null]>([
    ['the least counts, wherever its row stands', { 'i-0a': 12, 'i-0b': 10, 'i-0c': 11 }, 'i-0b', 11],
    ['of those that are alike the first row', { 'i-0c': 10, 'i-0a': 10, 'i-0b': 10 }, 'i-0c', 11],
    ['one that is known before those that are not', { 'i-0a': null, 'i-0b': 10, 'i-0c': null }, 'i-0b', 11],
    ['where none is known the first row', { 'i-0b': null, 'i-0a': null }, 'i-0b', null],
  ])('%s', (_, servers, from, boundMs) => {
    const follows = Object.fromEntries(Object.keys(servers).map((id) => [id, 1]));
    const clocks = Object.fromEntries(Object.entries(servers).map(([id, ofServer]) => [id, lost(ofServer)]));
    expect(inheritedIn({ ...clocks, 'i-00': { boundMs: 3, follows } })['i-00']).toEqual({
      boundMs,
      growthPpm: 15,
      by: { kind: 'server', from, serverBoundMs: servers[from] },
    });
  });
});

describe('what a clock has from its server', () => {
  const ofClient = (boundMs: number | null, growthPpm?: number) =>
    inheritedIn({ 'i-0a': lost(10), 'i-00': { boundMs, ...(growthPpm && { growthPpm }), follows: { 'i-0a': 1 } } })[
      'i-00'
    ];
  const INHERITED: Inherited = { boundMs: 11, growthPpm: 15, by: { kind: 'server', from: 'i-0a', serverBoundMs: 10 } };

  it('is nothing where its own bound is as large', () => {
    expect([ofClient(10.9), ofClient(11), ofClient(11.1)]).toEqual([INHERITED, null, null]);
  });

  it('grows as fast as the clock itself may run off, where that is faster', () => {
    expect(ofClient(3, 66)).toEqual({ ...INHERITED, growthPpm: 66 });
  });

  it('is nothing where it has no bound of its own', () => {
    expect(ofClient(null)).toBeNull();
  });

  it('makes no clock known whose own offset is not', () => {
    expect(setClockBy(null, INHERITED)).toBeNull();
  });
});

describe('in a ring of servers', () => {
  const ring: Record<string, Clock> = {
    'i-0a': { ...lost(10), follows: { 'i-0b': 1 } },
    'i-0b': { boundMs: 3, follows: { 'i-0a': 1 } },
    'i-00': { boundMs: 3, follows: { 'i-0b': 1 } },
  };

  it.each([[['i-0a', 'i-0b', 'i-00']], [['i-00', 'i-0b', 'i-0a']], [['i-0b', 'i-00', 'i-0a']]])(
    'the first by name counts by its own word to the others, in whatever order hosts are judged: %j',
    (order) => {
      expect(inheritedIn(ring, order)).toEqual({
        'i-0a': { boundMs: 12, growthPpm: 15, by: { kind: 'server', from: 'i-0b', serverBoundMs: 11 } },
        'i-0b': { boundMs: 13, growthPpm: 15, by: { kind: 'server', from: 'i-0a', serverBoundMs: 12 } },
        'i-00': { boundMs: 12, growthPpm: 15, by: { kind: 'server', from: 'i-0b', serverBoundMs: 11 } },
      });
    },
  );
});

describe('of servers in touch that serve not all of what they may run off', () => {
  const inTouch = (unservedMs: number, given: Partial<Clock> = {}): Clock => ({ boundMs: 3, unservedMs, ...given });
  const ofClient = (clocks: Record<string, Clock>, client: Partial<Clock> = {}) =>
    inheritedIn({ ...clocks, 'i-00': { boundMs: 3, follows: { 'i-0a': 1, 'i-0b': 1 }, ...client } })['i-00'];
  const GROWN: Inherited = { boundMs: 8, growthPpm: 15, by: { kind: 'unserved', from: 'i-0b', ms: 5 } };

  it.each<[string, Record<string, Clock>]>([
    ['the most counts', { 'i-0a': inTouch(2), 'i-0b': inTouch(5) }],
    ['it comes to what they have from others', { 'i-0b': inTouch(2, { follows: { 'i-0c': 9 } }), 'i-0c': inTouch(3) }],
    ['one of several that are alike counts once', { 'i-0b': inTouch(5), 'i-0c': inTouch(5) }],
    ['who serves all of it gives none', { 'i-0a': inTouch(0), 'i-0b': inTouch(5) }],
  ])('%s', (_, clocks) => {
    expect(ofClient(clocks)).toEqual(GROWN);
  });

  it('it grows as fast as that server may run off', () => {
    const chain = { 'i-0b': inTouch(2, { follows: { 'i-0c': 9 } }), 'i-0c': inTouch(3, { growthPpm: 66 }) };
    expect(ofClient(chain)).toEqual({ ...GROWN, growthPpm: 66 });
    expect(ofClient({ 'i-0b': inTouch(5, { growthPpm: 66 }) })).toEqual({ ...GROWN, growthPpm: 66 });
    expect(ofClient({ 'i-0b': inTouch(5) }, { growthPpm: 40 })).toEqual({ ...GROWN, growthPpm: 40 });
  });

  it('it counts too where the clock may follow others, and where it is in holdover itself', () => {
    const servers = { 'i-0b': inTouch(5) };
    const beside = { follows: { '': 1, 'i-0b': 1 } };
    expect([ofClient(servers, beside), ofClient(servers, { isInHoldover: true })]).toEqual([GROWN, GROWN]);
  });

  it('beside one in holdover it comes to the own bound, and from that alone comes the whole', () => {
    const servers = { 'i-0a': lost(10), 'i-0b': inTouch(5) };
    expect(ofClient(servers)).toEqual(GROWN);
    expect(ofClient({ 'i-0a': { ...lost(10), unservedMs: 5 } }, { follows: { 'i-0a': 1 } })).toEqual({
      boundMs: 11,
      growthPpm: 15,
      by: { kind: 'server', from: 'i-0a', serverBoundMs: 10 },
    });
  });

  it('it is none of a server that is not known, and makes no bound of none', () => {
    expect([ofClient({}), ofClient({ 'i-0b': inTouch(5) }, { boundMs: null })]).toEqual([null, null]);
  });

  it('it comes to how far a clock is around its offset', () => {
    expect(setClockBy({ offsetMs: -0.25, rootDistanceMs: 2, growthPpm: 15 }, GROWN)).toEqual({
      offsetMs: -0.25,
      rootDistanceMs: 7,
      growthPpm: 15,
    });
  });
});
