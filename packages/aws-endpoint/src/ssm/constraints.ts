import { AwsError } from '../errors.ts';

/** What the service model says of one member of a request. */
export interface Constraint {
  type: 'string' | 'integer' | 'boolean' | 'list' | 'map';
  required?: boolean;
  /** Of the length (string), the number (integer), the count (list). */
  min?: number;
  max?: number;
  pattern?: RegExp;
  enum?: readonly string[];
  /** Of each member of a list of strings. */
  each?: RegExp;
}

/**
 * Holds a request against the model as AWS's front does: wrong JSON types are a SerializationException, and all broken
 * constraints are told in one ValidationException. Unknown members are ignored, as there.
 */
export function checkConstraints(input: Record<string, unknown>, constraints: Record<string, Constraint>): void {
  const broken: string[] = [];
  for (const [name, constraint] of Object.entries(constraints)) {
    const value = input[name] ?? undefined;
    const at = name.charAt(0).toLowerCase() + name.slice(1);
    if (value === undefined) {
      if (constraint.required)
        broken.push(`Value null at '${at}' failed to satisfy constraint: Member must not be null`);
      continue;
    }
    if (!hasType(value, constraint.type)) {
      throw new AwsError(
        'SerializationException',
        `${describeType(value)} can not be converted to ${constraint.type} at '${at}'`,
      );
    }
    for (const rule of brokenRules(value, constraint)) {
      broken.push(
        `Value '${typeof value === 'string' ? value : JSON.stringify(value)}' at '${at}' failed to satisfy constraint: ${rule}`,
      );
    }
  }
  if (broken.length > 0) {
    throw new AwsError(
      'ValidationException',
      `${broken.length} validation error${broken.length > 1 ? 's' : ''} detected: ${broken.join('; ')}`,
    );
  }
}

function hasType(value: unknown, type: Constraint['type']): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      return Number.isInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'list':
      return Array.isArray(value);
    case 'map':
      return typeof value === 'object' && !Array.isArray(value);
  }
}

function describeType(value: unknown): string {
  return Array.isArray(value) ? 'START_ARRAY' : typeof value === 'object' ? 'START_OBJECT' : `${typeof value} value`;
}

function* brokenRules(value: unknown, constraint: Constraint): Generator<string> {
  const { min, max, pattern, each } = constraint;
  const size =
    typeof value === 'string' || Array.isArray(value) ? value.length : typeof value === 'number' ? value : null;
  const what = typeof value === 'number' ? 'value' : 'length';
  if (size !== null && min !== undefined && size < min)
    yield `Member must have ${what} greater than or equal to ${min}`;
  if (size !== null && max !== undefined && size > max) yield `Member must have ${what} less than or equal to ${max}`;
  if (typeof value === 'string' && pattern !== undefined && !pattern.test(value)) {
    yield `Member must satisfy regular expression pattern: ${pattern.source}`;
  }
  if (typeof value === 'string' && constraint.enum !== undefined && !constraint.enum.includes(value)) {
    yield `Member must satisfy enum value set: [${constraint.enum.join(', ')}]`;
  }
  if (
    Array.isArray(value) &&
    each !== undefined &&
    !value.every((item) => typeof item === 'string' && each.test(item))
  ) {
    yield `Member must satisfy constraint: [Member must satisfy regular expression pattern: ${each.source}]`;
  }
}
