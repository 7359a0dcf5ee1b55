import type { Judgement, Stale } from '../../diagnosis/judgement.ts';
import { azName } from '../../fleet/az-names.ts';
import { fewOf } from '../../fleet/gathering.ts';
import { isNearLeap } from '../../fleet/leap-seconds.ts';
import { count, duration, sentence } from '../../fleet/sentences.ts';
import { askedLately, coolDown, failedBefore, givenUp, nothingDone } from './asked-before.ts';
import type { CyclingContext } from './context.ts';
import { type HostRule, holds, waits } from './host-rule.ts';

/** A daemon that looks up its pool again by itself is given so many ticks: 15 min at 5; classic and ntpsec need 400 s (measured). */
export const POOL_PATIENCE_INTERVALS = 3;

/** With so many usable sources a host stays where it is when a server is withdrawn for its health, or while its daemon looks again. */
const SOURCES_THAT_SUFFICE = 2;

const running: HostRule = {
  rule: 'not-running',
  liftedByForce: false,
  waits: false,
  refuses: (candidate) => {
    const { instanceId, state } = candidate.host;
    if (state === 'running') return null;
    const sentence = `${instanceId} is not cycled: EC2 says it is ${state}.`;
    return { sentence, cause: `are not cycled: EC2 says they are ${state}` };
  },
};

const held: HostRule = {
  rule: 'held',
  liftedByForce: false,
  waits: false,
  refuses: (candidate) => {
    const { host, judgement } = candidate;
    if (!host.held && !judgement?.host.held) return null;
    return holds(host);
  },
};

/** Silence is unknown, never down. */
const unknown: HostRule = {
  rule: 'unknown',
  liftedByForce: false,
  waits: false,
  refuses: ({ host, judgement }) => {
    if (judgement !== undefined && judgement.state !== 'unknown') return null;
    const why = sentence(judgement?.sentence ?? 'it was not seen');
    return {
      sentence: `${host.instanceId} is not cycled, as nothing is known of it: ${why}`,
      cause: `are not cycled, as nothing is known of them: ${judgement?.cause ?? 'they were not seen'}`,
    };
  },
};

const unmanaged: HostRule = {
  rule: 'unmanaged',
  liftedByForce: false,
  waits: false,
  refuses: ({ host, judgement }) =>
    host.tier === 'client' && judgement?.unmanaged
      ? {
          sentence: `${host.instanceId} is not cycled: it polls no server of podtime's.`,
          cause: "are not cycled: they poll no server of podtime's",
        }
      : null,
};

const notStale: HostRule = {
  rule: 'not-stale',
  liftedByForce: true,
  waits: false,
  refuses: ({ host, judgement }) =>
    judgement?.stale
      ? null
      : {
          sentence: `${host.instanceId} is not cycled: DNS has not left it behind.`,
          cause: 'are not cycled: DNS has not left them behind',
        },
};

/** In a pod of association `pool` the daemon looks again by itself; podtime steps in where it does not. */
const poolPatience: HostRule = {
  rule: 'pool-patience',
  liftedByForce: true,
  waits: false,
  refuses: ({ host }, { pod, nowMs, staleSinceMs }) => {
    if (pod.association !== 'pool') return null;
    const seconds = (nowMs - (staleSinceMs[host.instanceId] ?? nowMs)) / 1000;
    const limit = POOL_PATIENCE_INTERVALS * pod.intervalSeconds;
    if (seconds >= limit) return null;
    const patience = `a pool is given ${duration(limit)} to look again by itself`;
    return {
      sentence: `${host.instanceId} has been stale for ${duration(seconds)}; ${patience}.`,
      cause: `have been stale for less; ${patience}`,
    };
  },
};

/**
 * A daemon that asks DNS again for all its names by itself is cycled only where that did not help, or where it has too few sources to wait
 * for it. Decision 0087.
 */
const ownLookup: HostRule = {
  rule: 'own-lookup',
  liftedByForce: true,
  waits: false,
  refuses: ({ host, judgement }, { nowMs, staleSinceMs }) => {
    const limit = judgement?.ownLookupSeconds;
    if (limit === undefined || hasTooFewSources(judgement)) return null;
    const seconds = (nowMs - (staleSinceMs[host.instanceId] ?? nowMs)) / 1000;
    if (seconds >= limit) return null;
    const patience = `its daemon looks all names up again by itself within ${duration(limit)}`;
    return {
      sentence: `${host.instanceId} has been stale for ${duration(seconds)}; ${patience}.`,
      cause: `have been stale for less; each daemon looks all names up again by itself within ${duration(limit)}`,
    };
  },
};

/** What one host says of a leap second counts for that host. */
const leapAnnounced: HostRule = {
  rule: 'leap-announced',
  liftedByForce: false,
  waits: false,
  refuses: ({ host, judgement }, { nowMs }) =>
    judgement?.leapAnnounced && isNearLeap(nowMs)
      ? {
          sentence: `${host.instanceId} is not cycled: it announces a leap second, and the end of the month is near.`,
          cause: 'are not cycled: they announce a leap second, and the end of the month is near',
        }
      : null,
};

/** A withdrawn server still runs and may come back; clients with enough other sources need no surgery for it. */
const healthWithdrawal: HostRule = {
  rule: 'health-withdrawal',
  liftedByForce: false,
  waits: false,
  refuses: ({ host, judgement }, context) => {
    if (!judgement?.stale || !isForHealthWithdrawal(judgement, judgement.stale, context)) return null;
    if (hasTooFewSources(judgement)) return null;
    const usable = judgement.measures.usableSources;
    const kept = usable === null ? 'an unknown number of' : usable;
    const suffice = `usable sources, ${SOURCES_THAT_SUFFICE} suffice`;
    return {
      sentence: `${host.instanceId} is not cycled: it keeps ${kept} ${suffice}. It was left behind by a server withdrawn for its health.`,
      cause: `left behind by a server withdrawn for its health are not cycled: they keep ${usable === null ? 'an unknown number of' : 'enough'} ${suffice}`,
    };
  },
};

/** Not where their number is not known: that is no news of its sources. */
function hasTooFewSources(judgement: Judgement | undefined): boolean {
  const usable = judgement?.measures.usableSources ?? null;
  return usable !== null && usable < SOURCES_THAT_SUFFICE;
}

/** Whether every cause of staleness is a running server that was withdrawn for its health and that the host still polls. */
function isForHealthWithdrawal(
  { polled }: Judgement,
  stale: Stale,
  { pod, hosts, withdrawn }: CyclingContext,
): boolean {
  const left = Object.entries(withdrawn).flatMap(([id, { addresses }]) => {
    const server = hosts.get(id);
    return server?.state === 'running' ? [{ name: azName(pod, server.az), addresses }] : [];
  });
  if (stale.rule === 'left-behind') {
    return (
      stale.addresses.length > 0 &&
      stale.addresses.every((address) => left.some(({ addresses }) => addresses.includes(address)))
    );
  }
  const polls = (addresses: readonly string[]) => addresses.some((address) => polled.includes(address));
  return (
    stale.names.length > 0 &&
    stale.names.every((name) => left.some((server) => server.name === name && polls(server.addresses)))
  );
}

/**
 * For how long a stale host waits for a server to become confident when it has another to go to, in starts and withdrawals of its pod:
 * by then a server that cannot serve has been shown as starting for too long, and was withdrawn for it.
 */
function patienceSeconds({ thresholds, intervalSeconds }: CyclingContext['pod']): number {
  return 2 * thresholds.startingSeconds + thresholds.withdrawAfterSeconds + 2 * intervalSeconds;
}

/**
 * One name that made it stale has a confident server to go to, and no other such name holds records of servers that are
 * not confident (yet); for those it waits only so long. A name without a record does no harm and keeps no host waiting.
 */
const confidentName: HostRule = {
  rule: 'no-confident-server',
  liftedByForce: false,
  waits: true,
  refuses: (candidate, { pod, nowMs, servers, staleSinceMs }) => {
    const { host, judgement } = candidate;
    const isConfident = (name: string) =>
      (servers.confidentByName.get(name) ?? []).some((id) => id !== host.instanceId);
    const names = judgement?.stale?.names ?? [...servers.publishedNames].filter(isConfident);
    const doubtful = names.filter((name) => servers.publishedNames.has(name) && !isConfident(name));
    const hasWaited = () => nowMs - (staleSinceMs[host.instanceId] ?? nowMs) >= patienceSeconds(pod) * 1000;
    if (doubtful.length > 0 && !(names.some(isConfident) && hasWaited()))
      return waits(candidate, `no server published under ${doubtful.join(', ')} is confident`);
    if (names.some(isConfident)) return null;
    if (names.length === 0) return waits(candidate, 'no name of the zone has a confident server published');
    return waits(candidate, `${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} no confident server published`);
  },
};

/** Of boundary servers one at a time, and only when all the others can carry the pod. */
const otherServers: HostRule = {
  rule: 'other-servers',
  liftedByForce: false,
  waits: true,
  refuses: (candidate, { pod, hosts, judgements, servers, unseenServers }) => {
    const { host } = candidate;
    if (host.tier !== 'boundary') return null;
    const [unseen] = unseenServers;
    if (unseen !== undefined)
      return waits(candidate, `EC2 does not show ${unseen}, which may be a boundary server that lives`);
    const others = [...hosts.values()].filter(
      (other) =>
        other.tier === 'boundary' &&
        other.instanceId !== host.instanceId &&
        ['running', 'pending'].includes(other.state),
    );
    const doubtful = others.map((other) => other.instanceId).filter((id) => !judgements.get(id)?.confident);
    if (doubtful.length > 0) {
      const verb = doubtful.length === 1 ? 'is' : 'are';
      const numbers = `${doubtful.length} of ${count(others.length, 'other boundary server')} ${verb} not confident`;
      return {
        sentence: `${host.instanceId} waits: ${numbers} (${fewOf(doubtful.sort())}).`,
        cause: 'wait: other boundary servers of the pod are not confident',
      };
    }
    const left = [...servers.confidentPublished].filter((id) => id !== host.instanceId).length;
    if (left >= pod.cycling.floor) return null;
    const standing = `${count(left, 'confident boundary server')} ${left === 1 ? 'is' : 'are'} published`;
    return waits(candidate, `without it ${standing}, the floor is ${pod.cycling.floor}`);
  },
};

/** In the order in which they are asked; the first that refuses is said. Decision 0024. */
export const HOST_RULES: readonly HostRule[] = [
  running,
  unmanaged,
  held,
  unknown,
  notStale,
  givenUp,
  failedBefore,
  nothingDone,
  leapAnnounced,
  poolPatience,
  ownLookup,
  coolDown,
  askedLately,
  healthWithdrawal,
  confidentName,
  otherServers,
];
