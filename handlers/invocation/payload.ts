import * as z from 'zod/mini';
import fleet from '../../fleet.yml';
import { IDS_PER_COMMAND } from '../../src/fleet/aws-limits.ts';
import { findAz } from '../../src/fleet/az-names.ts';
import { DEAD_STATES, findPod, isInstanceId, type Pod, TIERS } from '../../src/fleet/fleet.ts';

/** A payload that cannot be taken; every fault is told. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';

  constructor(readonly faults: string[]) {
    super(faults.join(' '));
  }
}

interface Fault {
  code?: string;
  input?: unknown;
  keys?: string[];
}

/** The error of a schema or check: what a field must be, and what was given instead, or that nothing was. */
const must = (be: string) => ({
  error: ({ input }: Fault) =>
    input === undefined ? `is missing; it must be ${be}` : `must be ${be}, not ${shown(input)}`,
});

/** The error of an object that has these fields and, when it is strict, no others. */
const mustHave = (...fields: string[]) => ({
  error: ({ code, input, keys = [] }: Fault) => {
    if (code !== 'unrecognized_keys') return must(`an object with ${fields.join(', ')}`).error({ input });
    return `has unknown ${keys.length === 1 ? 'field' : 'fields'} ${keys.map(shown).join(', ')}; there are ${fields.join(', ')}`;
  },
});

const strict = <S extends z.core.$ZodShape>(shape: S) => z.strictObject(shape, mustHave(...Object.keys(shape)));
const open = <S extends z.core.$ZodShape>(shape: S) => z.object(shape, mustHave(...Object.keys(shape)));
const exactly = <T extends string>(text: T) => z.literal(text, must(JSON.stringify(text)));
const flag = z.optional(z.boolean(must('true or false')));

const AN_INSTANCE_ID = must('an instance id (i- and 8 or 17 hexadecimal digits)');
const instanceId = z.string(AN_INSTANCE_ID).check(z.refine(isInstanceId, AN_INSTANCE_ID));

const INSTANCE_IDS = must(`a list of 1 to ${IDS_PER_COMMAND} instance ids`);
const instanceIds = z
  .array(instanceId, INSTANCE_IDS)
  .check(z.minLength(1, INSTANCE_IDS), z.maxLength(IDS_PER_COMMAND, INSTANCE_IDS));

const A_POD = must(`one of the pods ${podNames()}`);
const pod = z.string(A_POD).check(z.refine((name) => findPod(fleet, name) !== null, A_POD));

/** `sls invoke -f cycle -d …` */
export const CYCLE = strict({
  pod,
  tier: z.optional(z.enum(TIERS, must(TIERS.join(' or ')))),
  az: z.optional(z.string(must('the name of an AZ'))),
  instanceIds: z.optional(instanceIds),
  dryRun: flag,
  force: flag,
}).check(
  z.refine((asked) => !isForeignAz(asked), {
    path: ['az'],
    // told together with other fields' faults
    when: ({ value }) => isForeignAz(value),
    error: ({ input }) => {
      const { az, pod: name } = input as { az: string; pod: string };
      return must(`an AZ of pod ${name} (${podNamed(name).azs.join(', ')}, also as az-a or a)`).error({ input: az });
    },
  }),
);

/** `sls invoke -f collect -d …` */
export const COLLECT = strict({ pod, instanceIds: z.optional(instanceIds) });

const DELAY = must('a whole number from 0 to 59');

/** The schedule's input, and `sls invoke -f watchdog -d …` */
export const WATCHDOG = strict({
  pod,
  dryRun: flag,
  scheduled: z.optional(z.literal(true, must('true, or left out'))),
  /** With `scheduled`: how long this pod's tick is put off, so that the pods' do not come at once. */
  delaySeconds: z.optional(z.int(DELAY).check(z.minimum(0, DELAY), z.maximum(59, DELAY))),
  /** Empties the pod: no tick. By hand alone. */
  retire: flag,
}).check(
  z.refine((asked) => !isScheduledRetirement(asked), {
    path: ['retire'],
    when: ({ value }) => isScheduledRetirement(value),
    error: 'must be left out of a schedule, a pod is retired by hand',
  }),
);

export type WatchdogRequest = z.infer<typeof WATCHDOG>;

/** podtime's own event, as EventBridge delivers it. */
export const DNS_CHANGED = open({
  source: exactly('podtime'),
  'detail-type': exactly('DNS changed'),
  detail: open({ pod, names: z.array(z.string(must('a name')), must('a list of names')) }),
});

const STATES = ['pending', 'running', ...DEAD_STATES] as const;

/** EC2's `EC2 Instance State-change Notification`, as EventBridge delivers it. */
export const STATE_CHANGE = open({
  source: exactly('aws.ec2'),
  'detail-type': exactly('EC2 Instance State-change Notification'),
  /** `2026-01-02T03:04:05Z` */
  time: z.optional(z.string(must('a time'))),
  detail: open({ 'instance-id': instanceId, state: z.enum(STATES, must(`one of ${STATES.join(', ')}`)) }),
});

/** What SQS hands to a function: messages, each with the id that a failure is named by. */
export const QUEUE = open({
  Records: z.array(
    open({ messageId: z.string(must('a message id')), body: z.string(must('the message')) }),
    must('a list of messages'),
  ),
});

/** Reads a payload; throws `PayloadError` with all faults, each a sentence that begins with the field. */
export function read<T>(schema: z.ZodMiniType<T>, payload: unknown): T {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  throw new PayloadError(result.error.issues.map(({ path, message }) => `${placeOf(path)} ${message}.`));
}

/** `instanceIds[2]`, `detail.state` */
function placeOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'The payload';
  return path.reduce<string>(
    (before, step) =>
      typeof step === 'number' ? `${before}[${step}]` : [before, String(step)].filter(Boolean).join('.'),
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

function isScheduledRetirement(asked: unknown): boolean {
  const { scheduled, retire } = { ...(asked as { scheduled?: unknown; retire?: unknown } | null) };
  return scheduled === true && retire === true;
}

function isForeignAz(asked: unknown): boolean {
  const { pod: name, az } = { ...(asked as { pod?: unknown; az?: unknown } | null) };
  const named = typeof name === 'string' ? findPod(fleet, name) : null;
  return named !== null && typeof az === 'string' && findAz(named, az) === null;
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
