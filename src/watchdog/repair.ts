import { isSentWave, type Memory, type Mode, type Plan, rememberSent } from '../plan/plan.ts';
import { changeReportOf } from '../report/compose.ts';
import type { Report } from '../report/report.ts';
import {
  announce,
  applyChanges,
  faultsOf,
  isAnyRefused,
  isRefused,
  sendCycles,
  sentReportOf,
  sentWaveOf,
} from './apply.ts';
import { hasTimeToSend } from './budget.ts';
import { isModeKept, modeWatch } from './mode-kept.ts';
import type { Run } from './observe.ts';
import type { Changing } from './ports.ts';

const REST_UNDONE = 'The rest of the tick is left undone.';

/** What came of the plan. */
export interface Applied {
  report: Report;
  memory: Memory;
  /** The next minute's run does a whole tick. */
  unfinished: boolean;
  /** AWS refused a record change, or a command as a whole. */
  refused: boolean;
}

/** Without its intent written down nothing is sent. */
export function notDone(decided: Plan, planned: Report, why: string): Applied {
  return {
    report: {
      ...planned,
      changes: planned.changes.map((change) => ({ ...change, outcome: 'not done' })),
      cycles: planned.cycles.map((cycle) => ({ ...cycle, outcome: 'not done' })),
      faults: [...planned.faults, `${why}.`],
    },
    memory: rememberSent(decided.memory, decided.cycles, []),
    unfinished: true,
    refused: false,
  };
}

/**
 * Changes DNS, then cycles. The mode is read again before either, and while commands go out: an operator who says `hold` is heard within
 * the tick.
 *
 * @param changing null: DNS stays as it is
 * @param mode the operator's, when the tick looked
 * @param undone what the tick had no time for so far; what is left now is added
 */
export async function apply(
  run: Run,
  { changing, mode }: { changing: Changing | null; mode: Mode },
  decided: Plan,
  report: Report,
  undone: string[],
): Promise<Applied> {
  const { pod, tickId, deadline } = run;
  const faults = [...report.faults];
  const hasTime = () => hasTimeToSend(deadline);
  let changes = decided.changes.map((change) => changeReportOf(change, 'not done'));
  let isAnnounced = true;
  if (decided.changes.length > 0 && changing && (await isModeKept(run, mode, REST_UNDONE, faults))) {
    const dns = { ports: changing, pod, tickId };
    const applied = await applyChanges(dns, decided.changes, hasTime);
    changes = applied.map(({ change, outcome }) => changeReportOf(change, outcome));
    isAnnounced = await announce(dns, applied, faults);
  }
  const maySend = decided.cycles.length > 0 && (await isModeKept(run, mode, REST_UNDONE, faults));
  const isKept = modeWatch(run, mode, REST_UNDONE, faults);
  // asking takes time, too
  const mayGoOn = async () => hasTime() && (await isKept()) && hasTime();
  const sent = maySend ? await sendCycles(run, decided.cycles, mayGoOn) : [];
  faults.push(...faultsOf(sent));
  const isChangeRefused = isAnyRefused(changes);
  // for lack of time, or as the mode changed or could not be read: one that forbids them leaves the next tick nothing to do
  const isAnyLeft = sent.length < decided.cycles.length || changes.some(({ outcome }) => outcome === 'not done');
  if (!hasTime()) undone.push(...undoneSentences(changes, maySend ? decided.cycles.length - sent.length : 0));
  const memory = rememberSent(decided.memory, decided.cycles, sent.map(sentWaveOf));
  // of what was not sent, or perhaps not, no short run can find out
  const isSent = decided.cycles.every(({ tier }) => isSentWave(memory.rollOuts[tier]));
  return {
    report: {
      ...report,
      changes,
      cycles: decided.cycles.map((command, index) => sentReportOf(command, sent[index])),
      faults: [...faults, ...undone.filter((sentence) => !faults.includes(sentence))],
    },
    memory,
    unfinished: decided.unfinished || isAnyLeft || !isSent || !isAnnounced || isChangeRefused || undone.length > 0,
    refused: isChangeRefused || sent.some(isRefused),
  };
}

/** What was left for lack of time, and is due again at the next minute. */
function undoneSentences(changes: Report['changes'], cycles: number): string[] {
  const records = changes.filter(({ outcome }) => outcome === 'not done').length;
  const parts = [
    ...(records > 0 ? [`${records} of ${changes.length} record changes`] : []),
    ...(cycles > 0 ? [`${cycles} cycle commands`] : []),
  ];
  return parts.length === 0 ? [] : [`The tick had no time left for ${parts.join(' and ')}; the next minute does them.`];
}
