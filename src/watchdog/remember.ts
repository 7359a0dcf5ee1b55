import { type Memory, type Plan, whyBlind } from '../plan/plan.ts';
import { type StoredParts, splitRemembered } from '../state/remembered.ts';
import type { KnownHost, State } from '../state/state.ts';
import type { Look } from './look.ts';
import { type Observation, orFault } from './observe.ts';
import { giveBack, keepTurn, type Turn, type TurnRun } from './turn.ts';

/** The turn, and what of the memory of hosts is stored already. */
export interface Intent {
  turn: Turn;
  stored: { hosts: string; key: string } | null;
}

/**
 * Writes what the tick is about to do where dying in the middle of it would forget something: a wave, before SSM hears of it; a server
 * withdrawn for its health, which `register` would publish again. Before any other change to DNS the claim alone is written anew, for the
 * turn may have been lost while hosts were waited for. Throws when it could not be written: then nothing is done. Decision 0059.
 */
export async function writeIntent(
  run: TurnRun & { tickId: string },
  turn: Turn,
  observed: Observation,
  seen: Look,
  decided: Plan,
): Promise<Intent> {
  const withdraws = Object.keys(decided.memory.withdrawn).some((id) => observed.memory.withdrawn[id] === undefined);
  const sends = decided.cycles.length > 0;
  if (!sends && !withdraws) {
    const isNeeded = decided.changes.length > 0;
    return { turn: isNeeded ? await keepTurn(run, turn, {}) : turn, stored: null };
  }
  const { servers, waves, hosts } = partsOf(run, observed, seen, decided.memory);
  if (!sends) return { turn: await keepTurn(run, turn, { servers }), stored: null };
  // what short runs heard of hosts is in no report yet
  const heard = observed.verdicts.length > 0 ? { ...hosts, verdicts: observed.verdicts } : hosts;
  const key = await run.ports.memories.write(heard);
  const kept = await keepTurn(run, turn, { servers, waves, memory: key });
  return { turn: kept, stored: { hosts: JSON.stringify(heard), key } };
}

/**
 * Stores what the tick remembers and gives the turn back. Where the memory of hosts cannot be stored the one before counts, and
 * with it the waves: they are the two halves of one.
 */
export async function conclude(
  run: TurnRun & { tickId: string },
  { turn, stored }: Intent,
  observed: Observation,
  seen: Look,
  { memory, unfinished, recordedMs }: { memory: Memory; unfinished: boolean; recordedMs: number | undefined },
  faults: string[],
): Promise<void> {
  if (!observed.isMemoryRead) {
    await giveBack(run, turn, { recordedMs }, true);
    return;
  }
  const { servers, waves, hosts } = partsOf(run, observed, seen, memory);
  const key =
    stored?.hosts === JSON.stringify(hosts) ? stored.key : await orFault(run.ports.memories.write(hosts), faults);
  const kept = { servers, recordedMs };
  const changed: Partial<State> = key === null ? kept : { ...kept, waves, memory: key };
  await giveBack(run, turn, changed, unfinished || key === null);
}

function partsOf(
  { pod, tickId }: Pick<TurnRun, 'pod'> & { tickId: string },
  { hosts, known, last, records, unseen, owners, day, files }: Observation,
  seen: Look,
  memory: Memory,
): StoredParts {
  const tiers = new Map(hosts.map(({ instanceId, tier }) => [instanceId, tier]));
  const servers = new Set(last?.state.servers.known.map(({ instanceId }) => instanceId));
  const isServer = (id: string) => (tiers.has(id) ? tiers.get(id) === 'boundary' : servers.has(id));
  // of hosts that could not be read those of before stand: by these ids they are asked for next time. An empty answer of EC2 is no word
  // of anybody while DNS holds records, or may hold some: a pod that has ended holds none once it is retired
  const isAnyUnread =
    unseen !== null || (hosts.length === 0 && (records === null || whyBlind({ pod, hosts, records }) !== null));
  const unreadIds = new Set(owners.unread);
  const unread = known.filter(({ instanceId }) => isAnyUnread || unreadIds.has(instanceId));
  const judged: KnownHost[] = seen.judgements.map(({ host: { instanceId, az } }) => ({ instanceId, az }));
  const judgedIds = new Set(judged.map(({ instanceId }) => instanceId));
  const all = [...judged, ...unread.filter(({ instanceId }) => !judgedIds.has(instanceId))];
  const parts = splitRemembered({ memory, known: all }, isServer, { pod: pod.name, tickId });
  return { ...parts, hosts: { ...parts.hosts, day, files } };
}
