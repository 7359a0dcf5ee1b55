import { sentence } from '../../fleet/sentences.ts';
import { limitedMode, type Mode, type ModeLimit, modeWords } from '../mode.ts';
import type { Refusal } from '../refusal.ts';
import { changeGroups } from './batches.ts';
import type { Cause, PlannedChange, RecordChange } from './changes.ts';

const PERMITTED_IN_HOLD: readonly Cause[] = ['gone', 'unknown', 'retired'];

/**
 * What a mode lets through: `act` all, `hold` only the withdrawal of servers that EC2 says are gone or does not know and of a
 * pod that an operator empties, `observe` nothing.
 * `limit` says why less than the operator's mode counts. The rest is said, so that a first deployment in `observe` shows what `act` would do.
 */
export function filterByMode(
  mode: Mode,
  planned: readonly PlannedChange[],
  limit?: ModeLimit,
): { changes: RecordChange[]; permitted: PlannedChange[]; refusals: Refusal[] } {
  const limited = limitedMode(mode, limit);
  const isPermitted = ({ cause }: PlannedChange) =>
    limited === 'act' || (limited === 'hold' && PERMITTED_IN_HOLD.includes(cause));
  const permitted = planned.filter(isPermitted);
  const refusals = planned
    .filter((entry) => !isPermitted(entry))
    .map(({ change }) => {
      const verb = change.action === 'DELETE' ? 'withdraw' : 'register';
      const what = `${verb} ${change.name} ${change.type} ${change.address}`;
      const why = sentence(
        `In ${modeWords(mode, limit)} podtime does not ${what}, as it would in mode act: ${change.reason}`,
      );
      const cause = `changes of records are left undone: in ${modeWords(mode, limit)} podtime does not ${verb} servers`;
      return { subject: change.name, rule: 'mode', sentence: why, cause };
    });
  return { changes: changeGroups(permitted.map(({ change }) => change)).flat(), permitted, refusals };
}
