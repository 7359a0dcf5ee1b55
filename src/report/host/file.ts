import { FILE_OF, isServed } from '../../config/files.ts';
import { noFileReader, revisionReader } from '../../config/revision.ts';
import { azNames } from '../../config/sources.ts';
import { ownerOf } from '../../diagnosis/source-names.ts';
import { azName } from '../../fleet/az-names.ts';
import { type Fleet, type Pod, TIME_SERVICE_ADDRESSES, type Tier } from '../../fleet/fleet.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import type { Collected } from '../../host/collected.ts';
import type { Report } from '../report.ts';

/** A host as the report has it. */
export interface FileHost {
  tier: Tier;
  az: string;
  polled: readonly string[];
  /** Addresses that DNS has left behind. */
  leftBehind: readonly string[];
}

/** A name that a host's file gives, or should. */
export interface FileName {
  name: string;
  /** Whether the file that it runs on names it; null: not told. */
  inItsFile: boolean | null;
  /** Whether the file that is served now does. */
  inServedFile: boolean;
  /** Addresses of it that are known: of a boundary server's name those that run. */
  addresses: string[];
  /** Of these the ones that it polls. null: nobody tells which addresses are of that name. */
  polled: string[] | null;
}

export interface PolledAddress {
  address: string;
  /** Whose it is, in words; null: it comes from no name of its file that is known. */
  from: string | null;
  /** No record holds it any more. */
  isLeftBehind: boolean;
}

/** A host's file against what it polls. */
export interface HostFile {
  /** `ntp.conf`; null: podtime has none for its daemon, or it is not known. */
  file: string | null;
  /** Of the file that it runs on; null: it is not podtime's, or not told. */
  revision: string | null;
  /** Of the file that is served now to a daemon of its version; null: not known. */
  servedRevision: string | null;
  /** Why none is served. */
  refusal: string | null;
  names: FileName[];
  polled: PolledAddress[];
}

/**
 * What a host's file names beside what it really polls.
 *
 * @param collected what it printed last; null: not known
 */
export function fileAgainstPolls(
  { fleet, pod, report }: { fleet: Fleet; pod: Pod; report: Pick<Report, 'hosts'> },
  host: FileHost,
  collected: Collected | null,
): HostFile {
  const daemon = collected?.daemon ?? null;
  const served = namesServed(fleet, pod, host);
  const own = collected === null ? null : collected.configNames;
  const addressesOf = addressesByName(pod, report);
  const names = sortedUnique([...served, ...(own ?? [])]).map((name): FileName => {
    const addresses = addressesOf.get(name) ?? [];
    const isKnown = addressesOf.has(name);
    return {
      name,
      inItsFile: own === null ? null : own.includes(name),
      inServedFile: served.includes(name),
      addresses,
      polled: isKnown ? addresses.filter((address) => host.polled.includes(address)) : null,
    };
  });
  const nameOf = new Map([...addressesOf].flatMap(([name, addresses]) => addresses.map((address) => [address, name])));
  const untold = names
    .filter(({ polled, inItsFile }) => polled === null && inItsFile !== false)
    .map(({ name }) => name);
  const literals = collected?.configAddresses ?? [];
  const fromOf = (address: string) => {
    if (TIME_SERVICE_ADDRESSES.includes(address)) return 'the AWS time service';
    const known = nameOf.get(address) ?? ownerOf(address);
    if (known !== undefined && known !== null) return known;
    if (literals.includes(address)) return 'written in its file';
    if (host.leftBehind.includes(address) || untold.length === 0) return null;
    return untold.length === 1 ? (untold[0] ?? null) : `one of ${untold.join(', ')}: its daemon does not tell which`;
  };
  return {
    file: daemon && isServed(daemon.kind) ? FILE_OF[daemon.kind] : null,
    revision: collected?.configRevision ?? null,
    servedRevision: daemon && revisionReader(fleet, pod)(host, daemon.kind, daemon.version),
    refusal: daemon && noFileReader(fleet, pod)(host, daemon.kind, daemon.version),
    names,
    polled: host.polled.map((address) => ({
      address,
      from: fromOf(address),
      isLeftBehind: host.leftBehind.includes(address),
    })),
  };
}

function namesServed(fleet: Fleet, pod: Pod, { tier, az }: FileHost): string[] {
  return tier === 'boundary' ? fleet.upstreams.map(({ host }) => host) : azNames({ fleet, pod, tier, az });
}

/** Of each AZ's name the addresses of the boundary servers that run there; every name of the pod is there. */
function addressesByName(pod: Pod, { hosts }: Pick<Report, 'hosts'>): Map<string, string[]> {
  const byName = new Map(pod.azs.map((az): [string, string[]] => [azName(pod, az), []]));
  for (const { tier, az, addresses } of hosts) {
    if (tier === 'boundary') byName.get(azName(pod, az))?.push(...addresses);
  }
  return byName;
}
