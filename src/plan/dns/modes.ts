import { sentence } from '../../fleet/sentences.ts';
import { changeGroups } from '../cycling/batches.ts';
import type { Mode, RecordChange, Refusal } from '../types.ts';
import type { Draft } from './publish.ts';

/**
 * What a mode lets through: `act` all, `hold` only the withdrawal of servers that EC2 says are gone, `observe` nothing.
 * The rest is told, so that a first deployment in `observe` shows what `act` would do.
 */
export function inMode(
  mode: Mode,
  drafts: readonly Draft[],
): { changes: RecordChange[]; allowed: Draft[]; refusals: Refusal[] } {
  const lets = (draft: Draft) => mode === 'act' || (mode === 'hold' && draft.cause === 'gone');
  const allowed = drafts.filter(lets);
  const refusals = drafts
    .filter((draft) => !lets(draft))
    .map(({ change }) => {
      const what = `${change.action} ${change.name} ${change.type} ${change.address}`;
      const why = sentence(`In mode ${mode} podtime does not ${what}, as it would in mode act: ${change.reason}`);
      return { subject: change.name, rule: 'mode', sentence: why };
    });
  return { changes: changeGroups(allowed.map((draft) => draft.change)).flat(), allowed, refusals };
}
