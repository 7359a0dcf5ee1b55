/**
 * A host's clock: how far it is from true time. A daemon steers it by what it measures, so a host that follows a
 * wrong server goes wrong with it. Between corrections it runs on with a small error of frequency.
 */
export interface HostClock {
  /** Positive: the clock is ahead of true time. */
  errorMs(atMs: number): number;
  /** The daemon moves the clock by `byMs` (positive: forward). A clock that does not obey stays where it is. */
  correct(atMs: number, byMs: number): void;
  /**
   * Sets the error. `obeys: false`: no correction has effect until it is set again, as with a clock that a hypervisor
   * holds; it is how a drift stays long enough to be looked at.
   */
  set(atMs: number, errorMs: number, obeys: boolean): void;
}

/** @param frequencyPpm what is left of the oscillator's error once the daemon has learnt its frequency. */
export function createHostClock(errorMs: number, frequencyPpm: number, bornMs: number): HostClock {
  let base = { atMs: bornMs, errorMs, obeys: true };
  const error = (atMs: number) =>
    base.obeys ? base.errorMs + ((atMs - base.atMs) * frequencyPpm) / 1_000_000 : base.errorMs;
  return {
    errorMs: error,
    correct(atMs, byMs) {
      if (base.obeys) base = { atMs, errorMs: error(atMs) + byMs, obeys: true };
    },
    set(atMs, setMs, obeys) {
      base = { atMs, errorMs: setMs, obeys };
    },
  };
}
