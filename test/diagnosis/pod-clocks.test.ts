import { describe, expect, it } from '@jest/globals';
import { clockJudge } from '../../src/diagnosis/judge.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import { collected, context, POD } from '../builders/sightings.ts';
import { SERVER_IDS, SERVERS } from '../builders/witnessing.ts';

describe('boundary servers that too few compare', () => {
  it('are told in the order of their ids, in whatever order they were looked at', () => {
    const judge = clockJudge(context({ hosts: SERVERS }));
    const unwitnessed = [SERVERS, SERVERS.toReversed()].map((hosts) => {
      const clocks = hosts.map((host) => judge({ host, status: 'Success', collected: collected() }));
      return podClocksOf(clocks, POD.thresholds, { hosts, expected: hosts.length, tookSeconds: 0 }).unwitnessed;
    });
    expect(unwitnessed).toEqual([SERVER_IDS, SERVER_IDS]);
  });
});
