import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { inTime } from '../lambda/deadline.ts';
import { OWN_TIMEOUT } from '../lambda/middy.ts';
import { tickIdOf } from '../lambda/tick-id.ts';
import { PayloadError } from './payload.ts';

/** What an operator gets back from `sls invoke`, and the log from an event. */
export interface Answer {
  /** Plain sentences, most urgent first. */
  sentences: string[];
  [detail: string]: unknown;
}

/** What the caller gets of an answer: all of it. */
const whole = (answer: Answer): unknown => answer;

/**
 * The chain of functions invoked by hand, by schedule or by event. A payload that cannot be taken is answered with all its
 * faults: invoking again would not help. Whatever else fails is thrown on, as one sentence and without a stack, so that
 * Lambda counts the error and its alarm fires; the cause goes to the log alone. Whatever hangs is ended so while Lambda listens. Every line of the log has pod and tick id: Lambda's
 * JSON format puts them under `message`.
 *
 * @param toCaller what of the logged answer the caller gets
 */
export function invocation<A extends Answer>(
  run: (payload: unknown, context: Context) => Promise<A>,
  toCaller: (answer: A) => unknown = whole,
) {
  return middy(OWN_TIMEOUT)
    .handler((payload: unknown, context: Context): Promise<unknown> => inTime(context, run(payload, context)))
    .after((request) => {
      // what each host printed is for the caller: the log has SSM's command ids, and a line of its own limit
      const { hosts: _, ...logged } = request.response as A;
      console.info({ ...nameOf(request), ...logged });
      request.response = toCaller(request.response as A);
    })
    .onError((request) => {
      const { error } = request;
      if (error instanceof PayloadError) {
        console.warn({ ...nameOf(request), refused: error.faults });
        request.response = { sentences: error.faults, refused: true };
        return;
      }
      console.error({ ...nameOf(request), failed: error?.message, cause: String(error?.cause ?? '') });
      if (error) error.stack = `${error.name}: ${error.message}`;
    });
}

/** How the log names a run: its pod, where the payload tells one, and the tick. */
function nameOf({ event, context }: { event: unknown; context: Context }): { pod: unknown; tickId: string } {
  const { pod, detail } = { ...(event as { pod?: unknown; detail?: { pod?: unknown } } | null) };
  return { pod: pod ?? detail?.pod, tickId: tickIdOf(context) };
}
