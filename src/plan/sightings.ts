import type { Judgement, Late } from '../diagnosis/judgement.ts';
import { sortedUnique } from '../fleet/ordering.ts';
import { assessHealth } from './dns/health.ts';
import type { PlanInput } from './input.ts';
import { rememberedLeap } from './leap.ts';
import type { Memory } from './memory.ts';

/** What a tick has seen of the hosts, and what was remembered of them. */
export type Sighted = Pick<PlanInput, 'pod' | 'nowMs' | 'hosts' | 'judgements' | 'memory'>;

/** What hosts were seen to be, for the judging of the next tick. */
export function sightingsOf({
  judgements,
  unread,
  memory,
  nowMs,
}: Pick<PlanInput, 'judgements' | 'unread' | 'memory' | 'nowMs'>): Pick<
  Memory,
  'unjoined' | 'over' | 'lastBounds' | 'heldBounds' | 'received' | 'leap'
> {
  return {
    unjoined: unjoinedOf(judgements),
    over: ofEach('over', judgements, unread, memory.over, overOfSilent),
    lastBounds: ofEach('lastBound', judgements, unread, memory.lastBounds, boundOfSilent),
    heldBounds: ofEach('heldBound', judgements, unread, memory.heldBounds, (before) => before),
    received: receivedIn(judgements),
    leap: rememberedLeap(memory.leap, judgements, nowMs),
  };
}

/**
 * What a tick that decides nothing leaves to the next: sightings count whatever else could not be read, else the proof of a bad server
 * would go on over all the time in which it was seen well. Of who was not seen nothing is concluded: his proof stands still. Who is
 * withdrawn, cycled or unknown to EC2 stays as it was.
 */
export function rememberSightings(sighted: Sighted): Memory {
  const { pod, nowMs, hosts, memory } = sighted;
  const judgements = new Map(sighted.judgements.map((judgement) => [judgement.host.instanceId, judgement]));
  const seen = new Set(hosts.map(({ instanceId }) => instanceId));
  const remembered = [
    memory.unhealthySinceMs,
    memory.unhealthy,
    memory.starting,
    memory.unbound,
    memory.over,
    memory.lastBounds,
    memory.heldBounds,
  ];
  const unread = sortedUnique(remembered.flatMap((each) => Object.keys(each ?? {})).filter((id) => !seen.has(id)));
  const health = assessHealth(pod, nowMs, hosts, judgements, memory, unread);
  const { unhealthySinceMs, unhealthy, starting, unbound } = health;
  return {
    ...memory,
    unhealthySinceMs,
    unhealthy,
    starting,
    unbound: Object.keys(unbound).length > 0 ? unbound : undefined,
    ...sightingsOf({ ...sighted, unread }),
    // where EC2 was not read there is no report, and the one before is the last
    ...(hosts.length === 0 && { unjoined: memory.unjoined }),
  };
}

/** What each host is now, by its id; of who did not answer `ofSilent` says what stays. */
function ofEach<Name extends 'over' | 'lastBound' | 'heldBound'>(
  name: Name,
  judgements: readonly Judgement[],
  unread: readonly string[],
  before: Readonly<Record<string, NonNullable<Judgement[Name]>>> = {},
  ofSilent: (before: Judgement[Name], judgement: Judgement) => Judgement[Name],
): Record<string, NonNullable<Judgement[Name]>> | undefined {
  const known: Record<string, NonNullable<Judgement[Name]>> = {};
  for (const id of unread) if (before[id]) known[id] = before[id];
  for (const judgement of judgements) {
    const { instanceId } = judgement.host;
    const value = judgement.state === 'unknown' ? ofSilent(before[instanceId], judgement) : judgement[name];
    if (value) known[instanceId] = value;
  }
  return Object.keys(known).length === 0 ? undefined : known;
}

/** Nothing is known of it that was not known before, but by its witnesses. */
function overOfSilent(before: readonly Late[] = [], { over: now = [] }: Judgement): Late[] | undefined {
  const limits = [
    ...before.filter((limit) => limit !== BY_WITNESSES),
    ...now.filter((limit) => limit === BY_WITNESSES),
  ];
  return limits.length === 0 ? undefined : limits;
}

/** Whom his witnesses contradict while he is silent has no bound of before that holds. */
function boundOfSilent(before: Judgement['lastBound'], { findings, lastBound }: Judgement): Judgement['lastBound'] {
  return findings.includes('contradicted') ? lastBound : before;
}

/** What others say of a host, whether it answers or not. */
const BY_WITNESSES: Late = 'disagreement';

/** Of a server that is silent now the next load is since its daemon started: its counters before the silence may be another daemon's. */
function receivedIn(judgements: readonly Judgement[]): Memory['received'] {
  const entries = judgements.flatMap(({ host, received }) => (received ? [[host.instanceId, received] as const] : []));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The report before, for the next tick's rule of names not joined. A silent host is in no report: it starts again. */
function unjoinedOf(judgements: readonly Judgement[]): Memory['unjoined'] {
  const entries = judgements
    .filter(({ unjoinedNames }) => unjoinedNames.length > 0)
    .map(({ host, unjoinedNames }) => [host.instanceId, sortedUnique(unjoinedNames)] as const);
  return Object.fromEntries(entries);
}
