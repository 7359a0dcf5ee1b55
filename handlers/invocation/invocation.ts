import type { Context } from 'aws-lambda';
import { boundedSentences } from '../../src/fleet/gathering.ts';
import { printable } from '../../src/fleet/printable.ts';
import { causeOf } from '../lambda/cause.ts';
import { inTime } from '../lambda/deadline.ts';
import { tickIdOf } from '../lambda/tick-id.ts';
import { PayloadError } from './payload.ts';

/** What an operator gets back from `sls invoke`, and the log from an event. */
export interface Answer {
  /** Plain sentences, most urgent first. */
  sentences: string[];
  [detail: string]: unknown;
}

/** What the caller gets of an answer: all of it. */
const unchanged = (answer: Answer): unknown => answer;

/**
 * What functions invoked by hand, by schedule or by event have in common. A payload that cannot be taken is answered with all its
 * faults: invoking again would not help. Whatever else fails is thrown on, as one sentence and without a stack, so that
 * Lambda counts the error and its alarm fires; the cause goes to the log alone. Whatever hangs is ended so while Lambda listens.
 * Every line of the log has pod and tick id: Lambda's JSON format puts them under `message`.
 *
 * @param toCaller what of the logged answer the caller gets
 */
export function invocation<A extends Answer>(
  run: (payload: unknown, context: Context) => Promise<A>,
  toCaller: (answer: A) => unknown = unchanged,
) {
  return async (given: unknown, context: Context): Promise<unknown> => {
    // invoked without a payload
    const payload = given === undefined ? {} : given;
    try {
      const whole = await inTime(context, run(payload, context));
      const { pod, sentences, ...details } = whole;
      // what people read stands before what programs do
      const answer = {
        ...(pod !== undefined && { pod }),
        sentences: boundedSentences(sentences),
        ...details,
      } as unknown as A;
      // what each host printed is for the caller: the log has SSM's command ids, and a line of its own limit
      const { hosts: _, ...logged } = answer;
      console.info({ ...nameOf(payload, context), ...logged });
      return toCaller(answer);
    } catch (error) {
      return refused(error, nameOf(payload, context));
    }
  };
}

/** How the log names a run: its pod, where the payload tells one, and the tick. */
interface RunName {
  pod: string | undefined;
  tickId: string;
}

/** Longer than any pod's name: whoever invokes may write anything there. */
const POD_CHARACTERS = 64;

function nameOf(payload: unknown, context: Context): RunName {
  const { pod, detail } = { ...(payload as { pod?: unknown; detail?: { pod?: unknown } } | null) };
  const named = pod ?? detail?.pod;
  return {
    pod: typeof named === 'string' ? printable(named, POD_CHARACTERS).text : undefined,
    tickId: tickIdOf(context),
  };
}

/** The answer to a payload that cannot be taken; throws whatever else it was. */
function refused(error: unknown, name: RunName): Answer {
  if (error instanceof PayloadError) {
    console.warn({ ...name, refused: error.faults });
    return { sentences: error.faults, refused: true };
  }
  const failure = error as Error | undefined;
  console.error({ ...name, failed: failure?.message, cause: causeOf(failure) });
  if (failure) failure.stack = `${failure.name}: ${failure.message}`;
  throw error;
}
