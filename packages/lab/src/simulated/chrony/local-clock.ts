import type { LocalMode } from '../config-file.ts';
import type { ChronySource } from './chrony-source.ts';
import type { Reference } from './reference.ts';

/** chronyd's own clock as a reference: its `local` line. */
export class LocalClock {
  readonly #mode: LocalMode | null;
  /** Since when it follows nobody, before it ever did or since it found no majority. */
  #unsynchronisedMs: number;
  #isActivated: boolean;

  constructor(mode: LocalMode | null, startedMs: number) {
    this.#mode = mode;
    this.#unsynchronisedMs = startedMs;
    this.#isActivated = mode?.activateMs === 0;
  }

  lost(nowMs: number): void {
    this.#unsynchronisedMs = nowMs;
  }

  /** Notes how near the clock is to a true one (`activate`). */
  followed(reference: Reference, nowMs: number): void {
    if (distanceMs(reference, nowMs) < (this.#mode?.activateMs ?? 0)) this.#isActivated = true;
  }

  /** The stratum at which it serves its own clock now; null: it does not. (REF_GetReferenceParams) */
  stratum(reference: Reference, nowMs: number): number | null {
    const mode = this.#mode;
    if (mode === null || !this.#isActivated) return null;
    const isWaiting =
      reference.referenceMs === null
        ? nowMs - this.#unsynchronisedMs < mode.waitUnsyncedMs
        : nowMs - reference.referenceMs < mode.waitSyncedMs || distanceMs(reference, nowMs) <= mode.distanceMs;
    return isWaiting ? null : mode.stratum;
  }

  /** Whether a source serves a local clock, or follows one: such a one is no source (SRC_ORPHAN). */
  isOrphan({ stratum }: ChronySource): boolean {
    return this.#mode?.isOrphan === true && stratum >= this.#mode.stratum;
  }

  /** Of those the one to follow when nobody else can be: of the lowest address, and that below the host's own. */
  eldest(sources: readonly ChronySource[], own: readonly string[]): ChronySource | null {
    const serving = sources.filter(({ stratum, reach }) => stratum === this.#mode?.stratum && reach !== 0);
    const first = serving.toSorted((a, b) => numberOf(a.address) - numberOf(b.address))[0];
    const ownNumber = Math.min(...own.filter((address) => !address.includes(':')).map(numberOf));
    return first !== undefined && numberOf(first.address) < ownNumber ? first : null;
  }
}

function distanceMs(reference: Reference, nowMs: number): number {
  return reference.rootDelayMs / 2 + reference.rootDispersionMs(nowMs);
}

/** An IPv4 address as the number that its refid is. */
function numberOf(address: string | null): number {
  return (address ?? '').split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
}
