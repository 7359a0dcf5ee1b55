import {
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  type DescribeInstancesCommandOutput,
  type EC2Client,
  type Filter,
  type Instance,
} from '@aws-sdk/client-ec2';
import { type Host, type Pod, TAGS } from '../fleet/fleet.ts';
import type { Instances, KnownHost, PodInstances } from '../watchdog/ports.ts';
import type { Call, CallOptions } from './call.ts';
import { AwsCallError, isCode, isRefusal, isThrottling, reasonOf, UnreadableAnswer } from './errors.ts';
import { hostOf, tagOf } from './host.ts';
import { pages } from './pages.ts';

/** Of the 5 to 1000 that EC2 takes: a page of so many is answered well within an attempt (`ATTEMPT_TIMEOUT_MS`). */
const INSTANCES_PER_PAGE = 500;
/** Ids in one request; EC2 pages no request with ids. */
const IDS_PER_REQUEST = 200;
/** Requests about single ids under way at one time: EC2's bucket of requests is refilled slowly. */
const SINGLE_REQUESTS = 5;
/** One instance: nothing that takes long. */
const SINGLE_LIMIT_MS = 5000;

/** Reads a pod's hosts from EC2 by tag. */
export function ec2Instances(client: EC2Client, call: Call): Instances {
  return {
    async ofPod(pod, known) {
      try {
        return { ...sorted(await taggedInstances(client, call, pod), pod), faults: [], unread: [] };
      } catch (failure) {
        if (known.length === 0 || !mayBeOneAz(failure)) throw failure;
        return byAz(client, call, pod, known, failure);
      }
    },

    async statesOf(instanceIds) {
      const states = new Map<string, string>();
      const unknown: string[] = [];
      const faults: string[] = [];
      const waiting = [...instanceIds];
      const worker = async () => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
          try {
            const state = await stateOf(client, call, id);
            if (state === null) unknown.push(id);
            else states.set(id, state);
          } catch (error) {
            faults.push(`EC2 does not say whether ${id} exists: ${reasonOf(error)}.`);
          }
        }
      };
      await Promise.all(Array.from({ length: SINGLE_REQUESTS }, worker));
      return { states, unknown: unknown.toSorted(), faults: faults.toSorted() };
    },

    async membershipOf(instanceId) {
      const instance = await describedInstance(client, call, `reading instance ${instanceId} from EC2`, instanceId);
      return instance && { pod: tagOf(instance, TAGS.pod), az: instance.Placement?.AvailabilityZone ?? '' };
    },
  };
}

async function taggedInstances(client: EC2Client, call: Call, pod: Pod): Promise<Instance[]> {
  const listing = pages(call, {
    action: `reading the instances of pod ${pod.name} from EC2`,
    read: (options, NextToken?: string) =>
      describe(client, { Filters: [tagged(pod)], MaxResults: INSTANCES_PER_PAGE, NextToken }, options),
    next: (page) => page.NextToken || undefined,
  });
  const found: Instance[] = [];
  for await (const page of listing) found.push(...instancesOf(page));
  return found;
}

const DESCRIBES_NOBODY = 'the answer describes no instance, and does not say that there is none';

/**
 * While an AZ is disrupted DescribeInstances without ids can fail as a whole (EC2 user guide): the hosts of the other AZs are
 * asked for by id then. Not where EC2 refused the request itself.
 */
function mayBeOneAz(failure: unknown): boolean {
  if (!(failure instanceof AwsCallError)) return false;
  return !isRefusal(failure.cause) && !isThrottling(failure.cause);
}

/** Known hosts, AZ by AZ. Throws when no AZ answers. */
async function byAz(
  client: EC2Client,
  call: Call,
  pod: Pod,
  known: readonly KnownHost[],
  failure: unknown,
): Promise<PodInstances> {
  const unread: string[] = [];
  const faults: string[] = [];
  const answers = await Promise.all(
    [...new Set(known.map(({ az }) => az))].map(async (az) => {
      const ids = known.filter((host) => host.az === az).map(({ instanceId }) => instanceId);
      try {
        return await knownInstances(client, call, pod, az, ids);
      } catch (error) {
        unread.push(...ids);
        faults.push(`EC2 does not describe the hosts of pod ${pod.name} in ${az}: ${reasonOf(error)}.`);
        return null;
      }
    }),
  );
  const described = answers.filter((answer) => answer !== null);
  if (described.length === 0) throw failure;
  const { hosts, refused } = sorted(described.flat(), pod);
  const head = `EC2 does not list pod ${pod.name} by tag: ${reasonOf(failure)}. The hosts of the last report are asked for by id, AZ by AZ; newer ones are not seen.`;
  return { hosts, refused, faults: [head, ...faults.toSorted()], unread: unread.toSorted() };
}

/** Those of one AZ that EC2 describes, and that still have the pod's tag. */
async function knownInstances(client: EC2Client, call: Call, pod: Pod, az: string, ids: string[]): Promise<Instance[]> {
  const found: Instance[] = [];
  for (let start = 0; start < ids.length; start += IDS_PER_REQUEST) {
    const action = `reading known instances of pod ${pod.name} in ${az} from EC2`;
    found.push(...(await withoutUnknown(client, call, action, pod, ids.slice(start, start + IDS_PER_REQUEST))));
  }
  return found;
}

/**
 * One unknown id fails the whole request. Those that the error names are left out and the rest is asked for again; when it
 * names none, the ids are halved until the unknown ones stand alone.
 */
async function withoutUnknown(
  client: EC2Client,
  call: Call,
  action: string,
  pod: Pod,
  ids: string[],
): Promise<Instance[]> {
  if (ids.length === 0) return [];
  const input = { InstanceIds: ids, Filters: [tagged(pod)] };
  const answer = await call(action, async (options) => {
    const described = await instancesOrNotFound(client, input, options);
    // nobody of all that were known is no news of anybody
    if (Array.isArray(described) && described.length === 0) throw new UnreadableAnswer(DESCRIBES_NOBODY);
    return described;
  });
  if (Array.isArray(answer)) return answer;
  const named = ids.filter((id) => answer.message.includes(id));
  if (named.length > 0) {
    const rest = ids.filter((id) => !named.includes(id));
    return withoutUnknown(client, call, action, pod, rest);
  }
  if (ids.length === 1) return [];
  const half = Math.ceil(ids.length / 2);
  const first = await withoutUnknown(client, call, action, pod, ids.slice(0, half));
  return [...first, ...(await withoutUnknown(client, call, action, pod, ids.slice(half)))];
}

/** null: EC2 says, asked for this id alone, that there is no such instance. */
async function stateOf(client: EC2Client, call: Call, instanceId: string): Promise<string | null> {
  const instance = await describedInstance(client, call, `asking EC2 whether ${instanceId} exists`, instanceId);
  return instance?.state ?? null;
}

/** As EC2 describes it, asked for this id alone; null where it says that there is none. */
async function describedInstance(
  client: EC2Client,
  call: Call,
  action: string,
  instanceId: string,
): Promise<(Instance & { state: string }) | null> {
  return call(
    action,
    async (options) => {
      const answer = await instancesOrNotFound(client, { InstanceIds: [instanceId] }, options);
      if (!Array.isArray(answer)) return null;
      const instance = answer.find((described) => described.InstanceId === instanceId);
      const state = instance?.State?.Name;
      if (!state) throw new UnreadableAnswer(DESCRIBES_NOBODY);
      return { ...instance, state };
    },
    SINGLE_LIMIT_MS,
  );
}

async function instancesOrNotFound(
  client: EC2Client,
  input: DescribeInstancesCommandInput,
  options: CallOptions,
): Promise<Instance[] | Error> {
  try {
    return instancesOf(await describe(client, input, options));
  } catch (error) {
    if (error instanceof Error && isRefusal(error) && isCode(error, 'InvalidInstanceID.NotFound')) return error;
    throw error;
  }
}

/** Also the answer that describes nobody has a reservation set: one without is no answer. */
async function describe(client: EC2Client, input: DescribeInstancesCommandInput, options: CallOptions) {
  const page = await client.send(new DescribeInstancesCommand(input), options);
  if (!page.Reservations) throw new UnreadableAnswer('the answer has no reservation set');
  if (page.Reservations.some(({ Instances }) => !Instances)) {
    throw new UnreadableAnswer('the answer has a reservation without its instances');
  }
  return page;
}

function instancesOf({ Reservations = [] }: DescribeInstancesCommandOutput): Instance[] {
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

function tagged(pod: Pod): Filter {
  return { Name: `tag:${TAGS.pod}`, Values: [pod.name] };
}

function sorted(instances: Instance[], pod: Pod): { hosts: Host[]; refused: string[] } {
  const hosts: Host[] = [];
  const refused: string[] = [];
  for (const instance of instances) {
    const read = hostOf(instance, pod);
    if (typeof read === 'string') refused.push(read);
    else hosts.push(read);
  }
  return { hosts, refused };
}
