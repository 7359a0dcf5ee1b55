import type { Context } from 'aws-lambda';

/** The request's id, short enough for a command's comment; the same when Lambda repeats the event. */
export function tickIdOf(context: Context): string {
  return context.awsRequestId.replaceAll('-', '').slice(0, 12);
}
