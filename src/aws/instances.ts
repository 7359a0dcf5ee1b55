import type { EC2Client, Filter, Instance } from '@aws-sdk/client-ec2';
import { type Pod, TAGS } from '../fleet/fleet.ts';
import { gatheredSentences, type Notice } from '../fleet/gathering.ts';
import { byText } from '../fleet/ordering.ts';
import type { KnownHost } from '../state/state.ts';
import type { Instances, PodInstances } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import {
  allOf,
  describedInstance,
  eachAlone,
  filteredInstances,
  instancesById,
  mayBeOneAz,
} from './describe-instances.ts';
import { codeIn, reasonOf } from './errors.ts';
import { hostOf, isHeld } from './host.ts';
import { boundaryServers } from './servers.ts';

/** Reads a pod's hosts from EC2 by tag. */
export function ec2Instances(client: EC2Client, call: Call): Instances {
  return {
    async ofPod(pod, known) {
      try {
        return { ...(await taggedHosts(client, call, pod)), faults: [], unread: [] };
      } catch (failure) {
        if (known.length === 0 || !mayBeOneAz(failure)) throw failure;
        return byAz(client, call, pod, known, failure);
      }
    },

    serversOf: (pods, known) => boundaryServers(client, call, pods, known),

    async heldOf(pod, wave) {
      const filters = [tagged(pod), { Name: 'tag-key', Values: [TAGS.hold] }];
      const action = `reading who of pod ${pod.name} is held from EC2`;
      try {
        const instances = await allOf(filteredInstances(client, call, action, filters));
        return { held: instances.filter(isHeld).flatMap(({ InstanceId }) => InstanceId ?? []), unsaid: [], faults: [] };
      } catch (failure) {
        if (wave.length === 0 || !mayBeOneAz(failure)) throw failure;
        const { hosts, faults } = await byAz(client, call, pod, wave, failure);
        const [, ...ofAzs] = faults;
        const head = `EC2 does not list who of pod ${pod.name} is held: ${reasonOf(failure)}. The hosts of the wave are asked for by id, AZ by AZ.`;
        const described = new Map(hosts.map((host) => [host.instanceId, host]));
        const ids = wave.map(({ instanceId }) => instanceId);
        return {
          held: ids.filter((id) => described.get(id)?.held),
          unsaid: ids.filter((id) => !described.has(id)),
          faults: [head, ...ofAzs],
        };
      }
    },

    async statesOf(instanceIds) {
      const states = new Map<string, string>();
      const unknown: string[] = [];
      const faults: Notice[] = [];
      await eachAlone(instanceIds, async (id) => {
        try {
          const state = await stateOf(client, call, id);
          if (state === null) unknown.push(id);
          else states.set(id, state);
        } catch (error) {
          faults.push({
            subject: id,
            sentence: `EC2 does not say whether ${id} exists: ${reasonOf(error)}.`,
            cause: `owners of records may or may not exist, EC2 does not say: ${codeIn(error)}`,
            example: reasonOf(error),
          });
        }
      });
      return { states, unknown: unknown.toSorted(), faults: gatheredSentences(inOrder(faults)) };
    },
  };
}

function taggedHosts(client: EC2Client, call: Call, pod: Pod): Promise<Sorted> {
  const action = `reading the instances of pod ${pod.name} from EC2`;
  return sorted(filteredInstances(client, call, action, [tagged(pod)]), pod);
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
        return await knownHosts(client, call, pod, az, ids);
      } catch (error) {
        unread.push(...ids);
        faults.push(`EC2 does not describe the hosts of pod ${pod.name} in ${az}: ${reasonOf(error)}.`);
        return null;
      }
    }),
  );
  const described = answers.filter((answer) => answer !== null);
  if (described.length === 0) throw failure;
  const hosts = described.flatMap((answer) => answer.hosts);
  const refused = described.flatMap((answer) => answer.refused);
  const head = `EC2 does not list pod ${pod.name} by tag: ${reasonOf(failure)}. The hosts of the last report are asked for by id, AZ by AZ; newer ones are not seen.`;
  return { hosts, refused, faults: [head, ...faults.toSorted()], unread: unread.toSorted() };
}

/** Those of one AZ that EC2 describes, and that still have the pod's tag. */
function knownHosts(client: EC2Client, call: Call, pod: Pod, az: string, ids: string[]): Promise<Sorted> {
  const action = `reading known instances of pod ${pod.name} in ${az} from EC2`;
  return sorted(instancesById(client, call, action, ids, [tagged(pod)]), pod);
}

/** null: EC2 says, asked for this id alone, that there is no such instance. */
async function stateOf(client: EC2Client, call: Call, instanceId: string): Promise<string | null> {
  const instance = await describedInstance(client, call, `asking EC2 whether ${instanceId} exists`, instanceId);
  return instance?.state ?? null;
}

/** Answers come in any order. */
function inOrder(notices: readonly Notice[]): Notice[] {
  return notices.toSorted((a, b) => byText(a.subject, b.subject));
}

function tagged(pod: Pod): Filter {
  return { Name: `tag:${TAGS.pod}`, Values: [pod.name] };
}

/** What is kept of EC2's instances. */
type Sorted = Pick<PodInstances, 'hosts' | 'refused'>;

/** Of each page only the hosts are kept. */
async function sorted(listing: AsyncIterable<Instance[]>, pod: Pod): Promise<Sorted> {
  const hosts: Sorted['hosts'] = [];
  const refused: Notice[] = [];
  for await (const page of listing) {
    for (const instance of page) {
      const read = hostOf(instance, pod);
      if ('sentence' in read) refused.push(read);
      else hosts.push(read);
    }
  }
  return { hosts, refused };
}
