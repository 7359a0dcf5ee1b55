import fc from 'fast-check';
import { recordsParameter } from '../../src/plan/cycling/records-parameter.ts';
import type { Plan, PlanInput } from '../../src/plan/plan.ts';
import { plan, planOnDemandCycle } from '../../src/plan/plan.ts';
import { fleets } from './arbitrary-fleets.ts';
import { runs } from './property-runs.ts';
export const FLEETS = fleets(recordsParameter);
/** Enough to meet each rule many times; FUZZ=20 for a long look. */
export const RUNS = runs(150);
export const TIERS = ['boundary', 'client'] as const;

export const EVERYTHING = { tier: null, az: null, instanceIds: null };
export const cycled = (made: Plan) => made.cycles.flatMap(({ instanceIds }) => instanceIds);

/** Holds for the plan of every fleet, and for what is cycled on demand there, with force and without. */
export function always(property: (given: PlanInput, made: Plan, force: boolean) => void): void {
  fc.assert(
    fc.property(FLEETS, (given) => {
      property(given, plan(given), false);
      property(given, planOnDemandCycle(given, { ...EVERYTHING, force: false }), false);
      const instanceIds = given.hosts.map((host) => host.instanceId);
      property(given, planOnDemandCycle(given, { ...EVERYTHING, instanceIds, force: true }), true);
    }),
    RUNS,
  );
}

/** Holds for each host that is cycled. */
export function eachCycled(property: (given: PlanInput, id: string, made: Plan, force: boolean) => void): void {
  always((given, made, force) => {
    for (const id of cycled(made)) property(given, id, made, force);
  });
}

export const inOneFleet = (property: (given: PlanInput, made: Plan) => void) =>
  fc.assert(
    fc.property(FLEETS, (given) => property(given, plan(given))),
    RUNS,
  );
