import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clockBehind, followedBy, UNKNOWN_CLOCK } from '../../src/diagnosis/followed.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import { runs } from '../builders/property-runs.ts';
import { host } from '../builders/sightings.ts';
import { SERVER_IDS, SERVERS } from '../builders/witnessing.ts';

const [A, B, C, D, E] = SERVERS as [Host, Host, Host, Host, Host];
const CLIENT = host('i-1');
const [P, Q, R] = ['192.0.2.60', '192.0.2.61', '192.0.2.62'];
const [X, Y] = ['198.51.100.7', '198.51.100.8'];
const word = (of: Host, peer: string | null, follows: string | null) => ({
  host: of,
  evidence: { ballot: { peer, follows } },
});

/** All names that are linked to these, each by a server that has both. */
function joinedWith(names: readonly string[], all: readonly string[][]): Set<string> {
  const linked = new Set(names);
  // each round links one more at the least
  for (const _ of all) {
    for (const own of all) if (own.some((each) => linked.has(each))) for (const each of own) linked.add(each);
  }
  return linked;
}

describe('whom clocks follow', () => {
  it('is by the word of boundary servers: a client says of no clock whom it follows, nor is it one', () => {
    const unseen = host('i-2');
    const { clock, peer } = followedBy([A, CLIENT, unseen], [word(CLIENT, P, '198.51.100.7')]);
    expect([CLIENT, unseen].map(({ instanceId }) => [clock(instanceId), peer(instanceId)])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(clock(P)).toBeUndefined();
    expect([clock(A.instanceId), peer(A.instanceId)]).toEqual([null, null]);
  });

  it('is the system peer of a server, of which nobody knows whom that follows', () => {
    const { clock, peer } = followedBy([A], [word(A, P, null)]);
    expect([clock(A.instanceId), peer(A.instanceId), clock(P)]).toEqual([P, P, undefined]);
  });

  it('is the clock that most servers name, in whatever order they come; of as many the end of a chain, then the first by text', () => {
    const counted = (...words: ReturnType<typeof word>[]) =>
      [words, words.toReversed()].map((looked) => {
        const { clock } = followedBy(SERVERS, looked);
        return words.map(({ host: { instanceId } }) => clock(instanceId));
      });
    const twice = <Each>(each: Each) => [each, each];
    // of the same peer, told at different moments
    expect(counted(word(A, P, X), word(B, P, Y), word(C, R, R))).toEqual(twice([P, P, R]));
    expect(counted(word(A, P, X))).toEqual(twice([X]));
    expect(counted(word(A, P, X), word(B, Q, X), word(C, P, P), word(D, Q, X))).toEqual(twice([X, X, P, X]));
    // X ends more chains, though P comes first
    expect(counted(word(A, P, X), word(B, P, P), word(C, Q, X))).toEqual(twice([X, P, X]));
    expect(counted(word(A, P, Y), word(B, Y, X), word(C, X, X))).toEqual(twice([Y, X, X]));
    expect(counted(word(A, Q, R), word(B, R, Q), word(C, P, R))).toEqual(twice([R, R, R]));
  });

  it('is of a clock that is no server what more than half of all servers say', () => {
    const saying = (...words: ReturnType<typeof word>[]) => followedBy([A, B, C, D], words).clock(P);
    expect(saying(word(A, P, X), word(B, P, X), word(C, P, X))).toBe(X);
    expect(saying(word(A, P, X), word(B, P, X), word(C, P, Y), word(D, Q, X))).toBeUndefined();
    expect(saying(word(A, P, P), word(B, P, P), word(C, P, P))).toBeUndefined();
    expect(saying(word(A, P, null), word(B, P, null), word(C, P, null))).toBeUndefined();
    expect(saying(word(A, Q, X), word(B, Q, X), word(C, Q, X))).toBeUndefined();
    expect(saying(word(A, null, X), word(B, null, X), word(C, null, X))).toBeUndefined();
  });

  it('has no two honest servers for one that their own words do not join, whatever fewer than half say', () => {
    const clockName = fc.constantFrom(P, Q, R, X, Y);
    const drawn = fc.array(fc.record({ peer: clockName, follows: clockName }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(drawn, fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 3, maxLength: 3 }), (words, honest) => {
        const looked = words.map((ballot, at) => ({ host: SERVERS[at] as Host, evidence: { ballot } }));
        const { clock } = followedBy(SERVERS, looked);
        const honestNames = honest.flatMap((at) => (words[at] ? [[words[at].peer, words[at].follows]] : []));
        const joined = honestNames.map((own) => joinedWith(own, honestNames));
        const behind = honest.map((at) => clockBehind(SERVER_IDS[at] ?? '', clock));
        for (const [first, names] of joined.entries()) {
          const asFirst = behind.flatMap((each, at) => (each === behind[first] ? (honestNames[at] ?? []) : []));
          expect(asFirst.filter((each) => !names.has(each))).toEqual([]);
        }
      }),
      runs(500),
    );
  });

  it('has servers with one system peer for one, and those of whose peers all say that they follow one', () => {
    const [chrony, ntpd] = [word(A, P, P), word(B, P, X)];
    const behindEach = (...looked: ReturnType<typeof word>[]) => {
      const { clock } = followedBy(SERVERS, looked);
      return new Set(looked.map(({ host: { instanceId } }) => clockBehind(instanceId, clock))).size;
    };
    expect(behindEach(chrony, ntpd)).toBe(1);
    expect(behindEach(word(A, P, X), word(B, Q, X), word(C, X, X))).toBe(1);
    expect(behindEach(chrony, ntpd, word(C, A.instanceId, A.instanceId))).toBe(1);
    // three of five say whom P follows: so does who is not told
    expect(behindEach(chrony, ntpd, word(C, P, X), word(D, P, X), word(E, R, X))).toBe(1);
    expect(behindEach(chrony, ntpd, word(C, P, X), word(D, P, P), word(E, R, X))).toBe(2);
  });

  it.each([
    [15, 'the end'],
    [16, UNKNOWN_CLOCK],
  ])('is found through a chain of %d clocks: %s', (length, end) => {
    const next = new Map(
      Array.from({ length }, (_, place) => [`${place}`, place + 1 === length ? 'the end' : `${place + 1}`]),
    );
    expect(clockBehind('0', (name) => next.get(name))).toBe(end);
  });
});
