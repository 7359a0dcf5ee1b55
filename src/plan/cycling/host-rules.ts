import type { Judgement, Stale } from '../../diagnosis/judgement.ts';
import { azName } from '../../fleet/az-names.ts';
import { count, duration, sentence } from '../../fleet/sentences.ts';
import { askedLately, coolDown, failedBefore, givenUp, nothingDone } from './asked-before.ts';
import type { CyclingContext } from './context.ts';
import type { HostRule } from './host-rule.ts';
import { isNearLeap } from './windows.ts';

/** A daemon that looks up its pool again by itself is given so many ticks: 15 min at 5; classic and ntpsec need 400 s (measured). */
export const POOL_PATIENCE_INTERVALS = 3;

/** With so many usable sources a client stays where it is when a server is withdrawn for its health. */
const SOURCES_THAT_SUFFICE = 2;

const running: HostRule = {
  rule: 'not-running',
  liftedByForce: false,
  waits: false,
  refuses: ({ host }) =>
    host.state === 'running' ? null : `${host.instanceId} is not cycled: EC2 says it is ${host.state}.`,
};

const held: HostRule = {
  rule: 'held',
  liftedByForce: false,
  waits: false,
  refuses: ({ host, judgement }) =>
    host.held || judgement?.host.held
      ? `${host.instanceId} is not cycled: its tag ntp-hold says look, never touch.`
      : null,
};

/** Silence is unknown, never down. */
const unknown: HostRule = {
  rule: 'unknown',
  liftedByForce: false,
  waits: false,
  refuses: ({ host, judgement }) =>
    judgement === undefined || judgement.state === 'unknown'
      ? `${host.instanceId} is not cycled, as nothing is known of it: ${sentence(judgement?.sentence ?? 'it was not seen')}`
      : null,
};

const unmanaged: HostRule = {
  rule: 'unmanaged',
  liftedByForce: false,
  waits: false,
  refuses: ({ host, judgement }) =>
    host.tier === 'client' && judgement?.unmanaged
      ? `${host.instanceId} is not cycled: it polls no server of podtime's.`
      : null,
};

const notStale: HostRule = {
  rule: 'not-stale',
  liftedByForce: true,
  waits: false,
  refuses: ({ host, judgement }) =>
    judgement?.stale ? null : `${host.instanceId} is not cycled: DNS has not left it behind.`,
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
    return `${host.instanceId} has been stale for ${duration(seconds)}; a pool is given ${duration(limit)} to look again by itself.`;
  },
};

/** What one host says of a leap second counts for that host. */
const leapAnnounced: HostRule = {
  rule: 'leap-announced',
  liftedByForce: false,
  waits: false,
  refuses: ({ host, judgement }, { nowMs }) =>
    judgement?.leapAnnounced && isNearLeap(nowMs)
      ? `${host.instanceId} is not cycled: it announces a leap second, and the end of the month is near.`
      : null,
};

/** A withdrawn server still runs and may come back; clients with enough other sources need no surgery for it. */
const healthWithdrawal: HostRule = {
  rule: 'health-withdrawal',
  liftedByForce: false,
  waits: false,
  refuses: ({ host, judgement }, context) => {
    if (!judgement?.stale || !isForHealthWithdrawal(judgement, judgement.stale, context)) return null;
    const usable = judgement.measures.usableSources;
    if (usable !== null && usable < SOURCES_THAT_SUFFICE) return null;
    const kept = usable === null ? 'an unknown number of' : usable;
    return `${host.instanceId} is not cycled: it keeps ${kept} usable sources, ${SOURCES_THAT_SUFFICE} suffice. It was left behind by a server withdrawn for its health.`;
  },
};

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
  refuses: ({ host, judgement }, { pod, nowMs, servers, staleSinceMs }) => {
    const isConfident = (name: string) =>
      (servers.confidentByName.get(name) ?? []).some((id) => id !== host.instanceId);
    const names = judgement?.stale?.names ?? [...servers.publishedNames].filter(isConfident);
    const doubtful = names.filter((name) => servers.publishedNames.has(name) && !isConfident(name));
    const hasWaited = () => nowMs - (staleSinceMs[host.instanceId] ?? nowMs) >= patienceSeconds(pod) * 1000;
    if (doubtful.length > 0 && !(names.some(isConfident) && hasWaited()))
      return `${host.instanceId} waits: no server published under ${doubtful.join(', ')} is confident.`;
    if (names.some(isConfident)) return null;
    if (names.length === 0) return `${host.instanceId} waits: no name of the zone has a confident server published.`;
    return `${host.instanceId} waits: ${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} no confident server published.`;
  },
};

/** Of boundary servers one at a time, and only when all the others can carry the pod. */
const otherServers: HostRule = {
  rule: 'other-servers',
  liftedByForce: false,
  waits: true,
  refuses: ({ host }, { pod, hosts, judgements, servers, unseenServers }) => {
    if (host.tier !== 'boundary') return null;
    const [unseen] = unseenServers;
    if (unseen !== undefined)
      return `${host.instanceId} waits: EC2 does not show ${unseen}, which may be a boundary server that lives.`;
    const others = [...hosts.values()].filter(
      (other) =>
        other.tier === 'boundary' &&
        other.instanceId !== host.instanceId &&
        ['running', 'pending'].includes(other.state),
    );
    const doubtful = others.map((other) => other.instanceId).filter((id) => !judgements.get(id)?.confident);
    if (doubtful.length > 0) {
      return `${host.instanceId} waits: ${doubtful.length} of ${count(others.length, 'other boundary server')} ${doubtful.length === 1 ? 'is' : 'are'} not confident (${doubtful.sort().join(', ')}).`;
    }
    const left = [...servers.confidentPublished].filter((id) => id !== host.instanceId).length;
    if (left >= pod.cycling.floor) return null;
    return `${host.instanceId} waits: without it ${count(left, 'confident boundary server')} ${left === 1 ? 'is' : 'are'} published, the floor is ${pod.cycling.floor}.`;
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
  coolDown,
  askedLately,
  healthWithdrawal,
  confidentName,
  otherServers,
];
