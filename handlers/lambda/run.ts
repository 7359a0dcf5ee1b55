import type { Context } from 'aws-lambda';
import { type Call, caller } from '../../src/aws/call.ts';
import type { Deadline } from '../../src/watchdog/deadline.ts';
import { deadlineOf } from './deadline.ts';
import { tickIdOf } from './tick-id.ts';

/** What an invocation is called, how long it has, and how it calls AWS. */
export interface InvocationRun {
  tickId: string;
  deadline: Deadline;
  call: Call;
}

/** AWS's own texts about failed calls go to the log, with the pod, the tick and the entry that the answer names. */
export function runOf(context: Context, pod?: string): InvocationRun {
  const tickId = tickIdOf(context);
  const deadline = deadlineOf(context);
  const call = caller({ deadline, tickId, log: (entry) => console.error({ pod, tickId, ...entry }) });
  return { tickId, deadline, call };
}
