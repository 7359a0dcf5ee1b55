import type { Instance } from '@aws-sdk/client-ec2';
import { canonicalAddress } from '../fleet/addresses.ts';
import { type Host, type Pod, TAGS, TIERS, type Tier } from '../fleet/fleet.ts';
import type { Notice } from '../fleet/gathering.ts';
import { printable } from '../fleet/printable.ts';

/** As it may be shown, since many may write tags. null: the instance has no such tag. */
export function tagOf(instance: Instance, key: string): string | null {
  const value = instance.Tags?.find((tag) => tag.Key === key)?.Value;
  return value === undefined ? null : printable(value).text;
}

/** The host, or what is to be said where this instance is none of the pod's. */
export function hostOf(instance: Instance, pod: Pod): Host | Notice {
  const instanceId = instance.InstanceId ?? 'an instance without an id';
  const refuse = (why: string, cause: string): Notice => ({
    subject: instanceId,
    sentence: `${instanceId} is tagged ${TAGS.pod}=${pod.name}, but ${why}; it is left out.`,
    cause: `instances are tagged ${TAGS.pod}=${pod.name}, but ${cause}; they are left out`,
  });
  const state = instance.State?.Name as Host['state'] | undefined;
  if (!instance.InstanceId || !state)
    return refuse('EC2 gives no id or no state of it', 'EC2 gives no id or no state of them');
  const tier = tagOf(instance, TAGS.tier);
  if (!TIERS.includes(tier as Tier)) {
    return refuse(
      tier === null
        ? `EC2 names no tag ${TAGS.tier} of it`
        : `its tag ${TAGS.tier}=${tier} is neither ${TIERS.join(' nor ')}`,
      `their tag ${TAGS.tier} is neither ${TIERS.join(' nor ')}`,
    );
  }
  const dead = state === 'shutting-down' || state === 'terminated';
  // EC2 forgets a terminated instance's network first: the id alone must do then
  const az = instance.Placement?.AvailabilityZone ?? '';
  if (!dead && !instance.VpcId) return refuse('EC2 names no VPC of it', 'EC2 names no VPC of them');
  if (!dead && instance.VpcId !== pod.vpc)
    return refuse(`it runs in ${instance.VpcId}, not in ${pod.vpc}`, `they do not run in ${pod.vpc}`);
  if (!dead && az === '') return refuse('EC2 names no AZ of it', 'EC2 names no AZ of them');
  if (!dead && !pod.azs.includes(az))
    return refuse(`its AZ ${az} is none of the pod's (${pod.azs.join(', ')})`, `their AZ ${az} is none of the pod's`);
  const ipv6 = (instance.NetworkInterfaces ?? [])
    .filter((card) => card.Attachment?.DeviceIndex === undefined || card.Attachment.DeviceIndex === 0)
    .flatMap((card) => card.Ipv6Addresses ?? [])
    .map((entry) => canonicalAddress(entry.Ipv6Address ?? ''))
    .filter((address) => address !== null);
  return {
    instanceId: instance.InstanceId,
    pod: pod.name,
    tier: shared(tier as Tier, TIERS),
    az: shared(az, pod.azs),
    state: shared(state, ['running']),
    vpc: shared(instance.VpcId ?? pod.vpc, [pod.vpc]),
    ipv4: canonicalAddress(instance.PrivateIpAddress ?? ''),
    // as long as it is: `filter` leaves room for more, 150 bytes of each host
    ipv6: [...ipv6],
    held: isHeld(instance),
    launchedAtMs: instance.LaunchTime?.getTime() ?? 0,
  };
}

/** What many hosts have in common is one text, not one of each host. */
function shared<T extends string>(text: T, usual: readonly T[]): T {
  return usual.find((each) => each === text) ?? text;
}

/** Any value of the tag holds the host, but the few that plainly say no. */
export function isHeld(instance: Instance): boolean {
  const value = tagOf(instance, TAGS.hold);
  return value !== null && !['false', 'no', '0', 'off'].includes(value.trim().toLowerCase());
}
