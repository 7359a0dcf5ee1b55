import type { Pod } from '../fleet/fleet.ts';
import { count } from '../fleet/sentences.ts';
import { unfoldedDays } from '../history/days.ts';
import { DAY_MS, dayKey, hourKey } from '../history/keys.ts';
import { type HistoryObjects, unfoldedHours } from '../history/reading.ts';
import type { Deadline } from './deadline.ts';
import { orFault } from './observe.ts';

/** An hour of 50,000 hosts takes some 15 s of a whole processor, a day of them some 60. */
const LEAST_LEFT_MS = { hour: 30_000, day: 90_000 };

/**
 * Puts the rows of each hour that is over in the order of hosts, and each day that is over into a row of each host and hour, pod by pod, where that
 * has not been done. What there is no time for, and what fails, is tried again by the next run: reading goes by the ticks, or the hours, until then.
 * One object costs no other, and a day waits for its hours.
 */
export async function foldPods(
  pods: readonly Pod[],
  objectsOf: (pod: Pod) => Pick<HistoryObjects, 'list' | 'fold' | 'foldDay'>,
  deadline: Deadline,
  nowMs: number,
): Promise<{ sentences: string[]; folded: number; days: number }> {
  const faults: string[] = [];
  const made = { hour: 0, day: 0 };
  const left = { hour: 0, day: 0 };
  const make = async (kind: 'hour' | 'day', folding: () => Promise<void>) => {
    const isLate = deadline.leftMs() < LEAST_LEFT_MS[kind];
    const isMade =
      !isLate &&
      (await orFault(
        folding().then(() => true),
        faults,
      )) === true;
    if (isLate) left[kind] += 1;
    if (isMade) made[kind] += 1;
    return isMade;
  };
  for (const pod of pods) {
    const { name } = pod;
    const objects = objectsOf(pod);
    const unfolded = await orFault(unfoldedHours(objects, name, nowMs), faults);
    if (unfolded === null) continue;
    const waiting = new Set<number>();
    for (const [hourMs, ticks] of unfolded) {
      if (!(await make('hour', () => objects.fold(ticks, hourKey(name, hourMs)))))
        waiting.add(hourMs - (hourMs % DAY_MS));
    }
    for (const [dayMs, hours] of (await orFault(unfoldedDays(objects, name, nowMs), faults)) ?? []) {
      if (!waiting.has(dayMs)) await make('day', () => objects.foldDay(hours, dayKey(name, dayMs)));
    }
  }
  const later = (['hour', 'day'] as const).flatMap((kind) =>
    left[kind] > 0 ? [`There was no time for ${count(left[kind], kind)} more: the next run goes on.`] : [],
  );
  const sentence = `${count(made.hour, 'hour')} put in the order of hosts, ${count(made.day, 'day')} into hours.`;
  return { sentences: [sentence, ...later, ...faults], folded: made.hour, days: made.day };
}
