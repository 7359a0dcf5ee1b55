import { azLetterReader } from '../fleet/az-names.ts';
import type { Host, Pod } from '../fleet/fleet.ts';
import { networkReader } from '../fleet/networks.ts';
import { sortedUnique } from '../fleet/ordering.ts';
import { listed } from '../fleet/sentences.ts';
import { type Facts, knowsAllServers } from './facts.ts';
import type { Stale } from './judgement.ts';
import type { PodView } from './pod-view.ts';
import { objectSharer } from './shared-values.ts';
import { addressesOf, isCast, isPlaceholder } from './sources.ts';

/** Whom a host polls, as far as it takes to say whether DNS has left it behind. */
export interface Polling {
  /** The pod's names `ntp.az-*` in its config; sorted. */
  azNames: string[];
  /** Of all its rows, of whatever kind and family, but its own broadcasts; sorted. */
  addresses: string[];
  /** Those polled as a unicast client, in the pod's networks and not literal in its config; sorted. */
  podAddresses: string[];
  /** Every row's server is known. */
  complete: boolean;
}

/** How a host stands to the pod's names. */
export interface Following {
  stale: Stale | null;
  /** Names of its config that have a confident server published and none of whose addresses it polls now. */
  unjoinedNames: string[];
  unmanaged: boolean;
  remarks: string[];
}

/** Of a host that told nothing, nothing is said: silence is no staleness. */
export const NOT_FOLLOWED: Following = { stale: null, unjoinedNames: [], unmanaged: false, remarks: [] };

/** `shared`: of lists that are the same, one. So are the answers. */
export function pollingReader(pod: Pod, shared: (list: string[]) => string[]): (facts: Facts) => Polling {
  const letterOf = azLetterReader(pod);
  const inNetworks = networkReader(pod);
  const sharedPolling = objectSharer<Polling>();
  return (facts) => {
    const { sources, collected } = facts;
    const unicast = addressesOf(sources.filter((source) => source.type === 'u' && !isPlaceholder(source)));
    return sharedPolling({
      azNames: shared(sortedUnique(collected.configNames.filter((name) => letterOf(name) !== null))),
      addresses: shared(addressesOf(sources.filter((source) => !isCast(source)))),
      podAddresses: shared(
        unicast.filter((address) => inNetworks(address) && !collected.configAddresses.includes(address)),
      ),
      complete: knowsAllServers(facts),
    });
  };
}

/**
 * Whether DNS has left a client behind. Addresses are compared as sets, never row by row: a name may have two
 * families, several servers in rotating order, or share an address with another name.
 *
 * | the client, whose own config names `ntp.az-*` of the zone     | `server` pods | `pool` pods |
 * | ------------------------------------------------------------- | ------------- | ----------- |
 * | (a) polls, as a unicast client, an address of the pod's networks that is in no record, not literal in its config, held by no running boundary server | stale, `left-behind` | a remark |
 * | (b) polls none of the addresses of a name with a confident server, now and in the report before | stale, `unjoined` | stale, `unjoined` |
 * | the same, now only                                            | remembered    | remembered  |
 * | rows are missing (cut, or lost by the parser)                 | (a) only, by the rows there are | nothing |
 *
 * A daemon of a `pool` pod looks its names up again by itself, within 65 s (classic) to an hour (chrony), but ntpsec and
 * chrony keep the dead address beside the new one for good: an old address alone is no harm there.
 * Decisions 0016, 0019.
 */
export function followingOf(
  polling: Polling,
  host: Host,
  pod: Pod,
  view: PodView,
  confidentNames: ReadonlySet<string>,
  unjoinedBefore: readonly string[],
): Following {
  if (host.tier !== 'client') return NOT_FOLLOWED;
  const { azNames: names } = polling;
  const remarks: string[] = [];
  if (names.length === 0) {
    const unmanaged = pollsNoServerOf(view, polling);
    if (unmanaged) remarks.push("polls no server of podtime's: counted, never touched.");
    return { ...NOT_FOLLOWED, unmanaged, remarks };
  }
  const unjoinedNames = polling.complete
    ? names.filter((name) => confidentNames.has(name) && !isJoined(name, polling, view))
    : [];
  const twice = unjoinedNames.filter((name) => unjoinedBefore.includes(name));
  const old = leftBehindAddresses(polling, view);
  if (old.length > 0 && pod.association === 'pool') {
    remarks.push(
      `still polls ${listed(old)}, which no record of ${pod.zone.name} holds; in a pod of pools this alone does not make it stale, ` +
        'as its daemon looks the names up again by itself.',
    );
  } else if (old.length > 0) {
    return { stale: leftBehind(old, twice, polling, pod, view), unjoinedNames, unmanaged: false, remarks };
  }
  if (unjoinedNames.length + remarks.length === 0) return NOT_FOLLOWED;
  return { stale: twice.length > 0 ? unjoined(twice, view) : null, unjoinedNames, unmanaged: false, remarks };
}

/** Rule (a)'s addresses, sorted. */
function leftBehindAddresses({ podAddresses }: Polling, view: PodView): string[] {
  return podAddresses.filter((address) => !view.isPublished(address) && view.runningServerAt(address) === null);
}

/** Any row on one of the name's addresses will do, of whatever kind and family. */
function isJoined(name: string, { addresses }: Polling, view: PodView): boolean {
  const current = view.addressesOf(name);
  return addresses.some((address) => current.includes(address));
}

function leftBehind(
  addresses: string[],
  unjoinedTwice: readonly string[],
  polling: Polling,
  pod: Pod,
  view: PodView,
): Stale {
  const names = sortedUnique([...namesLeft(addresses, polling, view), ...unjoinedTwice]);
  const now = names.map((name) => {
    const current = view.addressesOf(name);
    return current.length === 0 ? `${name} has no record now` : `${name} is ${listed(current)} now`;
  });
  const which = addresses.length === 1 ? 'which no record' : 'none of which a record';
  return {
    rule: 'left-behind',
    names,
    addresses,
    sentence: `polls ${listed(addresses)}, ${which} of ${pod.zone.name} holds, nor has a running boundary server; ${now.join(', ')}.`,
  };
}

/**
 * The names by which it can have come to these addresses; no daemon tells that. First the names it should be polling
 * and is not: cycling brings it there. Else those of the servers that had the addresses; else those without a record,
 * for which it must wait, and of these those whose AZ has or had a server; else, in the end, all.
 */
function namesLeft(addresses: readonly string[], polling: Polling, view: PodView): readonly string[] {
  const { azNames: names } = polling;
  const lost = names.filter((name) => view.addressesOf(name).length === 0);
  const candidates = [
    names.filter((name) => view.addressesOf(name).length > 0 && !isJoined(name, polling, view)),
    names.filter((name) => addresses.some((address) => view.namesOfServersAt(address).includes(name))),
    lost.filter((name) => view.hasServer(name)),
    lost,
  ];
  return candidates.find((some) => some.length > 0) ?? names;
}

function unjoined(names: string[], view: PodView): Stale {
  const namesWithAddresses = names.map((name) => `${name} (${view.addressesOf(name).join(', ')})`);
  return {
    rule: 'unjoined',
    names,
    addresses: [],
    sentence: `polls no address of ${listed(namesWithAddresses)}, now and in the report before, though a confident server is published there.`,
  };
}

/** Only when everything it polls is known can it be said that none of it is podtime's. */
function pollsNoServerOf(view: PodView, { complete, addresses }: Polling): boolean {
  return (
    complete && !addresses.some((address) => view.isPublished(address) || view.namesOfServersAt(address).length > 0)
  );
}
