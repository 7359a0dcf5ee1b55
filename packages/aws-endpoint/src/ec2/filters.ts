import { AwsError } from '../errors.ts';

/** A filter as the query protocol gives it. */
export interface GivenFilter {
  Name?: string;
  Value?: string[];
}

/**
 * Whether a candidate has one of the filter's values. `looks`: what each filter that the call has looks at; `tag`: what `tag:KEY`
 * does. Throws InvalidParameterValue for any other.
 */
export function readFilter<Candidate>(
  { Name: name = '', Value: values = [] }: GivenFilter,
  looks: Record<string, (candidate: Candidate) => string[]>,
  tag: (candidate: Candidate, key: string) => string[],
): (candidate: Candidate) => boolean {
  const key = name.startsWith('tag:') ? name.slice('tag:'.length) : null;
  const look =
    key !== null ? (candidate: Candidate) => tag(candidate, key) : Object.hasOwn(looks, name) ? looks[name] : undefined;
  if (look === undefined) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  const patterns = values.map(wildcards);
  return (candidate) => look(candidate).some((value) => patterns.some((pattern) => pattern.test(value)));
}

/** `*` is any characters, `?` one (EC2 user guide, "Filtering"). */
function wildcards(value: string): RegExp {
  const literal = value.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 's');
}

/** API reference, DescribeInstances and DescribeTags: MaxResults "between 5 and 1000". */
const PAGE_LIMITS = { min: 5, max: 1_000 };

/** Without MaxResults all come at once. */
export function readPageSize(given: unknown): number {
  if (given === undefined) return Number.MAX_SAFE_INTEGER;
  const size = Number(given);
  if (!Number.isInteger(size) || size < PAGE_LIMITS.min || size > PAGE_LIMITS.max) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value ( ${given} ) for parameter maxResults is invalid. Expecting a value between ${PAGE_LIMITS.min} and ${PAGE_LIMITS.max}.`,
    );
  }
  return size;
}
