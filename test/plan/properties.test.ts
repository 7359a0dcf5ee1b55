import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recordsParameter } from '../../src/plan/cycling/records-parameter.ts';
import { packChanges } from '../../src/plan/dns/batches.ts';
import type { Plan, PlanInput } from '../../src/plan/plan.ts';
import { plan, planOnDemandCycle } from '../../src/plan/plan.ts';
import { expectEqual, expectMatch } from '../builders/expectations.ts';
import { applied, isDeniedTwice } from '../builders/plan-oracle.ts';
import { cycled, EVERYTHING, FLEETS, inOneFleet, RUNS } from '../builders/plan-properties.ts';

describe('the fleets that the properties are held against', () => {
  const sample = fc.sample(FLEETS, { numRuns: 1200, seed: 7 }).map((given) => [given, plan(given)] as const);
  const number = (holds: (given: PlanInput, made: Plan) => boolean) => sample.filter((one) => holds(...one)).length;

  it('give plans something to do', () => {
    expect(number((_, made) => made.cycles.length > 0)).toBeGreaterThan(90);
    expect(number((_, made) => made.changes.some(({ action }) => action === 'UPSERT'))).toBeGreaterThan(120);
    expect(number((_, made) => made.changes.some(({ action }) => action === 'DELETE'))).toBeGreaterThan(120);
    const isDenied = (given: PlanInput, made: Plan) =>
      made.changes.some(({ action, setIdentifier }) => action === 'DELETE' && isDeniedTwice(given, setIdentifier));
    expect(number(isDenied)).toBeGreaterThan(6);
    const before = (given: PlanInput) => Object.keys(given.memory.withdrawn);
    const newly = (given: PlanInput, made: Plan) =>
      Object.keys(made.memory.withdrawn).filter((id) => !before(given).includes(id));
    expect(number((given, made) => newly(given, made).length > 0)).toBeGreaterThan(6);
    expect(number((_, made) => made.refusals.some(({ rule }) => rule === 'floor'))).toBeGreaterThan(30);
  });

  it('meet every rule that the plan has', () => {
    const rules = new Set(
      sample.flatMap(([given, made]) => [
        ...made.refusals.map(({ rule }) => rule),
        ...planOnDemandCycle(given, { ...EVERYTHING, force: true }).refusals.map(({ rule }) => rule),
      ]),
    );
    expect([...rules].sort()).toEqual([
      'address-outside',
      'asked-lately',
      'blocked-name',
      'cool-down',
      'dns-changing',
      'failed',
      'floor',
      'foreign-record',
      'given-up',
      'health-withdrawal',
      'held',
      'maintenance',
      'mode',
      'no-confident-server',
      'no-host',
      'not-of-pod',
      'not-running',
      'nothing-done',
      'other-servers',
      'own-lookup',
      'pool-patience',
      'roll-out-stopped',
      'sampled',
      'starting-too-long',
      'unknown',
      'unknown-once',
      'unmanaged',
      'unread-owner',
      'untagged-owner',
      'wave',
      'wave-under-way',
      'withdrawn',
    ]);
  });
});

describe('every stale host', () => {
  it('is cycled, or refused in a sentence of its own, or its tier is', () => {
    inOneFleet((given, made) => {
      const subjects = new Set(made.refusals.map(({ subject }) => subject));
      const ids = given.judgements
        .filter(({ host, stale }) => stale && host.pod === 'blue')
        .map(({ host }) => host.instanceId);
      expectEqual(made.stale, [...ids].sort());
      for (const id of ids) expectEqual(cycled(made).includes(id) || subjects.has(id) || subjects.has('blue'), true);
      for (const { sentence } of made.refusals) expectMatch(sentence, /[^.]\.$/);
    });
  });
});

describe('silence', () => {
  it('cycles nothing and withdraws nothing that was not withdrawn', () => {
    inOneFleet((given) => {
      const quiet = plan({
        ...given,
        judgements: given.judgements.map((one) => ({ ...one, state: 'unknown' as const, confident: false })),
      });
      expect(quiet.cycles).toEqual([]);
      expect(Object.keys(quiet.memory.withdrawn).filter((id) => !(id in given.memory.withdrawn))).toEqual([]);
      const none = plan({ ...given, judgements: [] });
      expect(none.cycles).toEqual([]);
      expectEqual(none.changes, quiet.changes);
    });
  });
});

describe('a plan', () => {
  it('applied and made again changes nothing', () => {
    inOneFleet((given, made) => {
      const records = applied(given.records, made.changes);
      const again = plan({ ...given, records, memory: made.memory });
      // the second read of an id that EC2 does not know may withdraw it; a third finds nothing to do
      const twice = again.changes.filter(({ setIdentifier }) => !given.unknownIds.includes(setIdentifier));
      const texts = (listed: typeof records) => listed.map(({ raw: _, ...record }) => JSON.stringify(record)).sort();
      if (twice.length === again.changes.length) expect(twice).toEqual([]);
      // what its withdrawal rests on is written again as it stands
      else expectEqual(texts(applied(records, twice)), texts(records));
      const third = plan({ ...given, records: applied(records, again.changes), memory: again.memory });
      expect(third.changes).toEqual([]);
    });
  });

  it('does not depend on the order of its input', () => {
    fc.assert(
      fc.property(
        FLEETS.chain((given) =>
          fc
            .record({
              hosts: shuffled(given.hosts),
              records: shuffled(given.records),
              judgements: shuffled(given.judgements),
              progress: shuffled(given.progress),
              unknownIds: shuffled(given.unknownIds),
            })
            .map((other) => [given, { ...given, ...other }] as const),
        ),
        ([given, other]) => {
          expectEqual(plan(other), plan(given));
          const request = { ...EVERYTHING, force: true };
          expectEqual(planOnDemandCycle(other, request), planOnDemandCycle(given, request));
        },
      ),
      RUNS,
    );
  });

  it('leaves its input as it was', () => {
    inOneFleet((given) => {
      const frozen = deepFrozen(structuredClone(given));
      expectEqual(plan(frozen), plan(given));
      planOnDemandCycle(frozen, { ...EVERYTHING, force: true });
    });
  });

  it('fits into batches that Route 53 takes, whole', () => {
    inOneFleet((_, made) => {
      const batches = packChanges(made.changes);
      expectEqual(batches.flat(), made.changes);
      const owners = batches.map((batch) => new Set(batch.map(({ setIdentifier }) => setIdentifier)));
      for (const id of owners.flatMap((ids) => [...ids])) expectEqual(owners.filter((ids) => ids.has(id)).length, 1);
    });
  });

  it('tells the hosts of DNS what their document’s pattern allows', () => {
    const pattern = /^(az-[a-z]=[0-9a-f.:|]+( az-[a-z]=[0-9a-f.:|]+)*)?$/;
    inOneFleet((given) => expect(recordsParameter(given.pod, given.records)).toMatch(pattern));
  });
});

const shuffled = <T>(items: readonly T[]) =>
  fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFrozen);
    Object.freeze(value);
  }
  return value;
}
