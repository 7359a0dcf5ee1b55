import { isOptional, type Schema } from './json-schema.ts';

/** One thing that a schema does not admit. */
export interface Fault {
  /** Where it is: names of fields and places in lists. */
  path: (string | number)[];
  /** What should be there. */
  schema: Schema;
  /** undefined: nothing is there. */
  value: unknown;
  /** Fields that an object has and must not have. */
  unknownFields?: string[];
}

/** What was read; or, and then there is no value, what is wrong with it. */
export type ReadJson<T> = { value: T; faults: null } | { value?: undefined; faults: Fault[] };

/**
 * Reads a value that came as JSON by its schema. Every fault is found, not the first alone. Of an object those fields are read that
 * its schema names. An optional field that is missing is read as undefined. A number is finite. Decision 0070.
 */
export function readJson<T>(schema: Schema<T>, given: unknown): ReadJson<T> {
  if (given === undefined && isOptional(schema)) return { value: given as T, faults: null };
  const faults: Fault[] = [];
  const value = read(schema, given, faults) as T;
  return faults.length === 0 ? { value, faults: null } : { faults };
}

function read(schema: Schema, given: unknown, faults: Fault[]): unknown {
  if (schema.anyOf) return readAny(schema, given, faults);
  if (!isAdmitted(schema, given)) {
    faults.push({ path: [], schema, value: given });
    return given;
  }
  if (schema.type === 'array') return readList(schema, given as unknown[], faults);
  if (schema.type === 'object') return readObject(schema, given as Record<string, unknown>, faults);
  return given;
}

/** The first that admits it. */
function readAny(schema: Schema, given: unknown, faults: Fault[]): unknown {
  for (const option of schema.anyOf ?? []) {
    const itsFaults: Fault[] = [];
    const value = read(option, given, itsFaults);
    if (itsFaults.length === 0) return value;
  }
  faults.push({ path: [], schema, value: given });
  return given;
}

function readList({ items = {} }: Schema, given: unknown[], faults: Fault[]): unknown[] {
  return given.map((item, place) => readPart(items, item, place, faults));
}

function readObject(schema: Schema, given: Record<string, unknown>, faults: Fault[]): object {
  const { properties = {}, required = [], propertyNames, additionalProperties } = schema;
  const value: Record<string, unknown> = {};
  for (const name in properties) {
    if (given[name] === undefined && !required.includes(name)) continue;
    value[name] = readPart(properties[name] as Schema, given[name], name, faults);
  }
  if (additionalProperties === undefined) return value;
  // assigned to, this one would be the object's prototype
  const others = Object.keys(given).filter((name) => !Object.hasOwn(properties, name) && name !== '__proto__');
  if (additionalProperties === false) {
    if (others.length > 0) faults.push({ path: [], schema, value: given, unknownFields: others });
    return value;
  }
  for (const name of others) {
    if (propertyNames) readPart(propertyNames, name, name, faults);
    value[name] = readPart(additionalProperties, given[name], name, faults);
  }
  return value;
}

/** Faults are found with their path from the part on. */
function readPart(schema: Schema, given: unknown, step: string | number, faults: Fault[]): unknown {
  const before = faults.length;
  const value = read(schema, given, faults);
  if (faults.length > before) for (const { path } of faults.slice(before)) path.unshift(step);
  return value;
}

function isAdmitted(schema: Schema, given: unknown): boolean {
  if ('const' in schema && given !== schema.const) return false;
  if (schema.enum && !schema.enum.includes(given)) return false;
  switch (schema.type) {
    case 'object':
      return typeof given === 'object' && given !== null && !Array.isArray(given);
    case 'array':
      return Array.isArray(given) && isWithin(given.length, schema.minItems, schema.maxItems);
    case 'string':
      return typeof given === 'string' && (schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(given));
    case 'number':
      return Number.isFinite(given) && isWithin(given as number, schema.minimum, schema.maximum);
    case 'integer':
      return Number.isInteger(given) && isWithin(given as number, schema.minimum, schema.maximum);
    case 'boolean':
      return typeof given === 'boolean';
    case 'null':
      return given === null;
    case undefined:
      return true;
  }
}

function isWithin(number: number, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): boolean {
  return number >= least && number <= most;
}
