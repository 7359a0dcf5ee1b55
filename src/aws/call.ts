import { cutText } from '../fleet/sentences.ts';
import type { Deadline } from '../watchdog/deadline.ts';
import { AwsCallError, CallTimeout, codeOf, NoTimeLeft, reasonOf } from './errors.ts';

/** Handed to the SDK's `send` with each command of the step. */
export interface CallOptions {
  abortSignal: AbortSignal;
}

/**
 * Makes one call to AWS: what is being done in words, and the step that does it. The step may take `limitMs`, and no longer
 * than the run has; the SDK's retries and the reading of the body are within that. Then it is aborted.
 * Rejects with `AwsCallError`.
 */
export type Call = <T>(action: string, step: (options: CallOptions) => Promise<T>, limitMs?: number) => Promise<T>;

/** One failed call, as the log has it. */
export interface CallLogEntry {
  /** `TICK.NUMBER`, which the sentence about the failure names. */
  entry: string;
  failed: string;
  code: string;
  /** The service's own words, the first of them: some answers list each id or record. */
  text: string;
  /** The request as AWS's support knows it. */
  requestId?: string;
  httpStatus?: number;
  attempts?: number;
}

export interface CallerSettings {
  deadline: Deadline;
  tickId: string;
  log: (entry: CallLogEntry) => void;
}

/**
 * One call with its retries: room for two attempts that hang (`ATTEMPT_TIMEOUT_MS`) and a third that answers at once, as most do.
 */
export const CALL_LIMIT_MS = 10_000;

/** A run that asks for ten thousand owners of records, one by one, and has no answer, is to write no ten thousand lines. */
const MOST_LOGGED = 200;

/** Every call of one invocation: bounded by its limit and the run's deadline, its failures numbered and, the first of them, logged. Decision 0043. */
export function caller({ deadline, tickId, log }: CallerSettings): Call {
  let failures = 0;
  return async (action, step, limitMs = CALL_LIMIT_MS) => {
    try {
      return await within(Math.min(limitMs, deadline.leftMs()), step);
    } catch (error) {
      if (error instanceof AwsCallError) throw error;
      failures += 1;
      const entry = `${tickId}.${failures}`;
      const code = codeOf(error);
      const isLogged = failures <= MOST_LOGGED;
      if (isLogged) log({ entry, failed: action, code, ...wordsOf(error) });
      const where = isLogged ? `log entry ${entry}` : `not logged: ${MOST_LOGGED} failures of the run are`;
      throw new AwsCallError(action, `${reasonOf(error)} (${where})`, code, { cause: error });
    }
  };
}

/** The same calls, each of which ends while the run has so much left. */
export function keepingBack(call: Call, deadline: Deadline, reserveMs: number): Call {
  return (action, step, limitMs = CALL_LIMIT_MS) =>
    call(action, step, Math.min(limitMs, deadline.leftMs() - reserveMs));
}

/** The SDK waits out its pause between two attempts before it hears of an abort: this does not wait for it. */
async function within<T>(limitMs: number, step: (options: CallOptions) => Promise<T>): Promise<T> {
  if (limitMs <= 0) throw new NoTimeLeft('the run had no time left for this call');
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new CallTimeout(`no whole answer within ${Math.round(limitMs)} ms`));
      controller.abort();
    }, limitMs);
  });
  try {
    return await Promise.race([step({ abortSignal: controller.signal }), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Enough for any explanation, and for the first names of a list. */
const TEXT_CHARACTERS = 4000;

/** Also the service's text under podtime's own explanation of it. */
function textOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : {};
  return cause === undefined ? String(error) : `${String(error)}; ${String(cause)}`;
}

function wordsOf(error: unknown): Pick<CallLogEntry, 'text' | 'requestId' | 'httpStatus' | 'attempts'> {
  const { requestId, httpStatusCode, attempts } = {
    ...(error as { $metadata?: { requestId?: string; httpStatusCode?: number; attempts?: number } }).$metadata,
  };
  return { text: cutText(textOf(error), TEXT_CHARACTERS), requestId, httpStatus: httpStatusCode, attempts };
}
