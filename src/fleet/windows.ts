import type { MaintenanceWindow } from './fleet.ts';

/** As `MaintenanceWindow.days` counts them. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

export type Day = (typeof DAYS)[number];

/** A window as fleet.yml writes it; `from` and `to` as `HH:MM`, UTC. No `days`: every day. */
export interface WrittenWindow {
  days?: Day[] | undefined;
  from: string;
  to: string;
}

export const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

/** The window as the plan reads it. */
export function readWindow({ days, from, to }: WrittenWindow): MaintenanceWindow {
  return {
    days: DAYS.map((_, number) => number).filter((number) => days === undefined || days.includes(DAYS[number] as Day)),
    startMinute: minuteOf(from),
    endMinute: minuteOf(to),
  };
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return hours * 60 + minutes;
}
