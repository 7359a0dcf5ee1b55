import { describe, expect, it } from '@jest/globals';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';
import { endlessAlarmSentences, votesOf, worstVotes, worstVotesSentences } from '../../src/fleet/worst-votes.ts';

type WrittenTimeService = Parameters<typeof readTimeService>[0];

const POD = { name: 'blue', boundaryServers: 3, thresholds: { confidentSources: 2 } };
const BY_TIER = { boundary: 'reference', client: 'source' } as const;

function fleetOf(upstreams: number, timeService: WrittenTimeService) {
  const hosts = Array.from({ length: upstreams }, (_, index) => `${index}.invalid`);
  return { upstreams: hosts.map(readUpstream), timeService: readTimeService(timeService) };
}

describe('votes of clocks', () => {
  it.each([
    [0, 0, 0],
    [1, 0, 0],
    [2, 0, 0],
    [3, 1, 1],
    [4, 1, 2],
    [5, 2, 3],
  ])('%i of them: %i may lie, %i may fall silent where two are wanted', (clocks, liesLeft, lossesLeft) => {
    expect(votesOf(clocks, 2)).toEqual({ clocks, liesLeft, lossesLeft });
  });
});

describe('the worst case of a file', () => {
  it.each<[number, WrittenTimeService, number, number]>([
    // upstreams, time service: clocks of a boundary server, of a client
    [2, 'reference', 2, 1],
    [1, 'source', 2, 1],
    [2, 'source', 3, 1],
    [3, 'reference', 3, 1],
    [3, BY_TIER, 3, 2],
    [3, { boundary: 'source', client: 'reference' }, 4, 1],
  ])('%i upstreams, time service %j: %i clocks, %i to a client', (upstreams, timeService, boundary, client) => {
    expect(worstVotes(fleetOf(upstreams, timeService), POD)).toEqual({
      boundary: votesOf(boundary, 2),
      client: votesOf(client, 2),
    });
  });
});

describe('what is told of it', () => {
  const told = (upstreams: number, timeService: WrittenTimeService) =>
    worstVotesSentences(fleetOf(upstreams, timeService), POD);

  it('is nothing where boundary servers outvote a lie and clients have a second clock', () => {
    expect(told(3, BY_TIER)).toEqual([]);
  });

  it('is what to add, where one that lies is outvoted by none', () => {
    expect(told(2, BY_TIER)).toEqual([
      'Pod blue: a boundary server follows 2 clocks (2 upstreams): one that lies is outvoted by none, and none may fall silent if it is to stay confident. 3 upstreams outvote one that lies.',
    ]);
    expect(told(1, { boundary: 'source', client: 'source' })).toEqual([
      'Pod blue: a boundary server follows 2 clocks (1 upstream and the time service): one that lies is outvoted by none, and none may fall silent if it is to stay confident. 2 upstreams and the time service outvote one that lies.',
      CLIENTS_OF_AWS,
    ]);
  });

  it('is that clients may have one clock alone, also where their boundary servers have three', () => {
    expect(told(2, 'source')).toEqual([CLIENTS_OF_AWS]);
    expect(told(3, 'reference')).toEqual([
      "Pod blue: a client's 3 boundary servers may all follow one clock: if it lies, nothing shows it. With timeService: { boundary: reference, client: source } the time service is a second one.",
    ]);
  });
});

describe('an alarm that the file lets never clear', () => {
  const endless = (upstreams: number, alarms: { liesLeft: number; lossesLeft: number }, confidentSources = 2) =>
    endlessAlarmSentences(fleetOf(upstreams, BY_TIER), { ...POD, thresholds: { confidentSources }, alarms });

  it('is told with the most that could be had', () => {
    expect(endless(3, { liesLeft: 3, lossesLeft: 1 })).toEqual([
      'Pod blue: alarms.liesLeft 3 never clears: a boundary server follows 3 clocks and confidentSources is 2, so it has 1 at most. Add upstreams, or set it to 1.',
    ]);
    expect(endless(3, { liesLeft: 1, lossesLeft: 1 }, 3)).toEqual([
      'Pod blue: alarms.lossesLeft 1 never clears: a boundary server follows 3 clocks and confidentSources is 3, so it has 0 at most. Add upstreams, or set it to 0.',
    ]);
  });

  it('is none that can be reached, or is off', () => {
    expect([
      endless(3, { liesLeft: 1, lossesLeft: 1 }),
      endless(7, { liesLeft: 3, lossesLeft: 5 }),
      endless(1, { liesLeft: 0, lossesLeft: 0 }),
    ]).toEqual([[], [], []]);
  });
});

const CLIENTS_OF_AWS =
  "Pod blue: a client's 3 boundary servers may all follow one clock, which may be the time service, that the client follows itself: if it lies, nothing shows it. With timeService: { boundary: reference, client: source } the time service is a second one.";
