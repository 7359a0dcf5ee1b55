/**
 * What SSM's agent puts where it cut: the first (with a line feed of its own) in the output of a listed invocation,
 * the second in the longer one of a single invocation.
 */
const CUT_MARKS = ['\n---Output truncated---', '---Output truncated---', '--output truncated--'];

/** Found, or not, in a tenth of the time: rows are full of line feeds and minus signs. */
const IN_EACH_MARK = 'truncated--';

/** What a host printed, up to the mark of the agent's cut, if there is one. */
export function untilCut(output: string): { text: string; isCut: boolean } {
  if (!output.includes(IN_EACH_MARK)) return { text: output, isCut: false };
  const cuts = CUT_MARKS.map((mark) => output.indexOf(mark)).filter((at) => at >= 0);
  return cuts.length === 0 ? { text: output, isCut: false } : { text: output.slice(0, Math.min(...cuts)), isCut: true };
}
