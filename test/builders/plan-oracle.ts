import type { Host, Tier } from '../../src/fleet/fleet.ts';
import type { PublishedRecord } from '../../src/fleet/records.ts';
import type { Memory, PlanInput, RecordChange, RollOut } from '../../src/plan/plan.ts';

/** The rules of a plan, worked out plainly from its input, for properties to compare with. Shares no code with the plan. */

export const judgementOf = (given: PlanInput, id: string) => given.judgements.find((one) => one.host.instanceId === id);
export const hostOf = (given: PlanInput, id: string) => given.hosts.find((one) => one.instanceId === id);
export const isDead = (host: Host) => !['running', 'pending'].includes(host.state);
export const nameOf = (host: Host) => `ntp.az-${host.az.slice(-1)}.pod`;

export const isServer = ({ pod }: PlanInput, host: Host | undefined): host is Host =>
  host !== undefined &&
  host.tier === 'boundary' &&
  host.state === 'running' &&
  host.pod === pod.name &&
  host.vpc === pod.vpc;

export const isConfidentServer = (given: PlanInput, id: string | null) =>
  id !== null && isServer(given, hostOf(given, id)) && judgementOf(given, id)?.confident === true;

/** Ids of confident boundary servers with a record of their own, right name, right address. */
export function confidentPublished(given: PlanInput, records: readonly PublishedRecord[]): Set<string> {
  const ids = records
    .filter(({ name, multivalue, setIdentifier, addresses, type }) => {
      const host = hostOf(given, setIdentifier ?? '');
      if (!host || !multivalue || !isConfidentServer(given, setIdentifier)) return false;
      const own: (string | null)[] = [host.ipv4, ...host.ipv6];
      return (
        ['A', 'AAAA'].includes(type) && name === nameOf(host) && addresses.some((address) => own.includes(address))
      );
    })
    .map(({ setIdentifier }) => setIdentifier ?? '');
  return new Set(ids);
}

export const running = (given: PlanInput, tier: Tier) =>
  given.hosts.filter((host) => host.tier === tier && host.state === 'running' && host.pod === given.pod.name);

export const answered = (given: PlanInput, tier: Tier) =>
  running(given, tier).filter(({ instanceId }) => (judgementOf(given, instanceId)?.state ?? 'unknown') !== 'unknown');

/** How SSM says the last wave ended on a host, null when it does not say. */
export const answerOf = (given: PlanInput, tier: Tier, id: string) =>
  given.progress.find((wave) => wave.tier === tier)?.answers.find(({ instanceId }) => instanceId === id) ?? null;

/** Seconds after its plan until nothing of a wave can run any more: 300 to send it, and 330 for each turn, of six at most. */
export function lifeSeconds(wave: RollOut): number {
  const turns = wave.commands.map(({ instanceIds }) => Math.min(6, instanceIds.length || 6));
  return 300 + 330 * Math.max(0, ...turns);
}

/** When a host was asked to cycle, without the wave in which it says that it did nothing, or that perhaps never reached it. */
export function askedToCycle(given: PlanInput, id: string): number[] {
  const times = given.memory.cycles[id] ?? [];
  const none = Object.values(given.memory.rollOuts).filter((wave) => {
    const answer = answerOf(given, wave.tier, id);
    if (answer) return (answer.kind === 'nothing' && answer.reason !== 'same-wave') || answer.kind === 'not-begun';
    const isUnsure = wave.commands.some(({ commandId, instanceIds }) => commandId === null && instanceIds.includes(id));
    const { state, measures, cycledSecondsAgo } = judgementOf(given, id) ?? {};
    const wasSeen = state !== undefined && state !== 'unknown' && typeof measures?.ageSeconds === 'number';
    const agoSeconds = (given.nowMs - wave.startedAtMs) / 1000;
    const isUntouched =
      wasSeen && (measures.ageSeconds ?? 0) > agoSeconds + 60 && (cycledSecondsAgo ?? Infinity) > agoSeconds + 60;
    return isUnsure && isUntouched && agoSeconds >= lifeSeconds(wave);
  });
  return times.filter((atMs) => !none.some((wave) => atMs >= wave.startedAtMs));
}

export const isOwn = ({ name, type, setIdentifier, multivalue }: PublishedRecord) =>
  /^ntp\.az-[a-z]\.pod$/.test(name) &&
  ['A', 'AAAA'].includes(type) &&
  multivalue &&
  /^i-[0-9a-f]{17}$/.test(setIdentifier ?? '');

export const identityOf = (record: { name: string; type: string; setIdentifier: string | null }) =>
  `${record.name} ${record.type} ${record.setIdentifier}`;

/** Route 53: a DELETE must match exactly, no multivalue record stands beside a simple one or a CNAME. Throws like it. */
export function applied(records: readonly PublishedRecord[], changes: readonly RecordChange[]): PublishedRecord[] {
  const after = new Map(records.map((record) => [identityOf(record), record]));
  for (const change of changes) {
    const identity = identityOf(change);
    if (change.action === 'DELETE') {
      if (after.get(identity)?.raw !== change.raw || !after.has(identity)) throw new Error(`not found: ${identity}`);
      after.delete(identity);
      continue;
    }
    for (const other of after.values()) {
      const clashes = other.type === 'CNAME' || (other.type === change.type && !other.multivalue);
      if (other.name === change.name && clashes) throw new Error(`${identity} clashes with ${identityOf(other)}`);
    }
    const { name, type, setIdentifier, address, ttlSeconds } = change;
    after.set(identity, {
      name,
      type,
      setIdentifier,
      multivalue: true,
      ttlSeconds,
      addresses: [address],
      raw: { of: identity },
    });
  }
  return [...after.values()];
}

/** EC2 names nobody of the pod, though podtime has records there. */
export const isBlind = (given: PlanInput) => given.hosts.length === 0 && given.records.some(isOwn);

/** EC2 says that the owner of a record is dead, among the pod's hosts or asked by id. */
export const isDeadOwner = (given: PlanInput, id: string) => {
  const state = hostOf(given, id)?.state ?? given.ownerStates[id];
  return state !== undefined && !['running', 'pending'].includes(state);
};

/** EC2 denies the id now, did so five minutes ago or more, and nothing it says speaks against it. */
export const isDeniedTwice = (given: PlanInput, id: string) =>
  given.unknownIds.includes(id) &&
  !given.unread.includes(id) &&
  !(id in given.ownerStates) &&
  hostOf(given, id) === undefined &&
  given.nowMs - (given.memory.unknownToEc2[id] ?? given.nowMs) >= 300_000;

/** Starting for longer than any start takes: shown so now, and so proved before, for twice the limit. */
export function isStartingTooLong(given: PlanInput, id: string): boolean {
  const before = given.memory.starting[id];
  if (judgementOf(given, id)?.state !== 'starting' || !before) return false;
  const sinceMs = before.seenMs === null ? 0 : given.nowMs - before.seenMs;
  const limitMs = 2 * given.pod.thresholds.startingSeconds * 1000;
  return before.provenMs + Math.min(sinceMs, 2 * given.pod.intervalSeconds * 1000) >= limitMs;
}

/** What is remembered after a tick that saw nobody: what was proved stands still. */
export function unseen({ unhealthy, starting, unbound, ...others }: Memory): Memory {
  const still = <T extends { seenMs: number | null }>(proofs: Record<string, T>) =>
    Object.fromEntries(Object.entries(proofs).map(([id, proof]) => [id, { ...proof, seenMs: null }]));
  const isAnyUnbound = unbound !== undefined && Object.keys(unbound).length > 0;
  return {
    ...others,
    unhealthy: still(unhealthy),
    starting: still(starting),
    ...(isAnyUnbound && { unbound: still(unbound) }),
  };
}
