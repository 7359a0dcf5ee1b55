import fleet from '../../fleet.yml';
import { findPod, type Pod } from '../../src/fleet/fleet.ts';
import { boundedSentences } from '../../src/fleet/gathering.ts';
import {
  BOOLEAN,
  exactly,
  type ObjectSchema,
  object,
  oneOf,
  optional,
  type Schema,
} from '../../src/fleet/json-schema.ts';
import { type Fault, readJson } from '../../src/fleet/read-json.ts';

/** A payload that cannot be taken; every fault is told, as far as an answer has room for them. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';
  readonly faults: string[];

  constructor(faults: readonly string[]) {
    const bounded = boundedSentences(faults);
    super(bounded.join(' '));
    this.faults = bounded;
  }
}

/** Fields of a payload that are not checked yet. */
export type Asked = Readonly<Record<string, unknown>>;

/** What the schema of a payload says beside JSON Schema. */
interface PayloadKeywords {
  /** What a value must be, in the words of a fault. */
  must?: string;
  /** What is wrong with fields that are right each alone, as a sentence: told together with other fields' faults. */
  between?: (asked: Asked) => string | null;
}

/*
 * What payloads are made of; each payload stands in a file of its own, so that no function has another's in it.
 * Decision 0074.
 */

export const must = <S extends Schema>(be: string, schema: S): S => ({ ...schema, must: be });

type Fields = Readonly<Record<string, Schema>>;

/** An object that has these fields and may have others. */
export const open = <const F extends Fields>(fields: F): ObjectSchema<F> =>
  must(`an object with ${Object.keys(fields).join(', ')}`, object(fields));

/** One that has no others. */
export const strict = <const F extends Fields>(fields: F): ObjectSchema<F> => ({
  ...open(fields),
  additionalProperties: false,
});

export const checked = <S extends Schema>(between: NonNullable<PayloadKeywords['between']>, schema: S): S => ({
  ...schema,
  between,
});

export const only = <const T extends string>(text: T): Schema<T> => must(JSON.stringify(text), exactly(text));

export const POD: Schema<string> = must(`one of the pods ${podNames()}`, oneOf(fleet.pods.map(({ name }) => name)));
export const FLAG = optional(must('true or false', BOOLEAN));

/** Reads a payload; throws `PayloadError` with all faults, each a sentence that begins with the field. */
export function read<T>(schema: Schema<T>, payload: unknown): T {
  const { value, faults } = readJson(schema, payload);
  const { between } = schema as PayloadKeywords;
  const sentence = between?.({ ...(payload as Asked | null) }) ?? null;
  if (faults !== null || sentence !== null) {
    throw new PayloadError([...(faults ?? []).map(sentenceOf), ...(sentence === null ? [] : [sentence])]);
  }
  return value;
}

function sentenceOf({ path, schema, value, unknownFields }: Fault): string {
  const place = placeOf(path);
  if (unknownFields) {
    const fields = `${unknownFields.length === 1 ? 'field' : 'fields'} ${unknownFields.map(shown).join(', ')}`;
    return `${place} has unknown ${fields}; there are ${Object.keys(schema.properties ?? {}).join(', ')}.`;
  }
  const { must: be } = schema as PayloadKeywords;
  return value === undefined
    ? `${place} is missing; it must be ${be}.`
    : `${place} must be ${be}, not ${shown(value)}.`;
}

/** `instanceIds[2]`, `detail.state` */
function placeOf(path: Fault['path']): string {
  if (path.length === 0) return 'The payload';
  return path.reduce<string>(
    (before, step) => (typeof step === 'number' ? `${before}[${step}]` : [before, step].filter(Boolean).join('.')),
    '',
  );
}

const SHOWN_CHARACTERS = 40;

/** What was given, short enough for a sentence. */
export function shown(given: unknown): string {
  if (Array.isArray(given)) return given.length === 0 ? 'an empty list' : `a list of ${given.length}`;
  if (typeof given === 'object' && given !== null) return 'an object';
  if (typeof given !== 'string') return String(given);
  return given.length > SHOWN_CHARACTERS ? `${quoted(given.slice(0, SHOWN_CHARACTERS))}…` : quoted(given);
}

/** As JSON has it, with escapes for all that could steer a terminal. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The pod named; schemas admit only names of the fleet. */
export function podNamed(name: string): Pod {
  const found = findPod(fleet, name);
  if (!found) throw new PayloadError([`pod ${name} is none of the pods ${podNames()}.`]);
  return found;
}

function podNames(): string {
  return fleet.pods.map(({ name }) => name).join(', ');
}
