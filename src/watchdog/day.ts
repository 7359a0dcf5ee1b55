import { withUnread } from '../diagnosis/unread.ts';
import { dayAfter } from '../report/day.ts';
import type { DayMemory } from '../state/day.ts';
import type { Look } from './look.ts';
import type { Observation, Run } from './observe.ts';

/** The pod's last 24 hours with what this tick saw; where EC2 was not read as they were. Missing: not known. */
export function dayWith(
  { pod }: Run,
  startedAtMs: number,
  { day, unseen, unreadHosts, records }: Observation,
  { judgements, clocks }: Look,
): DayMemory | undefined {
  if (unseen) return day;
  const skewMs = clocks.skew?.skewMs ?? null;
  return dayAfter(day, { pod, startedAtMs, judgements: withUnread(judgements, unreadHosts), records, skewMs });
}
