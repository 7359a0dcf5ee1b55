import type { Host } from '../fleet/fleet.ts';
import { type Plan, rememberSent, withoutHeld, withoutWaves } from '../plan/plan.ts';
import { messageOf } from './errors.ts';
import type { Run } from './observe.ts';

/**
 * The plan without who is tagged `ntp-hold` by now: EC2 was read while hosts were waited for, in a large pod minutes ago. Where EC2 does not
 * say who is held nobody is cycled, and the next minute's run does a whole tick. Without a wave nothing is asked.
 */
export async function withoutHeldNow(
  { ports, pod }: Pick<Run, 'pod'> & { ports: Pick<Run['ports'], 'instances'> },
  decided: Plan,
  hosts: readonly Host[],
  faults: string[],
): Promise<Plan> {
  const { cycles, memory, refusals } = decided;
  if (cycles.length === 0) return decided;
  try {
    const ids = new Set(cycles.flatMap(({ instanceIds }) => instanceIds));
    const wave = hosts.filter(({ instanceId }) => ids.has(instanceId));
    const { held, unsaid, faults: untold } = await ports.instances.heldOf(pod, wave);
    faults.push(...untold);
    return withoutHeld(decided, held, unsaid);
  } catch (error) {
    faults.push(`${messageOf(error)}. No host is cycled without that.`);
    const after = rememberSent(memory, cycles, []);
    return { ...decided, cycles: [], refusals: withoutWaves(refusals), memory: after, unfinished: true };
  }
}
