import type { Mode } from '../plan/plan.ts';
import type { Run } from './observe.ts';

/**
 * Whether the mode is the one that was planned in. Read before anything is changed: an operator who says `hold` is heard at once. Where it
 * changed, or cannot be read, that is said, and what is left undone for it.
 */
export async function isModeKept(
  { ports, pod }: Pick<Run, 'pod'> & { ports: Pick<Run['ports'], 'modes'> },
  planned: Mode,
  undone: string,
  sentences: string[],
): Promise<boolean> {
  const { mode, fault } = await ports.modes.read(pod.name);
  if (mode === planned) return true;
  sentences.push(`${fault ?? `The mode of pod ${pod.name} went from ${planned} to ${mode}.`} ${undone}`);
  return false;
}
