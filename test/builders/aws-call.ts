import { type Call, type CallLogEntry, caller } from '../../src/aws/call.ts';
import type { Deadline } from '../../src/watchdog/deadline.ts';

/** A run that has so much left, and no less as it goes on. */
export const leaving = (ms: number): Deadline => ({ leftMs: () => ms });

/** Calls of a tick with half a minute left, and what went to its log. */
export function loggedCalls(tickId = 'tick-1', deadline = leaving(30_000)): { call: Call; logged: CallLogEntry[] } {
  const logged: CallLogEntry[] = [];
  return { call: caller({ deadline, tickId, log: (entry) => void logged.push(entry) }), logged };
}
