/** A report as it was stored: nothing of it is checked yet. */
export type StoredReport = Record<string, unknown>;

/** A tick of version 1 ran for so long at the most: the watchdog's function was given 180 s. */
const LONGEST_TICK_MS = 180_000;

/**
 * A report of version 1 as one of version 2. Whatever is not as version 1 has it is left for the reader to find.
 *
 * | version 1                              | version 2 |
 * | -------------------------------------- | --------- |
 * | -                                      | `untilMs`: as long as a tick could run |
 * | a cycle, a roll-out without a wave's id | `waveId` empty: no host has begun it |
 * | a roll-out is its last wave             | no wave counted, no host failed before; a sentence only where it stopped |
 * | `undoneAtMs`                           | forgotten: who decided against it is asked again |
 * | `unknownToEc2`: ids                    | forgotten: learned by a filter, which is no proof. They are asked for again |
 * | what version 2 began to remember       | empty |
 */
export function upgradeReport(stored: StoredReport): StoredReport {
  const { startedAtMs, cycles, memory } = stored;
  return {
    ...stored,
    version: 2,
    untilMs: typeof startedAtMs === 'number' ? startedAtMs + LONGEST_TICK_MS : startedAtMs,
    cycles: Array.isArray(cycles) ? cycles.map((cycle) => ({ waveId: '', ...cycle })) : cycles,
    memory: isGroup(memory) ? upgradeMemory(memory) : memory,
  };
}

function upgradeMemory(memory: StoredReport): StoredReport {
  const { undoneAtMs: _, rollOuts, ...kept } = memory;
  return {
    starting: {},
    undone: {},
    ...kept,
    unknownToEc2: {},
    rollOuts: isGroup(rollOuts)
      ? Object.fromEntries(Object.entries(rollOuts).map(([tier, rollOut]) => [tier, upgradeRollOut(rollOut)]))
      : rollOuts,
  };
}

function upgradeRollOut(rollOut: unknown): unknown {
  if (!isGroup(rollOut)) return rollOut;
  return { waveId: '', failed: [], waves: 0, ...rollOut, sentence: rollOut.stopped === true ? rollOut.sentence : null };
}

export function isGroup(value: unknown): value is StoredReport {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
