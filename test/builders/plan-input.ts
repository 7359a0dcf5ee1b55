import type { Judgement, Measures } from '../../src/diagnosis/judgement.ts';
import { azName } from '../../src/fleet/az-names.ts';
import type { Host, Pod, Tier } from '../../src/fleet/fleet.ts';
import type { PublishedRecord } from '../../src/fleet/records.ts';
import { EMPTY_MEMORY, type Memory, type PlanInput } from '../../src/plan/plan.ts';
import { BLUE, blueHost, healthy } from './blue-pod.ts';

/** Thursday 2026-01-15 12:00 UTC. */
export const NOW = Date.UTC(2026, 0, 15, 12, 0, 0);
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export const POD: Pod = {
  ...BLUE,
  networks: ['10.0.0.0/16', 'fd00::/56'],
  azs: ['us-west-2a', 'us-west-2b', 'us-west-2c'],
};

/** `id('b1')` = `i-000000000000000b1`: hexadecimal digits only. */
export function id(digits: string): string {
  return `i-${digits.padStart(17, '0')}`;
}

export function host(tier: Tier, digits: string, letter: string, overrides: Partial<Host> = {}): Host {
  return blueHost(id(digits), {
    tier,
    az: `us-west-2${letter}`,
    ipv4: `10.0.${letter.charCodeAt(0) - 96}.${Number.parseInt(digits, 16) % 256}`,
    launchedAtMs: NOW - HOUR,
    ...overrides,
  });
}

/** A boundary server, `10.0.AZ.DIGITS`. */
export const server = (digits: string, letter: string, overrides: Partial<Host> = {}) =>
  host('boundary', digits, letter, overrides);
export const client = (digits: string, letter: string, overrides: Partial<Host> = {}) =>
  host('client', digits, letter, overrides);

const MEASURES: Measures = {
  offsetMs: 1,
  timeServiceOffsetMs: 1,
  errorBoundMs: 10,
  growthPpm: 15,
  horizonSeconds: 13_000,
  jitterMs: 1,
  delayMs: 1,
  reachRatio: 1,
  reachableSources: 3,
  usableSources: 3,
  ageSeconds: 3600,
  frequencyPpm: 12.5,
};

/** Healthy and confident, an hour old. */
export function judged(of: Host, overrides: Partial<Judgement> = {}): Judgement {
  return healthy(of, MEASURES, overrides);
}

export const adrift = (of: Host, overrides: Partial<Judgement> = {}) =>
  judged(of, {
    state: 'adrift',
    confident: false,
    sentence: 'offset 80 ms is over the limit of 50 ms.',
    ...overrides,
  });

export const silent = (of: Host) =>
  judged(of, {
    state: 'unknown',
    confident: false,
    sentence: 'SSM has no answer from it (DeliveryTimedOut).',
    measures: { ...judged(of).measures, usableSources: null, ageSeconds: null },
  });

/** A client that polls an address no record holds, by the names given. */
export function stale(of: Host, names: string[], overrides: Partial<Judgement> = {}): Judgement {
  const addresses = ['10.0.9.9'];
  const sentence = 'polls 10.0.9.9, which no record of pod holds.';
  return judged(of, {
    stale: { rule: 'left-behind', names, addresses, sentence },
    polled: addresses,
    ...overrides,
  });
}

/** The record of a boundary server as podtime publishes it. */
export function record(of: Host, overrides: Partial<PublishedRecord> = {}): PublishedRecord {
  const type = overrides.type ?? 'A';
  const name = overrides.name ?? azName(POD, of.az);
  return {
    name,
    type,
    setIdentifier: of.instanceId,
    multivalue: true,
    ttlSeconds: 30,
    addresses: type === 'A' ? [of.ipv4 ?? ''] : of.ipv6.slice(0, 1),
    raw: { listed: `${name} ${type} ${of.instanceId}` },
    ...overrides,
  };
}

export function memory(overrides: Partial<Memory> = {}): Memory {
  return { ...EMPTY_MEMORY, ...overrides };
}

export function input(overrides: Partial<PlanInput> = {}): PlanInput {
  return {
    pod: POD,
    tickId: 'tick-1',
    nowMs: NOW,
    mode: 'act',
    hosts: [],
    unknownIds: [],
    ownerStates: {},
    unread: [],
    unreadByTier: { boundary: 0, client: 0 },
    records: [],
    judgements: [],
    memory: EMPTY_MEMORY,
    progress: [],
    ...overrides,
  };
}
