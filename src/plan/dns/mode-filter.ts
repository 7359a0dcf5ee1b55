import { sentence } from '../../fleet/sentences.ts';
import { type Mode, modeWords } from '../mode.ts';
import type { Refusal } from '../refusal.ts';
import { changeGroups } from './batches.ts';
import type { Cause, PlannedChange, RecordChange } from './changes.ts';

const PERMITTED_IN_HOLD: readonly Cause[] = ['gone', 'unknown', 'retired'];

/**
 * What a mode lets through: `act` all, `hold` only the withdrawal of servers that EC2 says are gone or does not know and of a
 * pod that an operator empties, `observe` nothing.
 * `modeReason` says why the operator's mode does not count. The rest is said, so that a first deployment in `observe` shows what `act` would do.
 */
export function filterByMode(
  mode: Mode,
  planned: readonly PlannedChange[],
  modeReason?: string,
): { changes: RecordChange[]; permitted: PlannedChange[]; refusals: Refusal[] } {
  const isPermitted = ({ cause }: PlannedChange) =>
    mode === 'act' || (mode === 'hold' && PERMITTED_IN_HOLD.includes(cause));
  const permitted = planned.filter(isPermitted);
  const refusals = planned
    .filter((entry) => !isPermitted(entry))
    .map(({ change }) => {
      const verb = change.action === 'DELETE' ? 'withdraw' : 'register';
      const what = `${verb} ${change.name} ${change.type} ${change.address}`;
      const why = sentence(
        `In ${modeWords(mode, modeReason)} podtime does not ${what}, as it would in mode act: ${change.reason}`,
      );
      const cause = `changes of records are left undone: in ${modeWords(mode, modeReason)} podtime does not ${verb} servers`;
      return { subject: change.name, rule: 'mode', sentence: why, cause };
    });
  return { changes: changeGroups(permitted.map(({ change }) => change)).flat(), permitted, refusals };
}
