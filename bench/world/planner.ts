import {
  type CycleRequest,
  type NextWave,
  type NextWaveInput,
  type Plan,
  type PlanInput,
  plan,
  planNextWave,
  planOnDemandCycle,
} from '../../src/plan/plan.ts';

/** How a run thinks: the product's plan, or one that a test broke. */
export interface Planner {
  plan: (input: PlanInput) => Plan;
  onDemand: (input: PlanInput, request: CycleRequest) => Plan;
  nextWave: (input: NextWaveInput) => NextWave;
}

export const PRODUCT: Planner = { plan, onDemand: planOnDemandCycle, nextWave: planNextWave };
