import type { CollectAnswer, Collection, Commands } from '../../src/watchdog/ports.ts';
import { BLUE } from './endpoint-fleet.ts';

/** Collects from pod blue, and waits for all that its hosts answer. */
export async function collectAll(
  commands: Commands,
  instanceIds: string[] | null,
  waitSeconds: number,
): Promise<Collection & { answers: CollectAnswer[] }> {
  const answers: CollectAnswer[] = [];
  const hear = (page: CollectAnswer[]) => void answers.push(...page);
  const collection = await commands.collect(BLUE, instanceIds, 'podtime test', { waitSeconds }, hear);
  return { ...collection, answers };
}
