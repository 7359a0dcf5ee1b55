import type { Judgement, Stale } from '../../diagnosis/judgement.ts';
import { azName } from '../../fleet/az-names.ts';
import type { Host } from '../../fleet/fleet.ts';
import { count, duration, sentence } from '../../fleet/sentences.ts';
import type { CyclingContext } from './context.ts';

/** A rule that keeps one host from being cycled at this tick. */
export interface HostRule {
  rule: string;
  /** `force` lifts it. Of staleness and cool-down only. */
  liftedByForce: boolean;
  /** Whether what it waits for comes by itself, soon: the schedule then runs a whole tick at the next minute. */
  waits: boolean;
  /** The sentence why not, null when the rule has nothing against it. */
  refuses: (candidate: Candidate, context: CyclingContext) => string | null;
}

export interface Candidate {
  host: Host;
  judgement: Judgement | undefined;
}

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

/** Whether a host was cycled as often as a day allows and is stale all the same. */
export function isGivenUp({ host, judgement }: Candidate, { pod, attempts }: CyclingContext): boolean {
  return Boolean(judgement?.stale) && (attempts[host.instanceId]?.length ?? 0) >= pod.cycling.attemptsPerDay;
}

const givenUp: HostRule = {
  rule: 'given-up',
  liftedByForce: false,
  waits: false,
  refuses: (candidate, context) => {
    if (!isGivenUp(candidate, context)) return null;
    const { instanceId } = candidate.host;
    const cycles = `${context.attempts[instanceId]?.length} cycles in 24 h`;
    return `${instanceId} is left alone: still stale after ${cycles}, the limit is ${context.pod.cycling.attemptsPerDay}.`;
  },
};

/** Its own stamp, its daemon's age, or podtime's memory: whichever is youngest. */
const coolDown: HostRule = {
  rule: 'cool-down',
  liftedByForce: true,
  waits: false,
  refuses: ({ host, judgement }, { pod, nowMs, attempts }) => {
    const askedAtMs = attempts[host.instanceId]?.at(-1);
    const limit = pod.cycling.coolDownSeconds;
    const young = [
      { seconds: judgement?.cycledSecondsAgo ?? Infinity, what: 'was cycled', ago: 'ago' },
      { seconds: judgement?.measures.ageSeconds ?? Infinity, what: 'runs a daemon that is', ago: 'old' },
      {
        seconds: askedAtMs === undefined ? Infinity : (nowMs - askedAtMs) / 1000,
        what: 'was asked to cycle',
        ago: 'ago',
      },
    ].find(({ seconds }) => seconds < limit);
    if (!young) return null;
    return `${host.instanceId} ${young.what} ${duration(young.seconds)} ${young.ago}; the cool-down is ${duration(limit)}.`;
  },
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
 * One name that made it stale has a confident server to go to, and no other such name holds records of servers that are
 * not confident (yet). A name without a record does no harm and keeps no host waiting.
 */
const confidentName: HostRule = {
  rule: 'no-confident-server',
  liftedByForce: false,
  waits: true,
  refuses: ({ host, judgement }, { servers }) => {
    const isConfident = (name: string) =>
      (servers.confidentByName.get(name) ?? []).some((id) => id !== host.instanceId);
    const names = judgement?.stale?.names ?? [...servers.publishedNames].filter(isConfident);
    const doubtful = names.filter((name) => servers.publishedNames.has(name) && !isConfident(name));
    if (doubtful.length > 0)
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
  refuses: ({ host }, { pod, hosts, judgements, servers }) => {
    if (host.tier !== 'boundary') return null;
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
  poolPatience,
  coolDown,
  healthWithdrawal,
  confidentName,
  otherServers,
];
