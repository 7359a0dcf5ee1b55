import { duration } from '../fleet/sentences.ts';
import { boundedReport } from './bounds.ts';
import type { Report } from './report.ts';
import { saidOnce } from './said-once.ts';
import { sentencesOf, waveReportsOf } from './sentences.ts';
import { type JudgedPod, silentSecondsOf, verdictOf } from './verdict.ts';

/**
 * What podtime answers who asks how a pod's time is, out of its last report: sentences, the verdict first, then what they are
 * made of, without the rows of hosts. Bounded whatever the fleet.
 */
export function statusOf(report: Report, pod: JudgedPod, nowMs: number) {
  const { level, sentence } = verdictOf(report, pod, nowMs);
  const looked = `podtime looked ${duration(silentSecondsOf(report, nowMs))} ago.`;
  const { mode, tickId, startedAtMs, endedAtMs, summary, clocks, changes, cycles, refusals, verdicts } =
    boundedReport(report);
  return {
    pod: report.pod,
    sentences: [sentence, looked, ...sentencesOf(report), nextSentence(report, pod)],
    level,
    summary,
    mode,
    tickId,
    startedAtMs,
    endedAtMs,
    ...(clocks && { clocks: saidOnce.clocks(clocks) }),
    changes,
    cycles: waveReportsOf(cycles),
    refusals: saidOnce.entries(refusals),
    verdicts: saidOnce.entries(verdicts),
  };
}

/** What podtime may do in each mode. */
const MAY: Record<Report['mode'], string> = {
  act: 'does what its rules allow',
  observe: 'changes nothing',
  hold: 'does nothing but withdraw servers that EC2 says are gone',
};

function nextSentence({ mode }: Report, { intervalSeconds }: JudgedPod): string {
  return `Next: podtime looks at least every ${duration(intervalSeconds)}, and in mode ${mode} ${MAY[mode]}.`;
}
