import type { HostHour } from './host-hours.ts';
import { DAY_MS, dayOf, daysPrefix, foldedDayOf, hourOf, hoursPrefix } from './keys.ts';
import { type HistoryObjects, type ListedHour, type ReadRows, readEach, SETTLED_MS } from './reading.ts';

interface AskedHours {
  pod: string;
  instanceId: string;
  /** Epoch ms. */
  fromMs: number;
  toMs: number;
}

/** The hours of a host that began between the two, in order, of the days that are folded: one object a day. */
export async function hoursBetween(
  objects: Pick<HistoryObjects, 'list' | 'hoursOfHost'>,
  { pod, instanceId, fromMs, toMs }: AskedHours,
): Promise<ReadRows<HostHour>> {
  const days = (await objects.list(daysPrefix(pod))).filter(({ key }) => {
    const dayMs = foldedDayOf(key);
    return dayMs !== null && dayMs + DAY_MS > fromMs && dayMs < toMs;
  });
  const { rows, faults } = await readEach(days, (day) => objects.hoursOfHost(day, instanceId));
  const asked = rows.filter(({ hour }) => hour.getTime() >= fromMs && hour.getTime() < toMs);
  return { rows: asked.sort((a, b) => a.hour.getTime() - b.hour.getTime()), faults };
}

/** The folded hours of each day that is over and not folded yet, of all that are kept, the newest first: day (epoch ms) -> its hours. */
export async function unfoldedDays(
  objects: Pick<HistoryObjects, 'list'>,
  pod: string,
  nowMs: number,
): Promise<Map<number, ListedHour[]>> {
  const [days, hours] = await Promise.all([objects.list(daysPrefix(pod)), objects.list(hoursPrefix(pod))]);
  const folded = new Set(days.map(({ key }) => foldedDayOf(key)));
  const unfolded = new Map<number, ListedHour[]>();
  for (const object of hours.toReversed()) {
    const hourMs = hourOf(object.key);
    if (hourMs === null) continue;
    const dayMs = dayOf(hourMs);
    if (folded.has(dayMs) || dayMs + DAY_MS + SETTLED_MS > nowMs) continue;
    unfolded.set(dayMs, [{ ...object, hourMs }, ...(unfolded.get(dayMs) ?? [])]);
  }
  return unfolded;
}
