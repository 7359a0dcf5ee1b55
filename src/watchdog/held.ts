import { type Plan, rememberSent, withoutHeld } from '../plan/plan.ts';
import { messageOf } from './errors.ts';
import type { Run } from './observe.ts';

/**
 * The plan without who is tagged `ntp-hold` by now: EC2 was read while hosts were waited for, in a large pod minutes ago. Where EC2 does not
 * say who is held nobody is cycled, and the next minute's run does a whole tick. Without a wave nothing is asked.
 */
export async function withoutHeldNow(
  { ports, pod }: Pick<Run, 'pod'> & { ports: Pick<Run['ports'], 'instances'> },
  decided: Plan,
  faults: string[],
): Promise<Plan> {
  const { cycles, memory } = decided;
  if (cycles.length === 0) return decided;
  try {
    return withoutHeld(decided, await ports.instances.heldOf(pod));
  } catch (error) {
    faults.push(`${messageOf(error)}. No host is cycled without that.`);
    return { ...decided, cycles: [], memory: rememberSent(memory, cycles, []), unfinished: true };
  }
}
