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

/** What the SDK adds to its errors. `$fault` is missing where an answer could not be read. */
interface FromSdk {
  $fault?: 'client' | 'server';
  $metadata?: { httpStatusCode?: number };
}

/** The code of an error of the SDK, the system or podtime's own, fit to be shown. */
export function codeOf(error: unknown): string {
  if (!isError(error)) return 'UnknownError';
  if (isUnreadable(error)) return 'UnreadableAnswer';
  const { code } = error as { code?: unknown };
  const name = error.name === 'Error' && typeof code === 'string' ? code : error.name;
  return CODE.test(name) && name !== 'Unknown' ? name : 'UnknownError';
}

/** The code alone, by which equal failures of several calls are told from others: without the log entry of each. */
export function codeIn(error: unknown): string {
  return error instanceof AwsCallError ? error.code : codeOf(error);
}

/** How an error stands within a sentence: its code, and what podtime says itself; never the service's text. */
export function reasonOf(error: unknown): string {
  if (error instanceof AwsCallError) return error.reason;
  const code = codeOf(error);
  if (error instanceof ExplainedError) return `${code}: ${error.message}`;
  const status = statusOf(error);
  return code === 'UnreadableAnswer' || (code === 'UnknownError' && status !== undefined)
    ? `${code}: HTTP ${status} without what AWS answers`
    : code;
}

/**
 * Whether the service read the request and refused it, with a code that can be read: then it did nothing. Without an answer,
 * with one that cannot be read, or with a failure of the service's own it may have done what was asked.
 * Decision 0044.
 */
export function isRefusal(error: unknown): boolean {
  if (!isError(error) || (error as FromSdk).$fault !== 'client') return false;
  const status = statusOf(error) ?? 0;
  return status >= 400 && status < 500 && codeOf(error) !== 'UnknownError' && !error.name.startsWith('RequestTimeout');
}

/** Whether the service refused because it was asked too often. EC2 and S3 say so with a 503. */
export function isThrottling(error: unknown): boolean {
  return isCode(
    error,
    'Throttling',
    'ThrottlingException',
    'RequestLimitExceeded',
    'TooManyRequestsException',
    'SlowDown',
  );
}

/** The SDK could not make anything of the answer's body, such as a proxy's page. */
function isUnreadable(error: Error): boolean {
  return statusOf(error) !== undefined && (error as FromSdk).$fault === undefined;
}

function statusOf(error: unknown): number | undefined {
  return (error as FromSdk | undefined)?.$metadata?.httpStatusCode;
}

/** Whether the service answered with this error code. */
export function isCode(error: unknown, ...codes: string[]): boolean {
  return isError(error) && codes.includes(error.name);
}

/** Not by its class: an error of Node's own may come from another realm. */
function isError(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'name' in error && 'message' in error;
}
