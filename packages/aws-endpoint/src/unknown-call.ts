import { distance } from 'fastest-levenshtein';
import type { AwsRequest } from './request.ts';

/**
 * Says that a service (`S3`) lacks an operation, which of its own comes close, and what it has. `asked`: the operation's name, or
 * as much as the request tells. Decision 0120.
 */
export function unknownCall(service: string, asked: string, operations: readonly string[]): string {
  const close = closest(asked, operations);
  const hint = close === null ? '' : ` Did you mean ${close}?`;
  return `The local endpoint has no operation ${asked} of ${service}.${hint} It has ${operations.toSorted().join(', ')}.`;
}

/** The operation that the `aws` command was told to call, `s3api.get-bucket-acl`; null: another client, or `aws s3`. */
export function commandOf(request: AwsRequest): string | null {
  const [, service, words] = /\bcommand[/#]([a-z0-9-]+)\.([a-z0-9-]+)/.exec(request.headers['user-agent'] ?? '') ?? [];
  if (words === undefined || service === 's3') return null;
  return words
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}

/** Of the names the one that was meant: a slip of the pen away, or longer or shorter at its end; null: none. */
export function closest(asked: string, names: readonly string[]): string | null {
  const wanted = asked.toLowerCase();
  const most = Math.max(2, Math.floor(wanted.length / 4));
  const [best] = names
    .map((name) => ({ name, edits: distance(wanted, name.toLowerCase()), isPart: isPart(wanted, name.toLowerCase()) }))
    .filter(({ edits, isPart }) => isPart || edits <= most)
    .toSorted((a, b) => a.edits - b.edits);
  return best?.name ?? null;
}

/** Whether one begins with the other; a word of four letters, `List`, would begin too much. */
function isPart(a: string, b: string): boolean {
  const shorter = a.length < b.length ? a : b;
  return shorter.length > 6 && a.startsWith(shorter) && b.startsWith(shorter);
}
