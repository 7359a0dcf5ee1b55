import { Readable } from 'node:stream';
import {
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  type EC2Client,
  type Filter,
  type Instance,
} from '@aws-sdk/client-ec2';
import type { Call, CallOptions } from './call.ts';
import { AwsCallError, isCode, isRefusal, isThrottling, UnreadableAnswer } from './errors.ts';
import { instancesIn } from './instances-xml.ts';
import { pages } from './pages.ts';

/**
 * Of the 5 to 1000 that EC2 takes. A page of so many is 2.5 MB of XML: answered well within an attempt (`ATTEMPT_TIMEOUT_MS`),
 * and all of EC2's answer that is held at one time, with the next page.
 */
export const INSTANCES_PER_PAGE = 500;
/** Ids in one request; EC2 pages no request with ids. */
const IDS_PER_REQUEST = 200;
/** Requests about single ids under way at one time: EC2's bucket of requests is refilled slowly. */
const SINGLE_REQUESTS = 5;
/** One instance: nothing that takes long. */
const SINGLE_LIMIT_MS = 5000;

/** What an answer says of instances. */
interface InstancePage {
  instances: Instance[];
  NextToken?: string;
}

const DESCRIBES_NOBODY = 'the answer describes no instance, and does not say that there is none';

/** All that these filters let through, page by page. */
export async function* filteredInstances(
  client: EC2Client,
  call: Call,
  action: string,
  Filters: Filter[],
): AsyncGenerator<Instance[]> {
  const listing = pages(call, {
    action,
    read: (options, NextToken?: string) =>
      describe(client, { Filters, MaxResults: INSTANCES_PER_PAGE, NextToken }, options),
    next: ({ NextToken }) => NextToken || undefined,
  });
  for await (const { instances } of listing) yield instances;
}

/**
 * Those of these ids that EC2 knows and the filters let through, request by request. Throws when EC2 describes nobody of them
 * and does not deny them.
 */
export async function* instancesById(
  client: EC2Client,
  call: Call,
  action: string,
  ids: readonly string[],
  filters?: Filter[],
): AsyncGenerator<Instance[]> {
  for (let start = 0; start < ids.length; start += IDS_PER_REQUEST) {
    yield await withoutUnknown(client, call, action, ids.slice(start, start + IDS_PER_REQUEST), filters);
  }
}

/** Of the few that are not worth reducing page by page. */
export async function allOf(listing: AsyncIterable<Instance[]>): Promise<Instance[]> {
  const found: Instance[] = [];
  for await (const page of listing) found.push(...page);
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
  ids: string[],
  Filters?: Filter[],
): Promise<Instance[]> {
  if (ids.length === 0) return [];
  const input = { InstanceIds: ids, Filters };
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
    return withoutUnknown(client, call, action, rest, Filters);
  }
  if (ids.length === 1) return [];
  const half = Math.ceil(ids.length / 2);
  const first = await withoutUnknown(client, call, action, ids.slice(0, half), Filters);
  return [...first, ...(await withoutUnknown(client, call, action, ids.slice(half), Filters))];
}

/** Asks for one id after the other, a few at one time. */
export async function eachAlone(instanceIds: readonly string[], ask: (id: string) => Promise<void>): Promise<void> {
  const waiting = [...instanceIds];
  const worker = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await ask(id);
  };
  await Promise.all(Array.from({ length: SINGLE_REQUESTS }, worker));
}

/** As EC2 describes it, asked for this id alone; null where it says that there is none. */
export async function describedInstance(
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
    return (await describe(client, input, options)).instances;
  } catch (error) {
    if (error instanceof Error && isRefusal(error) && isCode(error, 'InvalidInstanceID.NotFound')) return error;
    throw error;
  }
}

/**
 * The SDK signs, repeats and names errors; between it and the network podtime reads the instances itself, and the SDK the rest.
 * Decision 0073.
 */
async function describe(
  client: EC2Client,
  input: DescribeInstancesCommandInput,
  options: CallOptions,
): Promise<InstancePage> {
  const command = new DescribeInstancesCommand(input);
  const answer: { instances: Instance[] | null } = { instances: null };
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { statusCode?: number; body?: unknown };
      if (response.statusCode === 200 && response.body instanceof Readable) {
        const xml = await textOf(response.body);
        const read = instancesIn(xml);
        answer.instances = read?.instances ?? null;
        response.body = Buffer.from(read?.rest ?? xml);
      }
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
  const { Reservations, NextToken } = await client.send(command, options);
  // also the answer that describes nobody has a reservation set: one without is no answer
  if (!Reservations) throw new UnreadableAnswer('the answer has no reservation set');
  if (Reservations.some(({ Instances }) => !Instances)) {
    throw new UnreadableAnswer('the answer has a reservation without its instances');
  }
  return { instances: answer.instances ?? Reservations.flatMap(({ Instances = [] }) => Instances), NextToken };
}

/** As it comes: a page is 2.5 MB, which is held once. */
async function textOf(body: Readable): Promise<string> {
  body.setEncoding('utf8');
  let text = '';
  for await (const chunk of body) text += chunk;
  return text;
}

/**
 * While an AZ is disrupted DescribeInstances without ids can fail as a whole (EC2 user guide): the hosts of the other AZs are
 * asked for by id then. Not where EC2 refused the request itself.
 */
export function mayBeOneAz(failure: unknown): boolean {
  if (!(failure instanceof AwsCallError)) return false;
  return !isRefusal(failure.cause) && !isThrottling(failure.cause);
}
