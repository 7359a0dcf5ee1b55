import { isForgotten, type Memory, type RollOut, type WaveProgress } from '../plan/plan.ts';
import { verdictReportsOf } from '../report/compose.ts';
import type { HostVerdict } from '../report/report.ts';
import { orFault, type Run } from './observe.ts';
import type { SentCommand } from './ports.ts';

/** The clocks of SSM and of the function may differ by so much. */
export const SSM_CLOCKS_APART_MS = 60_000;

/** What the last waves came to so far. */
export interface LastWaves {
  /** As it was remembered, with the ids of commands that SSM's list shows to be a wave's. */
  memory: Memory;
  progress: WaveProgress[];
  /** What hosts of theirs said that were not cycled. */
  verdicts: HostVerdict[];
}

/**
 * Reads how the last waves' commands stand. A wave of which SSM says nothing has no progress. One that was perhaps sent is looked for
 * in SSM's list: found, it is read like any other; not found, it may run all the same, for the list lags.
 */
export async function readLastWaves(run: Run, remembered: Memory, faults: string[]): Promise<LastWaves> {
  const rollOuts = { ...remembered.rollOuts };
  const progress: WaveProgress[] = [];
  const verdicts: HostVerdict[] = [];
  for (const last of Object.values(remembered.rollOuts)) {
    const { tier } = last;
    const commands = await findIds(run, last, faults);
    rollOuts[tier] = { ...last, commands };
    const ids = commands.flatMap(({ commandId }) => commandId ?? []);
    const ofWave = ids.length === 0 ? null : await orFault(run.ports.commands.progress(run.pod, ids), faults);
    if (ofWave === null) continue;
    const { ended, isWhole, outcomes } = ofWave;
    const answers = outcomes.map(({ instanceId, kind, reason }) => ({ instanceId, kind, reason }));
    progress.push({ tier, ended, isWhole, answers });
    verdicts.push(...verdictReportsOf(tier, outcomes));
  }
  return { memory: { ...remembered, rollOuts }, progress, verdicts };
}

async function findIds(
  run: Run,
  { commands, waveId, startedAtMs }: RollOut,
  faults: string[],
): Promise<RollOut['commands']> {
  const isSure = commands.every(({ commandId }) => commandId !== null);
  // of a wave whose hosts are forgotten SSM's list proves nothing: it lags, and may lack a command
  if (isSure || isForgotten({ commands })) return commands;
  const found = await orFault(run.ports.commands.findWave(run.pod, waveId, startedAtMs - SSM_CLOCKS_APART_MS), faults);
  return withFound(commands, found ?? []);
}

/** Hosts that a command was found for are no longer among those that one was perhaps sent to. */
function withFound(commands: RollOut['commands'], found: readonly SentCommand[]): RollOut['commands'] {
  const known = new Set(commands.map(({ commandId }) => commandId));
  const unsure = new Set(commands.flatMap(({ commandId, instanceIds }) => (commandId === null ? instanceIds : [])));
  const more = found.filter(
    ({ commandId, instanceIds }) => !known.has(commandId) && instanceIds.some((id) => unsure.has(id)),
  );
  const reached = new Set(more.flatMap(({ instanceIds }) => instanceIds));
  const rest = commands.flatMap((command) => {
    if (command.commandId !== null) return command;
    const instanceIds = command.instanceIds.filter((id) => !reached.has(id));
    return instanceIds.length > 0 ? { commandId: null, instanceIds } : [];
  });
  return [...rest, ...more.map(({ commandId, instanceIds }) => ({ commandId, instanceIds }))];
}
