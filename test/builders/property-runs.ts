/** How often a property is tried: so often as usual, or `FUZZ` times that (`npm run verify`). */
export function runs(usual: number): { numRuns: number } {
  return { numRuns: usual * Number(process.env.FUZZ ?? 1) };
}
