import type { Answer } from '../network.ts';
import type { Association } from './association.ts';

/** Driver types of `127.127.TYPE.UNIT` that are simulated, and what they print. */
const DRIVERS: Record<string, { refid: string; stratum: number }> = {
  // The undisciplined local clock: it agrees with the host whatever the time is.
  '1': { refid: 'LOCL', stratum: 5 },
  '20': { refid: 'GPS', stratum: 0 },
  '22': { refid: 'PPS', stratum: 0 },
};

/** A sample of a reference clock; null for a driver that is not simulated. */
export function referenceClock(association: Association, hostErrorMs: number): Answer | null {
  const type = association.address?.split('.')[2] ?? '';
  const driver = DRIVERS[type];
  if (driver === undefined) return null;
  return {
    leap: 0,
    ...driver,
    rootDelayMs: 0,
    rootDispersionMs: 0,
    delayMs: 0,
    offsetMs: type === '1' ? 0 : -hostErrorMs,
  };
}
