import { describe, expect, it } from '@jest/globals';
import { clockBehind, followedBy, UNKNOWN_CLOCK } from '../../src/diagnosis/followed.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import { host } from '../builders/sightings.ts';
import { SERVERS } from '../builders/witnessing.ts';

const [A, B] = SERVERS as [Host, Host];
const CLIENT = host('i-1');
const [P, Q, R] = ['192.0.2.60', '192.0.2.61', '192.0.2.62'];
const word = (of: Host, peer: string | null, follows: string | null) => ({
  host: of,
  evidence: { ballot: { peer, follows } },
});

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

  it('is the first by name of what servers tell at different moments, in whatever order they come', () => {
    const looked = [word(A, P, '198.51.100.7'), word(B, P, '198.51.100.8')];
    const turned = [word(A, P, '198.51.100.8'), word(B, P, '198.51.100.7')];
    expect([looked, turned].map((each) => followedBy([A, B], each).clock(P))).toEqual(['198.51.100.7', '198.51.100.7']);
  });

  it('is of those that follow a ring the first in the ring, and not themselves', () => {
    const { clock } = followedBy(SERVERS, [
      word(A, P, R),
      word(B, Q, R),
      ...SERVERS.slice(2, 3).map((of) => word(of, R, Q)),
    ]);
    expect([P, Q, R].map((name) => clock(name))).toEqual([Q, undefined, Q]);
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
