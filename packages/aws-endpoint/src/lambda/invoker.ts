import type { Delays } from '../delays.ts';
import type { Announce } from '../events.ts';
import type { Stack } from '../stack.ts';
import type { Timers } from '../timers.ts';

/** Calls a function with an event; rejects when the function failed. Its answer is used where it tells of a batch. */
export type Invoke = (functionName: string, payload: unknown) => Promise<unknown>;

/** Lambda developer guide, asynchronous invocation: two retries, events kept six hours, unless the function says otherwise. */
const DEFAULT_RETRIES = 2;
const DEFAULT_EVENT_AGE_SECONDS = 21_600;

/** Lambda's asynchronous invocation: fire, and repeat after a failure as the function's settings say. */
export function createInvoker(deps: {
  stack: Stack;
  invoke: Invoke;
  timers: Timers;
  delays: Delays;
  announce: Announce;
}) {
  const { stack, invoke, timers, delays, announce } = deps;
  return (functionName: string, payload: unknown, cause: string): void => {
    const config = stack.invokeConfigs[functionName];
    const retries = config?.maximumRetryAttempts ?? DEFAULT_RETRIES;
    const bornMs = timers.nowMs();
    const ageLimitMs = (config?.maximumEventAgeSeconds ?? DEFAULT_EVENT_AGE_SECONDS) * 1000;
    const attempt = (number: number) => {
      announce({ kind: 'function invoked', functionName, cause, attempt: number });
      invoke(functionName, structuredClone(payload)).catch((failure: unknown) => {
        const waitMs = delays.lambdaRetryMs[number === 1 ? 0 : 1];
        const retried = number <= retries && timers.nowMs() + waitMs - bornMs <= ageLimitMs;
        announce({
          kind: 'function failed',
          functionName,
          cause,
          attempt: number,
          message: failure instanceof Error ? failure.message : String(failure),
          retried,
        });
        if (retried) timers.after(waitMs, () => attempt(number + 1));
      });
    };
    attempt(1);
  };
}
