import type { Judgement } from '../diagnosis/judgement.ts';
import { type RecordedTick, rowsOfTick } from '../history/rows.ts';
import type { Report } from '../report/report.ts';
import { type Observation, orFault, type Run } from './observe.ts';
import type { Histories } from './ports.ts';

type HistoryRun = Run & { ports: { histories: Histories } };

/**
 * Keeps a row of each host in the history, and one of each while no tick ran. Answers up to which tick the history is whole, when that began
 * (epoch ms), where it is not this one: the next tells the gap. Decision 0112.
 *
 * @param judgements null: the hosts were not seen
 */
export async function record(
  run: HistoryRun,
  { startedAtMs, faults }: Pick<Report, 'startedAtMs' | 'faults'>,
  observed: Observation,
  judgements: readonly Judgement[] | null,
): Promise<number | undefined> {
  const { records } = observed;
  const lastRecordedMs = await lastRecorded(run, observed, faults);
  const isKept = await keepRows(run, { startedAtMs, judgements, records, lastRecordedMs }, faults);
  return isKept ? undefined : (lastRecordedMs ?? undefined);
}

async function keepRows(
  { ports, pod, tickId }: HistoryRun,
  {
    judgements,
    ...tick
  }: Omit<RecordedTick, 'pod' | 'tickId' | 'judgements'> & { judgements: readonly Judgement[] | null },
  faults: string[],
): Promise<boolean> {
  if (judgements === null) return false;
  if (judgements.length === 0) return true;
  const named = { pod: pod.name, tickId, startedAtMs: tick.startedAtMs };
  // within what may fail: whatever is wrong with rows costs the history alone
  const write = async () => ports.histories.write(named, rowsOfTick({ ...tick, pod, tickId, judgements }));
  return (
    (await orFault(
      write().then(() => true),
      faults,
    )) ?? false
  );
}

/** A tick that died may have kept its rows before. */
async function lastRecorded(
  { ports, pod }: HistoryRun,
  { last, dead }: Observation,
  faults: string[],
): Promise<number | null> {
  const recordedMs = last?.state.recordedMs ?? last?.state.last?.startedAtMs ?? null;
  if (dead === null) return recordedMs;
  const { tickId, startedAtMs } = dead;
  const isThere = await orFault(ports.histories.has({ pod: pod.name, tickId, startedAtMs }), faults);
  return isThere === true && startedAtMs > (recordedMs ?? 0) ? startedAtMs : recordedMs;
}
