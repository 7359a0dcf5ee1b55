import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { PayloadError } from './payload.ts';

/** What an operator gets back from `sls invoke`, and the log from an event. */
export interface Answer {
  /** Plain sentences, most urgent first. */
  sentences: string[];
  [detail: string]: unknown;
}

/**
 * The chain of functions invoked by hand, by schedule or by event. A payload that cannot be taken is answered with all its
 * faults: invoking again would not help. Whatever else fails is thrown on, as one sentence and without a stack, so that
 * Lambda counts the error and its alarm fires; the cause goes to the log.
 */
export function invocation(run: (payload: unknown, tickId: string) => Promise<Answer>) {
  return middy()
    .handler((payload: unknown, context: Context) => run(payload, tickIdOf(context)))
    .after(({ response, context }) => {
      console.info({ tickId: tickIdOf(context), ...(response as Answer) });
    })
    .onError((request) => {
      const { error } = request;
      if (error instanceof PayloadError) {
        console.warn({ refused: error.faults });
        request.response = { sentences: error.faults, refused: true };
        return;
      }
      console.error({ tickId: tickIdOf(request.context), failed: error?.message, cause: String(error?.cause ?? '') });
      if (error) error.stack = `${error.name}: ${error.message}`;
    });
}

/** The request's id, short enough for a command's comment; the same when Lambda repeats the event. */
export function tickIdOf(context: Context): string {
  return context.awsRequestId.replaceAll('-', '').slice(0, 12);
}
