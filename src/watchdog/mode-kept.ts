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

/**
 * An answer about the mode counts for so long: as often as a run looks at a wave an operator is heard, while hundreds of commands of a
 * large pod take tens of seconds. The twenty of a wave of 1,000 hosts go out by one answer or two.
 */
const MODE_COUNTS_MS = 5_000;

/** Whether the mode is still kept, of which there was an answer just now: asked as often as that does not count any more. */
export function modeWatch(
  run: Pick<Run, 'pod' | 'nowMs'> & { ports: Pick<Run['ports'], 'modes'> },
  planned: Mode,
  undone: string,
  sentences: string[],
): () => Promise<boolean> {
  let askedAtMs = run.nowMs();
  return async () => {
    const nowMs = run.nowMs();
    if (nowMs - askedAtMs < MODE_COUNTS_MS) return true;
    askedAtMs = nowMs;
    return isModeKept(run, planned, undone, sentences);
  };
}
