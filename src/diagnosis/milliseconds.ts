/** `152.3 ms`: four significant digits, nothing below a nanosecond. */
export function milliseconds(value: number): string {
  return `${text(value, 4)} ms`;
}

/**
 * A number beside the limit it is over: as many digits as it takes to tell the two apart, for nobody believes
 * "100 ms is over the limit of 100 ms".
 */
export function millisecondsBeside(value: number, limit: number): string {
  for (let digits = 4; digits < 17; digits += 1) {
    if (text(Math.abs(value), digits) !== text(limit, 17)) return `${text(value, digits)} ms`;
  }
  return `${value} ms`;
}

function text(value: number, digits: number): string {
  const short = Number(value.toPrecision(digits));
  // Below 2^53 steps of a nanosecond; beyond, nothing is lost that a clock could have.
  const steps = Math.round(short * 1e6);
  return String(Number.isSafeInteger(steps) ? steps / 1e6 + 0 : short);
}
