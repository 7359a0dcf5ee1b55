import { describe, expect, it } from '@jest/globals';
import { clockJudge, judgeAll } from '../../src/diagnosis/judge.ts';
import { packetsPerSecond, receivedOf } from '../../src/diagnosis/load.ts';
import { plan } from '../../src/plan/plan.ts';
import { input, judged, memory, server as planServer } from '../builders/plan-input.ts';
import { collected, context, host, server } from '../builders/sightings.ts';

describe('the packets that a daemon receives a second', () => {
  const now = { packets: 13_000, ageSeconds: 3600 };

  it.each([
    ['since the sighting before', { packets: 1000, ageSeconds: 3300 }, 40],
    ['since it started, where it was not seen before', undefined, 13_000 / 3600],
    ['since it started, where it is younger than it was', { packets: 99_000, ageSeconds: 7200 }, 13_000 / 3600],
    ['none, where it received none', { packets: 13_000, ageSeconds: 3300 }, 0],
    ['not known, where it began to count anew', { packets: 20_000, ageSeconds: 3300 }, null],
    ['not known, where no time has passed', { packets: 1000, ageSeconds: 3600 }, null],
  ])('are counted %s', (_, before, perSecond) => {
    expect(packetsPerSecond(now, before)).toBe(perSecond);
  });

  it('are not known of a daemon that is too young, or tells no number or no age', () => {
    expect(packetsPerSecond({ packets: 3, ageSeconds: 0 }, undefined)).toBeNull();
    expect(receivedOf({ packetsReceived: null }, 3600)).toBeNull();
    expect(receivedOf({ packetsReceived: 5 }, null)).toBeNull();
    expect(receivedOf({ packetsReceived: 0 }, 3600)).toEqual({ packets: 0, ageSeconds: 3600 });
  });
});

describe('the load of a boundary server', () => {
  const SERVER = server('a', ['10.0.1.5']);
  const CLIENT = host('i-0c');
  const answer = collected({ ageSeconds: 3600, packetsReceived: 13_000 });
  const judgements = judgeAll(
    [SERVER, CLIENT].map((each) => ({ host: each, collected: answer, status: 'Success' })),
    context({
      hosts: [SERVER, CLIENT],
      receivedBefore: { 'i-0a': { packets: 1000, ageSeconds: 3300 }, 'i-0c': { packets: 1000, ageSeconds: 3300 } },
    }),
  );

  it('is known, and what the next is counted from is kept; of clients neither', () => {
    expect(judgements.map(({ packetsPerSecond: load, received }) => [load, received])).toEqual([
      [40, { packets: 13_000, ageSeconds: 3600 }],
      [undefined, undefined],
    ]);
  });

  it('of a server that does not answer is not known', () => {
    const [silent] = judgeAll([{ host: SERVER, collected: null, status: 'NoAnswer' }], context({ hosts: [SERVER] }));
    expect([silent?.packetsPerSecond, silent?.received]).toEqual([undefined, undefined]);
  });

  it('is left out where it is not known, and so is what it would be counted from', () => {
    const receivedBefore = { 'i-0a': { packets: 20_000, ageSeconds: 3300 } };
    const sighting = { host: SERVER, collected: answer, status: 'Success' };
    const [countedAnew] = judgeAll([sighting], context({ hosts: [SERVER], receivedBefore }));
    expect(countedAnew?.received).toEqual({ packets: 13_000, ageSeconds: 3600 });
    expect(Object.keys(countedAnew ?? {})).not.toContain('packetsPerSecond');
    const untold = { ...sighting, collected: collected({ packetsReceived: null }) };
    expect(Object.keys(clockJudge(context({ hosts: [SERVER] }))(untold))).not.toContain('received');
  });

  it('is remembered of those that told it now, and of nobody else', () => {
    const [A, B] = [planServer('b1', 'a'), planServer('b2', 'b')];
    const remembered = (received: { packets: number; ageSeconds: number } | undefined) =>
      plan(
        input({
          hosts: [A, B],
          judgements: [judged(A, received && { received }), judged(B)],
          memory: memory({ received: { [B.instanceId]: { packets: 5, ageSeconds: 6 } } }),
        }),
      ).memory.received;
    expect(remembered({ packets: 7, ageSeconds: 8 })).toEqual({ [A.instanceId]: { packets: 7, ageSeconds: 8 } });
    expect(remembered(undefined)).toBeUndefined();
  });
});
