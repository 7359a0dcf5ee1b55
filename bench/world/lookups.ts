import type { DaemonKind } from '../../src/host/collected.ts';

/** Classic asks for an unresolved name after 2, 4, 8, 16, 32, then every 64 s; chrony within 2 minutes; ntpsec never again. */
const CLASSIC_RETRY_SECONDS = [2, 4, 8, 16, 32, 64] as const;
const CHRONY_RETRY_SECONDS = 90;
/** Pools look up again every 65 s (classic), 256 s (ntpsec), 28 s doubling to an hour (chrony). */
const CLASSIC_POOL_SECONDS = 65;
const NTPSEC_POOL_SECONDS = 256;
const CHRONY_POOL_SECONDS = { first: 28, most: 3600 } as const;

/** A name that a daemon is about to ask its resolver for. */
export interface Lookup {
  name: string;
  atMs: number;
  tries: number;
}

export function nextPoolLookup(kind: DaemonKind, name: string, atMs: number, tries: number): Lookup {
  const { first, most } = CHRONY_POOL_SECONDS;
  const seconds =
    kind === 'ntpd'
      ? CLASSIC_POOL_SECONDS
      : kind === 'ntpsec'
        ? NTPSEC_POOL_SECONDS
        : Math.min(most, first * 2 ** tries);
  return { name, atMs: atMs + seconds * 1000, tries: tries + 1 };
}

export function nextRetry(kind: DaemonKind, name: string, atMs: number, tries: number): Lookup {
  const seconds = kind === 'ntpd' ? (CLASSIC_RETRY_SECONDS[tries] ?? 64) : CHRONY_RETRY_SECONDS;
  return { name, atMs: atMs + seconds * 1000, tries: tries + 1 };
}
