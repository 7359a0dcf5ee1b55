import { TIERS } from '../fleet/fleet.ts';
import type { Schema } from '../fleet/json-schema.ts';
import { readJson } from '../fleet/read-json.ts';
import { lostRollOut, type ModeLimit } from '../plan/plan.ts';
import {
  emptyHostMemory,
  emptyState,
  HOST_MEMORY_SCHEMA,
  type HostMemory,
  SERVERS_SCHEMA,
  STATE_SCHEMA,
  STATE_VERSION,
  type State,
} from './state.ts';
import { isGroup, parseStored, type Stored, versionOf } from './stored.ts';

/** What could be read of a pod's state. */
export interface ReadState {
  /** Of what cannot be read: as if nothing had been, but that a wave may be under way, and that nobody knows who is withdrawn. */
  state: State;
  /** What is remembered of hosts where the state stands in a report of before there were states; else null. */
  carried: HostMemory | null;
  /** Of a version that this code does not know: nothing is changed, and it is not written over. */
  newer: boolean;
  /** No state of this pod's at all: what was remembered is unknown, so no wave starts until one that was sent would be over, and the pod is held until a tick has seen it whole. */
  lost: boolean;
  /** What cannot be read, and what that costs. */
  fault: string | null;
}

/** What could be read of what is remembered of hosts. */
export interface ReadMemory {
  hosts: HostMemory;
  newer: boolean;
  fault: string | null;
}

/** Where no state has been written yet. */
export function noState(pod: string): ReadState {
  return { state: emptyState(pod), carried: null, newer: false, lost: false, fault: null };
}

/**
 * Reads a pod's state. A field that cannot be read costs itself alone. Decision 0046, decision 0058.
 *
 * @param nowMs epoch ms; a wave whose start cannot be read may have begun a moment ago, and is dated so. Whoever writes the state next
 *   stores that date with it: no later run dates the wave anew
 */
export function readState(text: string, pod: string, nowMs: number): ReadState {
  const stored = parseStored(text);
  const version = versionOf(stored);
  if (stored === null || version < 1) return lostState(pod, stored === null ? 'is not JSON' : 'has no version');
  if (version > STATE_VERSION) return newerState(pod, `The state of pod ${pod} is of version ${version}`);
  if (stored.pod !== pod) return lostState(pod, "is another pod's");
  const unread: string[] = [];
  const ofState = fieldReader(stored, unread);
  const servers = fieldReader(isGroup(stored.servers) ? stored.servers : {}, unread);
  const empty = emptyState(pod);
  const { properties } = STATE_SCHEMA;
  const state: State = {
    version: STATE_VERSION,
    pod,
    claim: ofState('claim', properties.claim, null),
    last: ofState('last', properties.last, null),
    dueAtMs: ofState('dueAtMs', properties.dueAtMs, 0),
    again: ofState('again', properties.again, true),
    servers: {
      unhealthySinceMs: servers('unhealthySinceMs', SERVERS_SCHEMA.properties.unhealthySinceMs, {}),
      unhealthy: servers('unhealthy', SERVERS_SCHEMA.properties.unhealthy, {}),
      withdrawn: servers('withdrawn', SERVERS_SCHEMA.properties.withdrawn, null),
      unknownToEc2: servers('unknownToEc2', SERVERS_SCHEMA.properties.unknownToEc2, {}),
      starting: servers('starting', SERVERS_SCHEMA.properties.starting, {}),
      unbound: servers('unbound', SERVERS_SCHEMA.properties.unbound, undefined),
      known: servers('known', SERVERS_SCHEMA.properties.known, []),
    },
    waves: empty.waves,
    memory: ofState('memory', properties.memory, null),
    recordedMs: ofState('recordedMs', properties.recordedMs, undefined),
  };
  // by another key S3 could refuse the read at every tick, for good
  if (state.memory !== null && !isMemoryKey(state.memory, pod)) {
    unread.push('memory');
    state.memory = null;
  }
  state.waves = ofState('waves', properties.waves, readWaves(stored.waves, nowMs));
  const isForgotten = state.servers.withdrawn === null;
  // a tick finds out as soon as it can; where that one could not, the next comes in its time
  state.again ||= unread.includes('withdrawn');
  const faults = [
    ...(unread.length > 0 ? [`The state of pod ${pod} has lost ${unread.join(', ')}: it is damaged.`] : []),
    ...(isForgotten ? [forgottenSentence(unread.length > 0 ? null : pod)] : []),
    ...COSTS.flatMap(({ field, sentence }) => (unread.includes(field) ? [sentence] : [])),
  ];
  return { ...noState(pod), state, fault: faults.length === 0 ? null : faults.join(' ') };
}

/** What the loss of a field costs, where that is more than time. */
const COSTS = [
  { field: 'waves', sentence: 'A wave may be under way: none starts beside it until that would be over.' },
  { field: 'memory', sentence: 'Which hosts were cycled and asked is forgotten.' },
];

/** What limits a pod there: a server that EC2 says is gone is no clock to bring back. */
export const FORGOTTEN_WITHDRAWALS: ModeLimit = { mode: 'hold', reason: 'because who is withdrawn is forgotten' };

/** Unknown is not nobody. `pod` null: another sentence names it before. Decision 0076. */
export function forgottenSentence(pod: string | null): string {
  return (
    `Who ${pod === null ? '' : `of pod ${pod} `}is withdrawn for its health is forgotten: until a tick has seen the whole pod podtime does no more than in mode hold; ` +
    'then a server without a record stays out of DNS until it is confident.'
  );
}

function isMemoryKey(key: string, pod: string): boolean {
  const before = `${pod}/memory/`;
  return key.startsWith(before) && MEMORY_NAME.test(key.slice(before.length));
}

const MEMORY_NAME = /^[\w-]+\.json\.gz$/;

/** Reads what is remembered of hosts. A field that cannot be read costs itself alone. */
export function readHostMemory(text: string, pod: string): ReadMemory {
  const stored = parseStored(text);
  const version = versionOf(stored);
  if (stored === null || version < 1 || stored.pod !== pod) return lostMemory(pod, 'cannot be read');
  if (version > STATE_VERSION) {
    const { fault } = newerState(pod, `The memory of pod ${pod} is of version ${version}`);
    return { hosts: emptyHostMemory(pod), newer: true, fault };
  }
  const unread: string[] = [];
  const field = fieldReader(stored, unread);
  const { properties } = HOST_MEMORY_SCHEMA;
  const hosts: HostMemory = {
    version: STATE_VERSION,
    pod,
    tickId: field('tickId', properties.tickId, ''),
    cycles: field('cycles', properties.cycles, {}),
    undone: field('undone', properties.undone, {}),
    staleSinceMs: field('staleSinceMs', properties.staleSinceMs, {}),
    unjoined: field('unjoined', properties.unjoined, {}),
    over: field('over', properties.over, undefined),
    received: field('received', properties.received, undefined),
    lastBounds: field('lastBounds', properties.lastBounds, undefined),
    heldBounds: field('heldBounds', properties.heldBounds, undefined),
    leap: field('leap', properties.leap, undefined),
    seen: field('seen', properties.seen, undefined),
    verdicts: field('verdicts', properties.verdicts, undefined),
    starting: field('starting', properties.starting, {}),
    waves: field('waves', properties.waves, {}),
    known: field('known', properties.known, []),
    day: field('day', properties.day, undefined),
    files: field('files', properties.files, undefined),
  };
  const fault = unread.length === 0 ? null : `The memory of pod ${pod} has lost ${unread.join(', ')}: it is damaged.`;
  return { hosts, newer: false, fault };
}

/** The state names a memory that is not there, or is none: what it counts binds still. */
export function lostMemory(pod: string, why: string): ReadMemory {
  const fault = `The memory of pod ${pod} ${why}: which hosts were cycled and asked is forgotten. A wave that was sent counts as under way.`;
  return { hosts: emptyHostMemory(pod), newer: false, fault };
}

/** Reads one field, or answers what stands for it and notes its name. */
function fieldReader(stored: Stored, unread: string[]) {
  return <T>(name: string, schema: Schema<T>, otherwise: T): T => {
    const { value, faults } = readJson(schema, stored[name]);
    if (faults === null) return value;
    unread.push(name);
    return otherwise;
  };
}

/** A roll-out that cannot be read may have a wave under way: none is started beside it until that is over. */
function readWaves(stored: unknown, nowMs: number): State['waves'] {
  const tiers = TIERS.flatMap((tier) => {
    if (isGroup(stored) && stored[tier] === undefined) return [];
    const read = isGroup(stored) ? readJson(STATE_SCHEMA.properties.waves, { [tier]: stored[tier] }).value : undefined;
    return [[tier, read?.[tier] ?? lostWaves(tier, nowMs)] as const];
  });
  return Object.fromEntries(tiers);
}

function lostWaves(tier: (typeof TIERS)[number], atMs: number): NonNullable<State['waves']['client']> {
  return { ...lostRollOut(tier, atMs), commands: [{ commandId: null, hosts: 0 }], failed: 0 };
}

/** Where all is lost a wave of any tier may be under way. Its start is the caller's to say. */
export function lostWavesOfAll(atMs: number): State['waves'] {
  return Object.fromEntries(TIERS.map((tier) => [tier, lostWaves(tier, atMs)]));
}

export function lostState(pod: string, why: string): ReadState {
  const fault = `The state of pod ${pod} ${why}: all that it remembered is lost, and a wave may be under way. ${forgottenSentence(null)}`;
  return { ...noState(pod), state: forgottenState(pod), lost: true, fault };
}

export function newerState(pod: string, what: string): ReadState {
  const fault =
    `${what}, this code reads up to ${STATE_VERSION}: a newer podtime wrote it. It is left as it is and nothing is changed; ` +
    'deploy the newer code again.';
  return { ...noState(pod), state: forgottenState(pod), newer: true, fault };
}

/** Nothing is remembered, and nobody knows who is withdrawn: a tick finds that out as soon as it can. */
export function forgottenState(pod: string): State {
  const { servers, ...state } = emptyState(pod);
  return { ...state, again: true, servers: { ...servers, withdrawn: null } };
}
