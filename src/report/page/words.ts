import type { State } from '../../diagnosis/judgement.ts';
import type { Tier } from '../../fleet/fleet.ts';

/** States as people read them. */
export const STATE_WORDS: Readonly<Record<State, string>> = {
  unknown: 'unknown',
  'no-daemon': 'no daemon',
  starting: 'starting',
  unsynchronised: 'unsynchronised',
  contradicted: 'contradicted',
  adrift: 'adrift',
  holdover: 'in holdover',
  uncertain: 'uncertain',
  degraded: 'degraded',
  healthy: 'healthy',
};

/** What a state means, for who has not read the glossary. */
export const STATE_MEANINGS: Readonly<Record<State, string>> = {
  unknown: 'Systems Manager had no answer from it, so nothing is known',
  'no-daemon': 'the host answers, no time daemon runs',
  starting: 'its daemon is young and not yet confident, as after each start',
  unsynchronised: 'its daemon says itself that its clock is not set',
  contradicted: 'its clients agree that it tells the wrong time',
  adrift: 'its offset is over the limit',
  holdover: 'it hears no source it can follow and runs on by itself',
  uncertain: 'it may be wrong by more than the limit',
  degraded: 'its clock is right, but something needs a look',
  healthy: 'nothing is wrong',
};

export const TIER_WORDS: Readonly<Record<Tier, string>> = { boundary: 'boundary server', client: 'client' };

/** `az-b` of `us-west-2b`. */
export function azWord(az: string): string {
  return `az-${az.slice(-1)}`;
}

/** `23:05` */
export function clockTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 16);
}

/** `2026-11-30 23:05:12 UTC` */
export function utc(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `0.0123 ms`, `12.3 ms`, `1.25 s`: three digits, in the unit that is read at a glance, never parted from it. */
export function shortMs(ms: number, isSigned = false): string {
  const size = Math.abs(ms);
  const sign = isSigned && ms > 0 ? '+' : '';
  // nothing below ten nanoseconds is a measurement
  const digits = (value: number) => minus(String(Math.round(Number(value.toPrecision(3)) * 1000) / 1000));
  if (size >= 60_000) return `${sign}${digits(ms / 60_000)}\u00a0min`;
  if (size >= 1000) return `${sign}${digits(ms / 1000)}\u00a0s`;
  if (size > 0 && size < 0.1) return `${sign}${minus(String(Math.round(ms * 100_000) / 100))}\u00a0\u00b5s`;
  return `${sign}${digits(ms)}\u00a0ms`;
}

/** A minus sign is as wide as a plus. */
function minus(text: string): string {
  return text.replace(/^-/, '\u2212');
}

/** A sentence as a page shows it: its negative numbers with the sign of the figures beside it. */
export function typeset(sentence: string): string {
  return sentence.replaceAll(/(?<![^\s(])-(?=\d)/g, '\u2212');
}

/** `12,345` */
export function grouped(number: number): string {
  return String(number).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

export function percent(share: number): string {
  if (share > 0.99 && share < 1) return '>\u00a099\u00a0%';
  if (share > 0 && share < 0.005) return '<\u00a01\u00a0%';
  return `${Math.round(share * 100)}\u00a0%`;
}
