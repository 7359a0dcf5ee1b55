import { WITNESSES_WANTED } from '../../diagnosis/convictions.ts';
import { azName } from '../../fleet/az-names.ts';
import { DEAD_STATES, type Host, hasIpv6, type Pod } from '../../fleet/fleet.ts';
import { networkReader } from '../../fleet/networks.ts';
import { byText } from '../../fleet/ordering.ts';
import type { PublishedRecord } from '../../fleet/records.ts';
import { duration, sentence } from '../../fleet/sentences.ts';
import type { Refusal } from '../refusal.ts';

/** Short, so that a client that resolves again soon sees the change. */
export const RECORD_TTL_SECONDS = 30;

/** One record that DNS should hold: one for each running boundary server and address family. */
export interface DesiredRecord {
  name: string;
  type: 'A' | 'AAAA';
  /** The server's instance id: the ownership mark. */
  setIdentifier: string;
  address: string;
  ttlSeconds: number;
}

/** `name type setIdentifier`: what Route 53 tells records apart by. */
export function identity(record: { name: string; type: string; setIdentifier: string | null }): string {
  return `${record.name} ${record.type} ${record.setIdentifier}`;
}

/** EC2 states in which an instance serves no time and will not, without booting again. */
export function isDead(host: Host): boolean {
  return DEAD_STATES.includes(host.state);
}

/**
 * A server that nobody polls any more has no witness who could acquit it. So long after it was withdrawn it returns on trial: its first
 * sighting that is bad again withdraws it, as what was proved of it stands until it is acquitted.
 */
export const TRIAL_AFTER_SECONDS = 3600;

const ACQUITTED = ` and ${WITNESSES_WANTED} clients that compare it find it right, or nobody has accused it ${duration(TRIAL_AFTER_SECONDS)} after it was withdrawn, or accuses it while no server that stands in DNS is in service`;

/**
 * What DNS should hold for these hosts: for each running boundary server an A record and, where the pod's networks have
 * IPv6, an AAAA record. Tag, VPC, AZ and network must agree; what does not is refused with a sentence, and costs no other host.
 *
 * @param published the records listed now: of several IPv6 addresses the published one is kept, else the lowest is taken
 * @param withdrawn ids not to be published, with the sentence why (withdrawn for their health)
 * @param contradicted those of them that only their witnesses acquit
 */
export function desiredRecords(
  pod: Pod,
  hosts: readonly Host[],
  published: readonly PublishedRecord[],
  withdrawn: ReadonlyMap<string, string>,
  contradicted: ReadonlySet<string>,
): { records: DesiredRecord[]; refusals: Refusal[] } {
  const inNetworks = networkReader(pod);
  const listed = new Map(published.map((record) => [identity(record), record.addresses]));
  const owners = new Set(published.map((record) => record.setIdentifier));
  const records: DesiredRecord[] = [];
  const refusals: Refusal[] = [];
  const servers = hosts.filter((host) => host.tier === 'boundary' && host.state === 'running');
  for (const host of servers.sort((a, b) => byText(a.instanceId, b.instanceId))) {
    const refuse = (rule: string, why: string, cause: string) =>
      refusals.push({
        subject: host.instanceId,
        rule,
        sentence: sentence(why),
        cause: `boundary servers ${cause}`,
      });
    const mismatch = mismatchOf(pod, host);
    if (mismatch) {
      refuse(
        'not-of-pod',
        `${host.instanceId} is not registered: ${mismatch}`,
        "are not registered: tag, VPC or AZ are not the pod's",
      );
      continue;
    }
    const unfit = withdrawn.get(host.instanceId);
    if (unfit !== undefined) {
      // one that still stands in DNS is named by its withdrawal
      if (!owners.has(host.instanceId)) {
        const isContradicted = contradicted.has(host.instanceId);
        const until = `until it is confident again${isContradicted ? ACQUITTED : ''}`;
        refuse(
          'withdrawn',
          `${host.instanceId} is not registered ${until}: ${unfit}`,
          'are not registered until they are confident again',
        );
      }
      continue;
    }
    const name = azName(pod, host.az);
    const families = [
      { type: 'A' as const, addresses: host.ipv4 === null ? [] : [host.ipv4] },
      { type: 'AAAA' as const, addresses: hasIpv6(pod) ? host.ipv6 : [] },
    ];
    let none = true;
    for (const { type, addresses } of families) {
      const inside = addresses.filter(inNetworks).sort(byText);
      const kept = listed.get(identity({ name, type, setIdentifier: host.instanceId })) ?? [];
      const address = inside.find((candidate) => kept.includes(candidate)) ?? inside[0];
      if (address !== undefined) {
        records.push({ name, type, setIdentifier: host.instanceId, address, ttlSeconds: RECORD_TTL_SECONDS });
        none = false;
      } else if (addresses.length > 0) {
        const where = `${[...addresses].sort(byText).join(', ')} lies in none of the pod's networks (${pod.networks.join(', ')})`;
        const cause = `get no ${type} record: their addresses lie in none of the pod's networks (${pod.networks.join(', ')})`;
        refuse('address-outside', `${host.instanceId} gets no ${type} record under ${name}: ${where}`, cause);
        none = false;
      }
    }
    const noAddress = 'EC2 lists no address of';
    if (none)
      refuse(
        'no-address',
        `${host.instanceId} is not registered: ${noAddress} it yet`,
        `are not registered: ${noAddress} them yet`,
      );
  }
  return { records, refusals };
}

function mismatchOf(pod: Pod, host: Host): string | null {
  if (host.pod !== pod.name) return `it is tagged for pod ${host.pod}, not ${pod.name}`;
  if (host.vpc !== pod.vpc) return `it runs in ${host.vpc}, the pod is ${pod.vpc}`;
  if (!pod.azs.includes(host.az)) return `its AZ ${host.az} is none of the pod's (${pod.azs.join(', ')})`;
  return null;
}
