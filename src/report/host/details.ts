import type { Fleet, Pod } from '../../fleet/fleet.ts';
import type { HistoryObjects } from '../../history/reading.ts';
import type { Clock } from '../page/view.ts';
import type { Report } from '../report.ts';
import type { HostAnswer, HostAnswers } from './answers.ts';
import { askedSpans, cycleOf, cyclingSentences, type HostCycle } from './cycles.ts';
import { fileAgainstPolls, type HostFile } from './file.ts';
import { type HostHistory, hostHistory } from './history.ts';
import { type Printed, printedOf } from './printed.ts';

/** What is known of one clock beside its row of the report. */
export interface HostDetails {
  /** null: it is not known, and `unprinted` says why. */
  printed: Printed | null;
  unprinted: string | null;
  /** SSM's ids of the last look, by which its answer is fetched by hand. */
  commandIds: readonly string[];
  /** Commands of the last day that were to cycle it, and those around its own stamp, the newest first. */
  cycles: HostCycle[];
  /** What the last tick did about it, or why nothing, and what could not be read. */
  cycling: string[];
  file: HostFile;
  history: HostHistory;
}

/** Where details are read. */
export interface DetailPorts {
  history: Pick<HistoryObjects, 'list' | 'rowsOfHost' | 'hoursOfHost'>;
  answers: HostAnswers;
}

export interface AskedDetails {
  fleet: Fleet;
  pod: Pod;
  report: Report;
  clock: Clock;
}

/** Reads them, all at once. Never fails: what cannot be read is missing, and a sentence says so. */
export async function hostDetails(ports: DetailPorts, asked: AskedDetails): Promise<HostDetails> {
  const { fleet, pod, report, clock } = asked;
  const { instanceId } = clock;
  const [history, { printed, unprinted }, cycled] = await Promise.all([
    hostHistory(ports.history, {
      pod: pod.name,
      instanceId,
      toMs: report.endedAtMs,
      keptDays: pod.history.days,
    }),
    lastPrinted(ports.answers, report, instanceId),
    lastCycles(ports.answers, clock, report.startedAtMs),
  ]);
  const leftBehind = clock.stale?.addresses ?? [];
  return {
    printed,
    unprinted,
    commandIds: report.collectCommandIds,
    cycles: cycled.cycles,
    cycling: [...cyclingSentences(report, instanceId), ...cycled.faults],
    file: fileAgainstPolls({ fleet, pod, report }, { ...clock, leftBehind }, printed?.collected ?? null),
    history,
  };
}

async function lastPrinted(
  answers: HostAnswers,
  { collectCommandIds: ids }: Report,
  instanceId: string,
): Promise<Pick<HostDetails, 'printed' | 'unprinted'>> {
  if (ids.length === 0) return { printed: null, unprinted: 'The last look was sent to nobody.' };
  let answer: HostAnswer | null;
  try {
    answer = await answers.collected(ids, instanceId);
  } catch (error) {
    return { printed: null, unprinted: `SSM did not tell what it printed: ${messageOf(error)}.` };
  }
  const printed = printedOf(answer);
  if (printed !== null) return { printed, unprinted: null };
  const unprinted =
    answer === null
      ? 'SSM lists no answer of it to the last look; it keeps answers for 30 days.'
      : `It printed nothing at the last look: ${answer.status}.`;
  return { printed, unprinted };
}

/** What is shown of them. */
const MOST_CYCLES = 10;

async function lastCycles(
  answers: HostAnswers,
  { instanceId, cycledSecondsAgo }: Clock,
  lookedAtMs: number,
): Promise<{ cycles: HostCycle[]; faults: string[] }> {
  try {
    const spans = askedSpans(lookedAtMs, cycledSecondsAgo);
    const found = (await Promise.all(spans.map((span) => answers.cycled(instanceId, span)))).flat();
    return { cycles: found.slice(0, MOST_CYCLES).map((answer) => cycleOf(instanceId, answer)), faults: [] };
  } catch (error) {
    return { cycles: [], faults: [`SSM did not tell how it was cycled: ${messageOf(error)}.`] };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
