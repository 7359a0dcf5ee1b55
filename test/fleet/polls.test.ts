import { describe, expect, it } from '@jest/globals';
import type { Poll, TimeServiceMode } from '../../src/fleet/fleet.ts';
import { leastBoundMs } from '../../src/fleet/poll-checks.ts';
import { longestPolls, upstreamPoll } from '../../src/fleet/polls.ts';

const poll = (min: number | null, max: number | null): Poll => ({ min, max });

describe('the polls of an upstream', () => {
  it.each([
    ["the daemon's own, where nobody says more", poll(null, null), poll(null, null), poll(null, null)],
    ["the pod's", poll(7, 9), poll(null, null), poll(7, 9)],
    ["the pod's, but never below 64 s", poll(4, 5), poll(null, null), poll(6, 6)],
    ["the pod's, as far as it says", poll(4, null), poll(null, null), poll(6, null)],
    ["its own before the pod's", poll(4, 4), poll(8, 10), poll(8, 10)],
    ["its own, and the pod's for the other", poll(4, 9), poll(8, null), poll(8, 9)],
  ])('are %s', (_, pod, upstream, served) => {
    expect(upstreamPoll(pod, upstream)).toEqual(served);
  });
});

describe('the longest polls of a pod', () => {
  it("are the pod's, what upstreams are held to, and each upstream's own", () => {
    const upstreams = [
      { host: 'a.invalid', poll: poll(null, 12) },
      { host: 'b.invalid', poll: poll(7, null) },
    ];
    expect(longestPolls(poll(4, 4), { upstreams, timeService: null })).toEqual([
      { max: 4, by: 'pod' },
      { max: 6, by: 'floor' },
      { max: 12, by: { upstream: 'a.invalid' } },
    ]);
    expect(longestPolls(poll(4, 4), { upstreams: upstreams.slice(0, 1), timeService: null })).toEqual([
      { max: 4, by: 'pod' },
      { max: 12, by: { upstream: 'a.invalid' } },
    ]);
    const silent = [{ host: 'a.invalid', poll: poll(null, null) }];
    expect(longestPolls(poll(null, null), { upstreams: silent, timeService: null })).toEqual([{ max: 10, by: 'pod' }]);
  });

  it('are those of the time service too, where a tier follows it', () => {
    const longest = (boundary: TimeServiceMode, client: TimeServiceMode) =>
      longestPolls(poll(null, 6), {
        upstreams: [],
        timeService: { mode: { boundary, client }, poll: { min: 4, max: 17 } },
      }).slice(1);
    expect({
      both: longest('source', 'source'),
      clients: longest('reference', 'source'),
      boundaryServers: longest('source', 'reference'),
      none: longest('reference', 'reference'),
    }).toEqual({
      both: [{ max: 17, by: { timeServiceOf: ['boundary', 'client'] } }],
      clients: [{ max: 17, by: { timeServiceOf: ['client'] } }],
      boundaryServers: [{ max: 17, by: { timeServiceOf: ['boundary'] } }],
      none: [],
    });
  });
});

describe('the bound that polls can keep', () => {
  it('is four polls at the rate at which a clock may run off', () => {
    expect([4, 6, 10].map((exponent) => leastBoundMs(exponent, 15))).toEqual([0.96, 3.84, 61.44]);
    expect(leastBoundMs(6, 50)).toBe(12.8);
    expect(leastBoundMs(6, 17.3)).toBe(4.429);
  });
});
