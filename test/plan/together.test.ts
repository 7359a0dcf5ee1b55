import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
import { type PlanInput, plan, planOnDemandCycle } from '../../src/plan/plan.ts';
import {
  client,
  HOUR,
  input,
  judged,
  MINUTE,
  memory,
  NOW,
  POD,
  record,
  server,
  stale,
} from '../builders/plan-input.ts';

const TOGETHER: Pod = { ...POD, together: true };
const B = server('b1', 'b');
const C = server('c1', 'c');
const SERVERS = [B, C];
const CLIENTS = ['a2', 'a3', 'a4'].map((digits) => client(digits, 'a'));

/** It keeps the pod's time, or follows who does; so long that its bound is over its limit. */
const keeping = (of: typeof B, given: Partial<Judgement> = {}) => {
  const measures = { ...judged(of).measures, errorBoundMs: 250, horizonSeconds: 0, usableSources: 0 };
  return judged(of, {
    state: 'holdover',
    confident: false,
    sentence: 'follows itself.',
    measures,
    ...given,
  });
};

/** All true time is lost; clients are stale, too. */
const lost = (given: Partial<PlanInput> = {}): PlanInput =>
  input({
    pod: TOGETHER,
    hosts: [...SERVERS, ...CLIENTS],
    records: SERVERS.map((each) => record(each)),
    judgements: [...SERVERS.map((each) => keeping(each)), ...CLIENTS.map((each) => stale(each, ['ntp.az-b.pod']))],
    memory: memory({
      unhealthy: Object.fromEntries(
        SERVERS.map(({ instanceId }) => [instanceId, { provenMs: HOUR, seenMs: NOW - MINUTE }]),
      ),
    }),
    ...given,
  });

describe('a pod that keeps a time of its own', () => {
  it('keeps its servers, however far their bounds have grown: none is better', () => {
    const { changes, refusals } = plan(lost());
    expect(changes).toEqual([]);
    expect(refusals.map(({ rule }) => rule)).toContain('floor');
  });

  it('is not cycled, not by force either', () => {
    expect(plan(lost()).cycles).toEqual([]);
    const request = { tier: 'client' as const, az: null, instanceIds: null, force: true };
    const { cycles, refusals } = planOnDemandCycle(lost(), request);
    expect(cycles).toEqual([]);
    expect(refusals.map(({ sentence }) => sentence)).toEqual(
      CLIENTS.map(({ instanceId }) => `${instanceId} waits: no server published under ntp.az-b.pod is confident.`),
    );
  });

  it('keeps its servers where podtime has no file for them any more, whether they are on an older one of its files or on none', () => {
    const refused = (of: typeof B, confident: boolean) => judged(of, { state: 'degraded', confident });
    for (const areKnown of [true, false]) {
      const judgements = [...SERVERS.map((each) => refused(each, areKnown)), ...CLIENTS.map((each) => judged(each))];
      expect(plan(lost({ judgements })).changes).toEqual([]);
    }
  });

  it('loses no server for one that nobody knows to serve', () => {
    const judgements = [
      keeping(B),
      judged(C, { state: 'degraded', confident: false }),
      ...CLIENTS.map((each) => judged(each)),
    ];
    expect(plan(lost({ judgements })).changes).toEqual([]);
  });

  it('loses a server to its bound as ever where another has true time', () => {
    const { changes } = plan(lost({ judgements: [keeping(B), judged(C), ...CLIENTS.map((each) => judged(each))] }));
    expect(changes.map(({ name, action }) => [action, name])).toEqual([
      ['UPSERT', 'ntp.az-c.pod'],
      ['DELETE', 'ntp.az-b.pod'],
    ]);
  });
});
