import { isUnderWay, parseCycleOutcome } from '../host/verdict.ts';
import type { CollectAnswer, CommandProgress } from '../watchdog/ports.ts';
import { type CommandList, isCounted, isEnded } from './command-list.ts';

/**
 * How these commands stand together, read now. SSM's list of answers lags behind the counts of its list of commands, and either may not
 * show a command (yet): too new, or older than the 30 days for which SSM keeps it. Then the progress is not whole.
 *
 * Throws when a list could not be read.
 */
export async function commandProgress(list: CommandList, commandIds: readonly string[]): Promise<CommandProgress> {
  const progress: CommandProgress = { ended: true, isWhole: true, failed: 0, outcomes: [] };
  for (const commandId of commandIds) {
    const command = await list.command(commandId);
    const answers = command ? await readAnswers(list, commandId) : [];
    const { TargetCount = 0, CompletedCount = 0, ErrorCount = 0 } = command ?? {};
    const isWhole =
      command !== null && answers.length >= TargetCount && answers.filter(isCounted).length >= CompletedCount;
    progress.isWhole &&= isWhole;
    progress.ended &&= isWhole && isEnded(command);
    progress.failed += ErrorCount;
    for (const { instanceId, status, output } of answers) {
      const outcome = parseCycleOutcome(status, output);
      if (outcome) progress.outcomes.push({ instanceId, ...outcome });
    }
  }
  return progress;
}

/** Each host once: a page may show a host again that an earlier one showed. */
async function readAnswers(list: CommandList, commandId: string): Promise<CollectAnswer[]> {
  const answers = new Map<string, CollectAnswer>();
  for await (const page of list.answers(commandId)) {
    for (const answer of page) {
      const before = answers.get(answer.instanceId);
      if (before === undefined || isUnderWay(before.status)) answers.set(answer.instanceId, answer);
    }
  }
  return [...answers.values()];
}
