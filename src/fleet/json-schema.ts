/**
 * What podtime stores and is invoked with, described in JSON Schema (draft 2020-12, the few keywords below): `readJson` reads by it, the
 * types are made of it, and docs/*.schema.json print it. Decision 0070.
 */

declare const ADMITS: unique symbol;

/** A schema that admits values of type T. */
export interface Schema<T = unknown> {
  readonly [ADMITS]?: T;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | false;
  readonly anyOf?: readonly Schema[];
}

/** The type of what a schema admits. */
export type Of<S> = S extends Schema<infer T> ? T : never;

// a symbol is not printed
const OPTIONAL = Symbol('optional');

interface Optional {
  readonly [OPTIONAL]: true;
}

type Fields = Readonly<Record<string, Schema>>;
type OptionalName<F> = { [Name in keyof F]: F[Name] extends Optional ? Name : never }[keyof F];
type Merged<T> = { [Name in keyof T]: T[Name] };
type ObjectOf<F> = Merged<
  { [Name in Exclude<keyof F, OptionalName<F>>]: Of<F[Name]> } & { [Name in OptionalName<F>]?: Of<F[Name]> | undefined }
>;

export interface ObjectSchema<F extends Fields> extends Schema<ObjectOf<F>> {
  readonly properties: F;
}

export const TEXT: Schema<string> = { type: 'string' };
export const NUMBER: Schema<number> = { type: 'number' };
export const INTEGER: Schema<number> = {
  type: 'integer',
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
};
export const BOOLEAN: Schema<boolean> = { type: 'boolean' };

/** The schema with the words that docs print; bundles are made without them. */
export function described<S extends Schema>(description: string, schema: S): S {
  return { ...schema, description };
}

/** Of a field that may be missing. */
export function optional<T>(schema: Schema<T>): Schema<T | undefined> & Optional {
  return { ...schema, [OPTIONAL]: true };
}

export function isOptional(schema: Schema): boolean {
  return OPTIONAL in schema;
}

/** Of an object with these fields; others are admitted, and not read. */
export function object<const F extends Fields>(properties: F): ObjectSchema<F> {
  const required = Object.keys(properties).filter((name) => !isOptional(properties[name] as Schema));
  return { type: 'object', properties, required };
}

export function list<T>(items: Schema<T>): Schema<T[]> {
  return { type: 'array', items };
}

/** Of an object with any fields, each of the same kind. */
export function record<T>(additionalProperties: Schema<T>): Schema<Record<string, T>> {
  return { type: 'object', additionalProperties };
}

/** Of an object that has any of these fields. */
export function recordOf<K extends string, T>(
  names: readonly K[],
  additionalProperties: Schema<T>,
): Schema<Partial<Record<K, T>>> {
  return { type: 'object', propertyNames: { enum: names }, additionalProperties };
}

export function oneOf<const T extends string>(values: readonly T[]): Schema<T> {
  return { type: 'string', enum: values };
}

export function exactly<const T extends string | number | boolean>(value: T): Schema<T> {
  return { type: typeof value as 'string' | 'number' | 'boolean', const: value };
}

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return { anyOf: [schema, { type: 'null' }] };
}

export function either<A, B>(first: Schema<A>, second: Schema<B>): Schema<A | B> {
  return { anyOf: [first, second] };
}
