import type { Pod } from '../fleet/fleet.ts';
import { count } from '../fleet/sentences.ts';
import { hourKey } from '../history/keys.ts';
import { type HistoryObjects, unfoldedHours } from '../history/reading.ts';
import type { Deadline } from './deadline.ts';
import { orFault } from './observe.ts';

/** An hour of 50,000 hosts takes some 15 s of a whole processor. */
const LEAST_LEFT_MS = 30_000;

/**
 * Puts the rows of each hour that is over in the order of hosts, pod by pod, where that has not been done. What there is no time for, and what
 * fails, is tried again at the next hour: reading goes by the ticks until then. One hour costs no other.
 */
export async function foldPods(
  pods: readonly Pod[],
  objectsOf: (pod: Pod) => Pick<HistoryObjects, 'list' | 'fold'>,
  deadline: Deadline,
  nowMs: number,
): Promise<{ sentences: string[]; folded: number }> {
  const faults: string[] = [];
  let folded = 0;
  let left = 0;
  for (const pod of pods) {
    const { name } = pod;
    const objects = objectsOf(pod);
    const unfolded = await orFault(unfoldedHours(objects, name, nowMs), faults);
    for (const [hourMs, ticks] of unfolded ?? []) {
      if (deadline.leftMs() < LEAST_LEFT_MS) left += 1;
      else if (
        await orFault(
          objects.fold(ticks, hourKey(name, hourMs)).then(() => true),
          faults,
        )
      )
        folded += 1;
    }
  }
  const later = left > 0 ? [`There was no time for ${count(left, 'hour')} more: the next run goes on.`] : [];
  return { sentences: [`${count(folded, 'hour')} put in the order of hosts.`, ...later, ...faults], folded };
}
