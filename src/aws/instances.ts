import { DescribeInstancesCommand, type EC2Client, type Filter, type Instance } from '@aws-sdk/client-ec2';
import { canonicalAddress } from '../fleet/addresses.ts';
import { type Host, type Pod, TAGS, TIERS, type Tier } from '../fleet/fleet.ts';
import { sortedUnique } from '../fleet/ordering.ts';
import type { Instances } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { isCode, UnreadableAnswer } from './errors.ts';
import { pages } from './pages.ts';

/** Reads a pod's hosts from EC2 by tag. */
export function ec2Instances(client: EC2Client, call: Call): Instances {
  return {
    async ofPod(pod) {
      const hosts: Host[] = [];
      const refused: string[] = [];
      const action = `reading the instances of pod ${pod.name} from EC2`;
      for await (const instance of described(client, call, action, [{ Name: `tag:${TAGS.pod}`, Values: [pod.name] }])) {
        const read = hostOf(instance, pod);
        if (typeof read === 'string') refused.push(read);
        else hosts.push(read);
      }
      return { hosts, refused };
    },

    async statesOf(instanceIds) {
      const states = new Map<string, string>();
      const unknown: string[] = [];
      const faults: string[] = [];
      const ask = async (id: string) => {
        try {
          const state = await stateOf(client, call, id);
          if (state === null) unknown.push(id);
          else states.set(id, state);
        } catch (error) {
          faults.push(`${(error as Error).message}.`);
        }
      };
      await Promise.all(instanceIds.map(ask));
      return { states, unknown: sortedUnique(unknown), faults: faults.sort() };
    },

    async podTagOf(instanceId) {
      const action = `reading instance ${instanceId} from EC2`;
      for await (const instance of described(client, call, action, [{ Name: 'instance-id', Values: [instanceId] }])) {
        return { pod: tagOf(instance, TAGS.pod) };
      }
      return null;
    },
  };
}

/** The state of one instance, null when EC2 says that there is none. By its id, not by a filter: only so does EC2 say that. */
function stateOf(client: EC2Client, call: Call, instanceId: string): Promise<string | null> {
  return call(`asking EC2 for ${instanceId}`, async (options) => {
    try {
      const answer = await client.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }), options);
      const instances = (answer.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
      const state = instances.find((instance) => instance.InstanceId === instanceId)?.State?.Name;
      if (state === undefined) throw new UnreadableAnswer('EC2 describes nothing');
      return state;
    } catch (error) {
      if (isCode(error, 'InvalidInstanceID.NotFound')) return null;
      throw error;
    }
  });
}

async function* described(client: EC2Client, call: Call, action: string, filters: Filter[]): AsyncGenerator<Instance> {
  const listing = pages(call, {
    action,
    read: (options, NextToken?: string) =>
      client.send(new DescribeInstancesCommand({ Filters: filters, NextToken }), options),
    next: (page) => page.NextToken || undefined,
  });
  for await (const page of listing) {
    for (const reservation of page.Reservations ?? []) yield* reservation.Instances ?? [];
  }
}

function tagOf(instance: Instance, key: string): string | null {
  return instance.Tags?.find((tag) => tag.Key === key)?.Value ?? null;
}

/** The host, or the sentence that says why this instance is none of the pod's. */
function hostOf(instance: Instance, pod: Pod): Host | string {
  const instanceId = instance.InstanceId ?? 'an instance without an id';
  const refuse = (why: string) => `${instanceId} is tagged ${TAGS.pod}=${pod.name}, but ${why}; it is left out.`;
  const state = instance.State?.Name as Host['state'] | undefined;
  if (!instance.InstanceId || !state) return refuse('EC2 gives no id or no state of it');
  const tier = tagOf(instance, TAGS.tier);
  if (!TIERS.includes(tier as Tier)) {
    return refuse(
      tier === null ? `it has no tag ${TAGS.tier}` : `its tag ${TAGS.tier}=${tier} is neither ${TIERS.join(' nor ')}`,
    );
  }
  const dead = state === 'shutting-down' || state === 'terminated';
  // EC2 forgets a terminated instance's network first: the id alone must do then
  if (!dead && instance.VpcId !== pod.vpc) return refuse(`it runs in ${instance.VpcId ?? 'no VPC'}, not in ${pod.vpc}`);
  const az = instance.Placement?.AvailabilityZone ?? '';
  if (!dead && !pod.azs.includes(az))
    return refuse(`its AZ ${az || '(none)'} is none of the pod's (${pod.azs.join(', ')})`);
  const ipv6 = (instance.NetworkInterfaces ?? [])
    .filter((card) => card.Attachment?.DeviceIndex === undefined || card.Attachment.DeviceIndex === 0)
    .flatMap((card) => card.Ipv6Addresses ?? [])
    .map((entry) => canonicalAddress(entry.Ipv6Address ?? ''))
    .filter((address) => address !== null);
  return {
    instanceId: instance.InstanceId,
    pod: pod.name,
    tier: tier as Tier,
    az,
    state,
    vpc: instance.VpcId ?? pod.vpc,
    ipv4: canonicalAddress(instance.PrivateIpAddress ?? ''),
    ipv6,
    held: isHeld(tagOf(instance, TAGS.hold)),
    launchedAtMs: instance.LaunchTime?.getTime() ?? 0,
  };
}

/** Any value of the tag holds the host, but the few that plainly say no. */
function isHeld(value: string | null): boolean {
  return value !== null && !['false', 'no', '0', 'off'].includes(value.trim().toLowerCase());
}
