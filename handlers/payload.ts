import * as z from 'zod/mini';
import fleet from '../fleet.yml';
import { findAz, findPod, type Pod, TIERS } from '../src/fleet/fleet.ts';

/** A payload that cannot be taken; every fault is told. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';

  constructor(readonly faults: string[]) {
    super(faults.join(' '));
  }
}

const instanceIds = z
  .array(z.string().check(z.regex(/^i-[0-9a-f]{8,17}$/, 'is not an instance id (i- and 8 or 17 hexadecimal digits)')))
  .check(z.minLength(1, 'names no instance'), z.maxLength(50, 'names more than 50 instances'));

const pod = z
  .string({ error: `is missing; the pods are ${podNames()}` })
  .check(z.refine((name) => findPod(fleet, name) !== null, { error: `is none of the pods ${podNames()}` }));

/** `sls invoke -f cycle -d …` */
export const CYCLE = z.strictObject({
  pod,
  tier: z.optional(z.enum(TIERS)),
  az: z.optional(z.string()),
  instanceIds: z.optional(instanceIds),
  dryRun: z.optional(z.boolean()),
  force: z.optional(z.boolean()),
});

/** `sls invoke -f collect -d …` */
export const COLLECT = z.strictObject({ pod, instanceIds: z.optional(instanceIds) });

/** The schedule's input, and `sls invoke -f watchdog -d …` */
export const WATCHDOG = z.strictObject({
  pod,
  dryRun: z.optional(z.boolean()),
  scheduled: z.optional(z.literal(true)),
  /** With `scheduled`: how long this pod's tick is put off, so that the pods' do not come at once. */
  delaySeconds: z.optional(z.int().check(z.minimum(0), z.maximum(59))),
});

/** podtime's own event, as EventBridge delivers it. */
export const DNS_CHANGED = z.object({
  source: z.literal('podtime'),
  'detail-type': z.literal('DNS changed'),
  detail: z.object({ pod, names: z.array(z.string()) }),
});

/** EC2's `EC2 Instance State-change Notification`, as EventBridge delivers it. */
export const STATE_CHANGE = z.object({
  source: z.literal('aws.ec2'),
  'detail-type': z.literal('EC2 Instance State-change Notification'),
  detail: z.object({
    'instance-id': z.string().check(z.regex(/^i-[0-9a-f]{8,17}$/, 'is not an instance id')),
    state: z.enum(['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped']),
  }),
});

/** Reads a payload; throws `PayloadError` with all faults, each as `field: what is wrong`. */
export function read<T>(schema: z.ZodMiniType<T>, payload: unknown): T {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  throw new PayloadError(
    result.error.issues.map((issue) => {
      const where = issue.path.join('.');
      return issue.code === 'unrecognized_keys'
        ? `Unknown ${issue.keys.length === 1 ? 'field' : 'fields'} ${issue.keys.join(', ')}.`
        : `${where || 'The payload'} ${wording(issue.message)}.`;
    }),
  );
}

/** The pod named; schemas admit only names of the fleet. */
export function podNamed(name: string): Pod {
  const found = findPod(fleet, name);
  if (!found) throw new PayloadError([`pod ${name} is none of the pods ${podNames()}.`]);
  return found;
}

/** The AZ's full name, from `us-west-2e`, `az-e` or `e`. */
export function azOf(of: Pod, given: string | undefined): string | null {
  if (given === undefined) return null;
  const az = findAz(of, given);
  if (az === null) throw new PayloadError([`az ${given} is none of pod ${of.name}'s: ${of.azs.join(', ')}.`]);
  return az;
}

function podNames(): string {
  return fleet.pods.map(({ name }) => name).join(', ');
}

/** zod's own messages read as `Invalid input: expected boolean, received string`. */
function wording(message: string): string {
  return message.replace(/^Invalid (input|option): /, 'is wrong: ');
}
