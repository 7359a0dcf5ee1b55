import type { RollOut } from './cycling/memory.ts';
import { endOfTurnMs } from './cycling/progress.ts';
import type { Memory } from './memory.ts';

/**
 * What is remembered, in which a time that lies ahead is now: a clock was set back since, or it is damaged. Else what waits for a time to
 * pass, as a cool-down or a wave's longest life, would wait as long as that lies ahead.
 */
export function withoutFuture(memory: Memory, nowMs: number): Memory {
  const past = (ms: number) => Math.min(ms, nowMs);
  const { unhealthySinceMs, unhealthy, withdrawn, unknownToEc2, cycles, rollOuts, undone, staleSinceMs } = memory;
  const rollOutOf = (rollOut: RollOut): RollOut => {
    const { startedAtMs, allBegunAtMs, atWorkUntilMs } = rollOut;
    return {
      ...rollOut,
      startedAtMs: past(startedAtMs),
      allBegunAtMs: allBegunAtMs && past(allBegunAtMs),
      atWorkUntilMs: atWorkUntilMs && Math.min(atWorkUntilMs, endOfTurnMs(nowMs)),
    };
  };
  return {
    ...memory,
    unhealthySinceMs: mapped(unhealthySinceMs, past),
    unhealthy: mapped(unhealthy, (proof) =>
      proof.keptMs === undefined ? proof : { ...proof, keptMs: past(proof.keptMs) },
    ),
    withdrawn: mapped(withdrawn, (entry) => ({ ...entry, sinceMs: past(entry.sinceMs) })),
    unknownToEc2: mapped(unknownToEc2, past),
    cycles: mapped(cycles, (times) => times.map(past)),
    rollOuts: mapped(rollOuts, rollOutOf),
    undone: mapped(undone, (entry) => ({ ...entry, atMs: past(entry.atMs) })),
    staleSinceMs: mapped(staleSinceMs, past),
  };
}

function mapped<Value>(values: { [key: string]: Value }, change: (value: Value) => Value): { [key: string]: Value } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
