import type { EC2Client, Filter, Instance } from '@aws-sdk/client-ec2';
import { type Host, type Pod, TAGS, type Tier } from '../fleet/fleet.ts';
import type { Notice } from '../fleet/gathering.ts';
import { count } from '../fleet/sentences.ts';
import type { KnownHost } from '../state/state.ts';
import type { PodInstances } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import {
  allOf,
  describedInstance,
  eachAlone,
  filteredInstances,
  instancesById,
  mayBeOneAz,
} from './describe-instances.ts';
import { reasonOf } from './errors.ts';
import { hostOf, tagOf } from './host.ts';

const BOUNDARY: Tier = 'boundary';

/**
 * So many ids of no known AZ are asked for one by one: one that lies in the disrupted AZ would fail a request for all. More
 * are asked for together, so that a burst of events is no burst of calls.
 */
const ALONE_AT_MOST = 20;

/** What a part of the ids came to. */
interface Described {
  instances: Instance[];
  faults: string[];
  unread: string[];
}

/** See `Instances.serversOf`. */
export async function boundaryServers(
  client: EC2Client,
  call: Call,
  pods: readonly Pod[],
  known: () => Promise<readonly KnownHost[]>,
): Promise<PodInstances> {
  const names = pods.map(({ name }) => name);
  const action = `reading the boundary servers of ${names.length === 1 ? 'pod' : 'pods'} ${names.join(', ')} from EC2`;
  const filters: Filter[] = [
    { Name: `tag:${TAGS.pod}`, Values: names },
    { Name: `tag:${TAGS.tier}`, Values: [BOUNDARY] },
  ];
  try {
    return { ...sorted(await allOf(filteredInstances(client, call, action, filters)), pods), faults: [], unread: [] };
  } catch (failure) {
    if (!mayBeOneAz(failure)) throw failure;
    const asked = await known();
    if (asked.length === 0) throw failure;
    const parts = await Promise.all(
      [...new Set(asked.map(({ az }) => az))].map((az) =>
        inOneAz(
          client,
          call,
          az,
          asked.filter((host) => host.az === az).map(({ instanceId }) => instanceId),
        ),
      ),
    );
    const unread = parts.flatMap((part) => part.unread);
    if (unread.length === asked.length) throw failure;
    const head = `EC2 does not list the boundary servers of ${names.join(', ')} by tag: ${reasonOf(failure)}. Those that are known are asked for by id, AZ by AZ.`;
    return {
      ...sorted(
        parts.flatMap(({ instances }) => instances),
        pods,
      ),
      faults: [head, ...parts.flatMap(({ faults }) => faults).toSorted()],
      unread: unread.toSorted(),
    };
  }
}

async function inOneAz(client: EC2Client, call: Call, az: string, ids: string[]): Promise<Described> {
  if (az === '' && ids.length <= ALONE_AT_MOST) return oneByOne(client, call, ids);
  const where = az === '' ? `of ${count(ids.length, 'event')}` : `in ${az}`;
  try {
    const instances = await allOf(instancesById(client, call, `reading known instances ${where} from EC2`, ids));
    return { instances, faults: [], unread: [] };
  } catch (error) {
    const fault = `EC2 does not describe the instances ${where}: ${reasonOf(error)}.`;
    return { instances: [], faults: [fault], unread: ids };
  }
}

async function oneByOne(client: EC2Client, call: Call, ids: string[]): Promise<Described> {
  const described: Described = { instances: [], faults: [], unread: [] };
  await eachAlone(ids, async (id) => {
    try {
      const instance = await describedInstance(client, call, `reading instance ${id} from EC2`, id);
      if (instance) described.instances.push(instance);
    } catch (error) {
      described.faults.push(`EC2 does not describe ${id}: ${reasonOf(error)}.`);
      described.unread.push(id);
    }
  });
  return described;
}

/** Each to the pod that its tag names; who is no boundary server of one of these pods is passed over. */
function sorted(instances: Instance[], pods: readonly Pod[]): Pick<PodInstances, 'hosts' | 'refused'> {
  const hosts: Host[] = [];
  const refused: Notice[] = [];
  for (const instance of instances) {
    const pod = pods.find(({ name }) => name === tagOf(instance, TAGS.pod));
    if (!pod || tagOf(instance, TAGS.tier) !== BOUNDARY) continue;
    const read = hostOf(instance, pod);
    if ('sentence' in read) refused.push(read);
    else hosts.push(read);
  }
  return { hosts, refused };
}
