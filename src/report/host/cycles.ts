import { printable } from '../../fleet/printable.ts';
import { outcomeSentence, parseCycleOutcome } from '../../host/verdict.ts';
import { rawOutput } from '../raw-output.ts';
import type { Report } from '../report.ts';
import type { HostAnswer, Span } from './answers.ts';

/** A command that was to cycle a host, and what that said. */
export interface HostCycle {
  /** Epoch ms. */
  atMs: number;
  commandId: string;
  /** Why it was sent, as podtime wrote it beside the command; SSM keeps 100 characters. */
  reason: string;
  /** What came of it. */
  sentence: string;
  /** What the host printed; null: nothing that is kept. */
  output: string | null;
}

export function cycleOf(
  instanceId: string,
  { commandId, requestedAtMs, comment, status, output }: HostAnswer,
): HostCycle {
  const outcome = parseCycleOutcome(status, output);
  const [, reason = comment] = /^podtime \S+ cycle: (.*)$/s.exec(comment) ?? [];
  return {
    atMs: requestedAtMs,
    commandId,
    reason: printable(reason).text,
    sentence: outcome === null ? `${instanceId} is being cycled.` : outcomeSentence(instanceId, outcome),
    output: output === null || output === '' ? null : rawOutput(output),
  };
}

/** What the last tick did about a host, or why it did nothing, each a sentence. */
export function cyclingSentences(
  { cycles, verdicts, refusals }: Pick<Report, 'cycles' | 'verdicts' | 'refusals'>,
  instanceId: string,
): string[] {
  const of = ({ instanceIds }: { instanceIds: readonly string[] }) => instanceIds.includes(instanceId);
  return [
    ...cycles.filter(of).map(({ reason, outcome }) => `The last tick was to cycle it (${outcome}): ${reason}`),
    ...verdicts.filter(of).map(({ sentence }) => sentence),
    ...refusals.filter(({ subjects }) => subjects.includes(instanceId)).map(({ sentence }) => sentence),
  ];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** SSM keeps what hosts said for 30 days. */
const SSM_KEEPS_MS = 30 * DAY_MS;

/** A command takes minutes from its sending to the last host of its wave. */
const AROUND_MS = HOUR_MS;

/** When to look for commands that were to cycle it: the last day, and around its own stamp of `lookedAtMs` (epoch ms). */
export function askedSpans(lookedAtMs: number, cycledSecondsAgo: number | undefined): Span[] {
  const today = { fromMs: lookedAtMs - DAY_MS, toMs: null };
  const stampMs = cycledSecondsAgo === undefined ? null : lookedAtMs - cycledSecondsAgo * 1000;
  if (stampMs === null || stampMs - AROUND_MS > today.fromMs || lookedAtMs - stampMs > SSM_KEEPS_MS) return [today];
  return [today, { fromMs: stampMs - AROUND_MS, toMs: Math.min(stampMs + AROUND_MS, today.fromMs) }];
}
