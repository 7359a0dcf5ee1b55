import type { MaintenanceWindow } from '../../fleet/fleet.ts';

/**
 * Whether the pod may cycle now. No windows: always. A window belongs to the day on which it starts, so one from 22:00 to
 * 02:00 on Mondays is open on Tuesday at 01:59. The end is outside. A window that ends where it starts is never open. UTC.
 */
export function isOpen(windows: readonly MaintenanceWindow[], nowMs: number): boolean {
  if (windows.length === 0) return true;
  const now = new Date(nowMs);
  const minute = now.getUTCHours() * 60 + now.getUTCMinutes();
  const today = now.getUTCDay();
  const yesterday = (today + 6) % 7;
  return windows.some(({ days, startMinute, endMinute }) => {
    if (startMinute <= endMinute) return days.includes(today) && minute >= startMinute && minute < endMinute;
    return (days.includes(today) && minute >= startMinute) || (days.includes(yesterday) && minute < endMinute);
  });
}

/** `Mon Tue 22:00-02:00 UTC`, for sentences. */
export function formatWindows(windows: readonly MaintenanceWindow[]): string {
  const names = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
  const time = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return windows
    .map(({ days, startMinute, endMinute }) => {
      const spelt = days.map((day) => names[day] ?? `day ${day}`).join(' ');
      return `${spelt} ${time(startMinute)}-${time(endMinute)} UTC`;
    })
    .join(', ');
}
