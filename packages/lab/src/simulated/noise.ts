/** A stream of pseudo-random numbers: the same seed gives the same stream, so a run can be repeated. */
export interface Noise {
  /** 0 <= x < 1. */
  next(): number;
  /** low <= x < high. */
  between(low: number, high: number): number;
  /** An integer, 0 <= x < limit. */
  below(limit: number): number;
  /** Exponentially distributed, as queueing delays are. */
  exponential(mean: number): number;
}

/** mulberry32 over an FNV-1a hash of the seed: small, fast, good enough for jitter. Not for secrets. */
export function createNoise(seed: string): Noise {
  let state = 0x811c9dc5;
  for (const character of seed) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    below: (limit) => Math.floor(next() * limit),
    exponential: (mean) => -mean * Math.log(1 - next()),
  };
}
