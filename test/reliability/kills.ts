import type { Between, Call } from './calls.ts';
import { type Baseline, type CellResult, healed, type Observed } from './cell.ts';
import type { Container } from './container.ts';
import { callName } from './matrix.ts';
import type { Programs } from './programs.ts';
import { type Scenario, worldOf } from './scenarios.ts';

/** A run that dies at one of its calls: before it took effect, or after, without an answer. */
export interface Kill {
  scenario: Scenario;
  at: Pick<Call, 'operation' | 'nth'>;
  when: 'before' | 'after';
}

export function killsOf(observed: readonly Observed[]): Kill[] {
  return observed.flatMap(({ scenario, profiles }) =>
    profiles.flatMap(({ operation, nth }) =>
      (['before', 'after'] as const).map((when) => ({ scenario, at: { operation, nth }, when })),
    ),
  );
}

export function killName({ scenario, at, when }: Kill): string {
  return `${scenario.name}: killed ${when} ${callName(at)}`;
}

/** Kills the run there, lets undisturbed ticks follow, and holds the pod against one whose run was not killed. */
export async function runKill(
  { at, when }: Pick<Kill, 'at' | 'when'>,
  baseline: Baseline,
  programs: Programs,
): Promise<Omit<CellResult, 'struckTimes'>> {
  const { scenario } = baseline;
  const world = await worldOf(scenario, programs);
  try {
    const container: Container = world.container(scenario.functionName);
    const kill: Between = async ({ operation, nth }, { handle }) => {
      if (operation !== at.operation || nth !== at.nth) return handle();
      if (when === 'after') await handle();
      container.kill();
      return null;
    };
    const { tookMs, cutOff } = await container.invoke(scenario.event, kill);
    const violations = cutOff ? [] : [`was not killed: it makes no call ${at.operation} ${at.nth}`];
    const { ticksToHeal, violations: found } = await healed(baseline, world);
    return { violations: [...violations, ...found], tookMs, ticksToHeal };
  } finally {
    await world.close();
  }
}
