/** A call to AWS that failed; the message says what was being done to which pod. `cause` is the SDK's error. */
export class AwsCallError extends Error {
  override readonly name = 'AwsCallError';

  constructor(action: string, cause: unknown) {
    super(`${action}: ${sentenceOf(cause)}`, { cause });
  }
}

/** The SDK's error as `Name: message`, on one line, to stand within a sentence. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name}: ${error.message}`.replaceAll(/\s+/g, ' ').replace(/\.$/, '');
}

/** Whether the service answered with this error code. */
export function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes(error.name);
}

/** Runs one step and, when it fails, says what was being done. */
export async function namingAction<T>(action: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof AwsCallError ? error : new AwsCallError(action, error);
  }
}
