import { TIERS } from '../fleet/fleet.ts';
import { readJson } from '../fleet/read-json.ts';
import { EMPTY_MEMORY, lostRollOut, MEMORY_SCHEMA, type Memory } from '../plan/plan.ts';
import { LONGEST_CLAIM_MS } from './due.ts';
import { forgottenSentence, lostState, noState, type ReadState } from './read.ts';
import { splitRemembered } from './remembered.ts';
import { emptyState } from './state.ts';
import { isGroup, parseStored, type Stored, versionOf } from './stored.ts';

/** Reports up to this version held what a tick must remember; later ones are for people alone. */
const LAST_REMEMBERING_VERSION = 3;

/** A tick of version 1 ran for so long at the most: the watchdog's function was given 180 s. */
const LONGEST_FIRST_TICK_MS = 180_000;

/**
 * The state of a pod that has none yet, by the report that an older podtime left: a deployment forgets nothing. Decision 0058.
 *
 * | the report                      | the state |
 * | ------------------------------- | --------- |
 * | of version 1 to 3               | what it remembers; its tick has the turn where it has not ended |
 * | a field of it cannot be read    | costs itself; a roll-out counts as a wave under way |
 * | of version 4 or later           | lost: states were begun with it, and somebody removed this one |
 * | not one of this pod's           | lost |
 *
 * @param nowMs epoch ms; as `readState` has it
 */
export function stateOfReport(text: string, pod: string, nowMs: number): ReadState {
  const report = parseStored(text);
  const version = versionOf(report);
  if (report === null || version < 1) return lostState(pod, report === null ? 'is not JSON' : 'has no version');
  if (version > LAST_REMEMBERING_VERSION) {
    return lostState(pod, 'is not there, though its last report is');
  }
  if (report.pod !== pod) return lostState(pod, "is another pod's");
  const { memory, unread } = readMemory(version === 1 ? upgradeMemory(report.memory) : report.memory, nowMs);
  const hosts = Array.isArray(report.hosts) ? report.hosts.filter(isKnown) : [];
  const servers = new Set(hosts.filter(({ tier }) => tier === 'boundary').map(({ instanceId }) => instanceId));
  const known = hosts.map(({ instanceId, az }) => ({ instanceId, az }));
  const tickId = typeof report.tickId === 'string' ? report.tickId : '';
  const parts = splitRemembered({ memory, known }, (id) => servers.has(id), { pod, tickId });
  const fault =
    unread.length === 0
      ? null
      : `The memory of pod ${pod} has lost ${unread.join(', ')}: the last report cannot be read there.`;
  const again = memory.isWithdrawnForgotten === true;
  return {
    ...noState(pod),
    state: {
      ...emptyState(pod),
      servers: parts.servers,
      waves: parts.waves,
      again,
      ...turnOf(report, version, tickId),
    },
    carried: parts.hosts,
    fault: again ? `${fault} ${forgottenSentence(null)}` : fault,
  };
}

/** A report without an end is of a tick that is under way, or dead. */
function turnOf({ startedAtMs, endedAtMs, untilMs }: Stored, version: number, tickId: string) {
  if (typeof startedAtMs !== 'number') return {};
  if (typeof endedAtMs === 'number') return { last: { tickId, startedAtMs, endedAtMs } };
  const longestMs = version === 1 ? LONGEST_FIRST_TICK_MS : LONGEST_CLAIM_MS;
  const end = version > 1 && typeof untilMs === 'number' ? untilMs : startedAtMs + longestMs;
  return { claim: { tickId, startedAtMs, untilMs: end } };
}

function isKnown(host: unknown): host is { instanceId: string; az: string; tier: string } {
  return isGroup(host) && typeof host.instanceId === 'string' && typeof host.az === 'string';
}

/** Field by field, so that one that is damaged costs no other. */
function readMemory(stored: unknown, nowMs: number): { memory: Memory; unread: string[] } {
  const fields: Stored = isGroup(stored) ? stored : {};
  const unread: string[] = [];
  const read = Object.entries(MEMORY_SCHEMA.properties).map(([name, schema]) => {
    const { value, faults } = readJson<unknown>(schema, fields[name]);
    if (faults === null) return [name, value];
    unread.push(name);
    return [name, name === 'rollOuts' ? readRollOuts(fields[name], nowMs) : EMPTY_MEMORY[name as keyof Memory]];
  });
  const memory: Memory = Object.fromEntries(read);
  return { memory: unread.includes('withdrawn') ? { ...memory, isWithdrawnForgotten: true } : memory, unread };
}

/** A roll-out that cannot be read may have a wave under way: none is started beside it until that is over. */
function readRollOuts(rollOuts: unknown, nowMs: number): Memory['rollOuts'] {
  const stored: Stored | null = isGroup(rollOuts) ? rollOuts : null;
  const tiers = TIERS.flatMap((tier) => {
    if (stored && stored[tier] === undefined) return [];
    const { value } = readJson(MEMORY_SCHEMA.properties.rollOuts, { [tier]: stored?.[tier] });
    return [[tier, value?.[tier] ?? lostRollOut(tier, nowMs)] as const];
  });
  return Object.fromEntries(tiers);
}

/**
 * What a report of version 1 remembers, as version 2 has it.
 *
 * | version 1                               | version 2 |
 * | --------------------------------------- | --------- |
 * | a roll-out without a wave's id          | `waveId` empty: no host has begun it |
 * | a roll-out is its last wave             | no wave counted, no host failed before; a sentence only where it stopped |
 * | `undoneAtMs`                            | forgotten: who decided against it is asked again |
 * | `unknownToEc2`: ids                     | forgotten: learned by a filter, which is no proof. They are asked for again |
 * | what version 2 began to remember        | empty |
 */
function upgradeMemory(memory: unknown): unknown {
  if (!isGroup(memory)) return memory;
  const { undoneAtMs: _, rollOuts, ...kept } = memory;
  return {
    starting: {},
    undone: {},
    ...kept,
    unknownToEc2: {},
    rollOuts: isGroup(rollOuts)
      ? Object.fromEntries(Object.entries(rollOuts).map(([tier, rollOut]) => [tier, upgradeRollOut(rollOut)]))
      : rollOuts,
  };
}

function upgradeRollOut(rollOut: unknown): unknown {
  if (!isGroup(rollOut)) return rollOut;
  return { waveId: '', failed: [], waves: 0, ...rollOut, sentence: rollOut.stopped === true ? rollOut.sentence : null };
}
