import fleet from '../../fleet.yml';
import { IDS_PER_COMMAND } from '../../src/fleet/aws-limits.ts';
import { findAz } from '../../src/fleet/az-names.ts';
import { DEAD_STATES, findPod, INSTANCE_ID, type Pod, TIERS } from '../../src/fleet/fleet.ts';
import { boundedSentences } from '../../src/fleet/gathering.ts';
import {
  BOOLEAN,
  exactly,
  list,
  type ObjectSchema,
  type Of,
  object,
  oneOf,
  optional,
  type Schema,
  TEXT,
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
type Asked = Readonly<Record<string, unknown>>;

/** What the schema of a payload says beside JSON Schema. */
interface PayloadKeywords {
  /** What a value must be, in the words of a fault. */
  must?: string;
  /** What is wrong with fields that are right each alone, as a sentence: told together with other fields' faults. */
  between?: (asked: Asked) => string | null;
}

const must = <S extends Schema>(be: string, schema: S): S => ({ ...schema, must: be });

type Fields = Readonly<Record<string, Schema>>;

/** An object that has these fields and may have others. */
const open = <const F extends Fields>(fields: F): ObjectSchema<F> =>
  must(`an object with ${Object.keys(fields).join(', ')}`, object(fields));

/** One that has no others. */
const strict = <const F extends Fields>(fields: F): ObjectSchema<F> => ({
  ...open(fields),
  additionalProperties: false,
});

const checked = <S extends Schema>(between: NonNullable<PayloadKeywords['between']>, schema: S): S => ({
  ...schema,
  between,
});

const only = <const T extends string>(text: T): Schema<T> => must(JSON.stringify(text), exactly(text));

const POD: Schema<string> = must(`one of the pods ${podNames()}`, oneOf(fleet.pods.map(({ name }) => name)));
const FLAG = optional(must('true or false', BOOLEAN));
const ID: Schema<string> = must('an instance id (i- and 8 or 17 hexadecimal digits)', {
  type: 'string',
  pattern: INSTANCE_ID.source,
});
const IDS = optional(
  must(`a list of 1 to ${IDS_PER_COMMAND} instance ids`, { ...list(ID), minItems: 1, maxItems: IDS_PER_COMMAND }),
);

/** `sls invoke -f cycle -d …` */
export const CYCLE = checked(
  foreignAz,
  strict({
    pod: POD,
    tier: optional(must(TIERS.join(' or '), oneOf(TIERS))),
    az: optional(must('the name of an AZ', TEXT)),
    instanceIds: IDS,
    dryRun: FLAG,
    force: FLAG,
  }),
);

/** `sls invoke -f collect -d …` */
export const COLLECT = strict({ pod: POD, instanceIds: IDS });

const DELAY: Schema<number> = must('a whole number from 0 to 59', { type: 'integer', minimum: 0, maximum: 59 });

/** The schedule's input, and `sls invoke -f watchdog -d …` */
export const WATCHDOG = checked(
  scheduledRetirement,
  strict({
    pod: POD,
    dryRun: FLAG,
    scheduled: optional(must('true, or left out', exactly(true))),
    /** With `scheduled`: how long this pod's tick is put off, so that the pods' do not come at once. */
    delaySeconds: optional(DELAY),
    /** Empties the pod: no tick. By hand alone. */
    retire: FLAG,
  }),
);

export type WatchdogRequest = Of<typeof WATCHDOG>;

/** podtime's own event, as EventBridge delivers it. */
export const DNS_CHANGED = open({
  source: only('podtime'),
  'detail-type': only('DNS changed'),
  detail: open({ pod: POD, names: must('a list of names', list(must('a name', TEXT))) }),
});

const STATES = ['pending', 'running', ...DEAD_STATES] as const;

/** EC2's `EC2 Instance State-change Notification`, as EventBridge delivers it. */
export const STATE_CHANGE = open({
  source: only('aws.ec2'),
  'detail-type': only('EC2 Instance State-change Notification'),
  /** `2026-01-02T03:04:05Z` */
  time: optional(must('a time', TEXT)),
  detail: open({ 'instance-id': ID, state: must(`one of ${STATES.join(', ')}`, oneOf(STATES)) }),
});

/** What SQS hands to a function: messages, each with the id that a failure is named by. */
export const QUEUE = open({
  Records: must(
    'a list of messages',
    list(open({ messageId: must('a message id', TEXT), body: must('the message', TEXT) })),
  ),
});

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

/** A schedule must not empty a pod. */
function scheduledRetirement({ scheduled, retire }: Asked): string | null {
  return scheduled === true && retire === true
    ? 'retire must be left out of a schedule, a pod is retired by hand.'
    : null;
}

function foreignAz({ pod: name, az }: Asked): string | null {
  const pod = typeof name === 'string' ? findPod(fleet, name) : null;
  if (pod === null || typeof az !== 'string' || findAz(pod, az) !== null) return null;
  return `az must be an AZ of pod ${pod.name} (${pod.azs.join(', ')}, also as az-a or a), not ${shown(az)}.`;
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
function shown(given: unknown): string {
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

/** The AZ's full name, from `us-west-2e`, `az-e` or `e`; schemas admit only those of the pod. */
export function azOf(inPod: Pod, given: string | undefined): string | null {
  return given === undefined ? null : findAz(inPod, given);
}

function podNames(): string {
  return fleet.pods.map(({ name }) => name).join(', ');
}
