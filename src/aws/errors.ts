/**
 * A call to AWS that failed, as a sentence for an operator: what was being done to which pod, the code of the service, and
 * the log entry that has the service's own text. That text names roles and accounts: it goes to the log alone.
 * `cause` is the SDK's error.
 */
export class AwsCallError extends Error {
  override readonly name = 'AwsCallError';

  constructor(
    action: string,
    /** `AccessDenied (log entry 0a1b2c3d4e5f.3)`, to stand in a sentence of podtime's own. */
    readonly reason: string,
    /** The service's error code, the system's (`ECONNRESET`), or `TimeoutError`. */
    readonly code: string,
    options: ErrorOptions,
  ) {
    super(`${action}: ${reason}`, options);
  }
}

/** No answer within the call's limit. What was asked may have been done. */
export class CallTimeout extends Error {
  override readonly name = 'TimeoutError';
}

/** The run's time was up before the call: nothing was asked. */
export class NoTimeLeft extends Error {
  override readonly name = 'NoTimeLeft';
}

/** A failure that podtime explains in its own words: unlike a service's, they may stand in any sentence. */
export class ExplainedError extends Error {
  override readonly name: string;

  constructor(code: string, explanation: string, options?: ErrorOptions) {
    super(explanation, options);
    this.name = code;
  }
}

/** An answer that lacks what it must have. */
export class UnreadableAnswer extends ExplainedError {
  constructor(explanation: string) {
    super('UnreadableAnswer', explanation);
  }
}

/** Codes are letters, digits, dots and the like; anything else is text, and no text of a service's is shown. */
const CODE = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;

/** The code of an error of the SDK, the system or podtime's own, fit to be shown. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UnknownError';
  const { code } = error as { code?: unknown };
  const name = error.name === 'Error' && typeof code === 'string' ? code : error.name;
  return CODE.test(name) ? name : 'UnknownError';
}

/** How an error stands within a sentence: its code, and what podtime says itself; never the service's text. */
export function reasonOf(error: unknown): string {
  if (error instanceof AwsCallError) return error.reason;
  return error instanceof ExplainedError ? `${codeOf(error)}: ${error.message}` : codeOf(error);
}

/** Whether the service answered with this error code. */
export function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes(error.name);
}
