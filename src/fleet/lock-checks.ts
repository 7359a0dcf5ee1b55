import { HISTORY_DAYS } from './defaults.ts';
import { type Finding, groupOf, type Sound, settingsOf } from './finding.ts';
import type { HistoryLock } from './fleet.ts';
import type { WrittenPod } from './schema.ts';
import { count } from './sentences.ts';

/** A pod whose history is locked. */
interface Locked {
  name: string;
  region: string;
  lock: HistoryLock;
  days: number;
}

/** Locked pods of a region lie in one bucket, whose default retention has one mode and one length. Decision 0135. */
export function lockFindings(pods: readonly (readonly [string, Sound<WrittenPod>])[]): Finding[] {
  const locked = pods.flatMap(([name, pod]) => lockOf(name, pod));
  return locked.flatMap((pod): Finding[] => {
    const first = locked.find(({ region }) => region === pod.region) as Locked;
    if (pod.lock === first.lock && pod.days === first.days) return [];
    const sentence =
      `pod ${pod.name}: history.lock is ${told(pod)}, and pod ${first.name}'s is ${told(first)}; ` +
      `the locked pods of a region share a bucket, which has one mode and one history.days: make them alike`;
    return [{ path: ['pods', pod.name, 'history', 'lock'], sentence }];
  });
}

function told({ lock, days }: Locked): string {
  return `${lock} for ${count(days, 'day')}`;
}

/** None where it is not locked, or where what it says is wrong by itself. */
function lockOf(name: string, pod: Sound<WrittenPod>): Locked[] {
  const defaults: { days: number; lock: HistoryLock | null } = { days: HISTORY_DAYS, lock: null };
  const { days, lock } = settingsOf(defaults, groupOf(pod, 'history'));
  if (pod.region === undefined || days === undefined || !lock) return [];
  return [{ name, region: pod.region, lock, days }];
}
