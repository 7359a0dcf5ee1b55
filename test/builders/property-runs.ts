/** How often a property is tried: so often as usual, or `FUZZ` times that (20 and below 1 in `npm run verify`). */
export function runs(usual: number): { numRuns: number } {
  return { numRuns: Math.max(1, Math.round(usual * Number(process.env.FUZZ ?? 1))) };
}
