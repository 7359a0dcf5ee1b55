import { milliseconds } from '../diagnosis/milliseconds.ts';
import type { Pod } from '../fleet/fleet.ts';
import { count, duration, listed } from '../fleet/sentences.ts';
import { boundedReport } from './bounds.ts';
import type { HostReport, Report } from './report.ts';
import { saidOnce } from './said-once.ts';
import { sentencesOf, waveReportsOf } from './sentences.ts';

/** Whether a pod's time can be relied on: `good` where every host is confident, `not good` where a clock is known to be wrong. */
export type PodTime = 'good' | 'in doubt' | 'not good';

/** Of these hosts the clock is known to be wrong, or set by nobody. */
export const WRONG_STATES: readonly HostReport['state'][] = ['contradicted', 'adrift', 'unsynchronised', 'no-daemon'];

/** A run that died is made whole by the next, and a tick takes its time. */
const LATE_INTERVALS = 3;
const LATE_SECONDS = 60;

/** As much of a pod as its time is judged by. */
type Judged = Pick<Pod, 'intervalSeconds'> & { thresholds: Pick<Pod['thresholds'], 'errorBoundMs'> };

/**
 * What podtime answers who asks how a pod's time is, out of its last report: sentences, the verdict first, then what they are
 * made of, without the rows of hosts. Bounded whatever the fleet.
 */
export function statusOf(report: Report, pod: Judged, nowMs: number) {
  const { time, sentence } = podTimeOf(report, pod, nowMs);
  const { mode, tickId, startedAtMs, endedAtMs, summary, clocks, changes, cycles, refusals, verdicts } =
    boundedReport(report);
  return {
    pod: report.pod,
    sentences: [sentence, ...sentencesOf(report), nextSentence(report, pod)],
    time,
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

/** The verdict on a pod's time, with how wrong its clocks may be and how old it is. */
export function podTimeOf(report: Report, pod: Judged, nowMs: number): { time: PodTime; sentence: string } {
  const ago = Math.max(0, (nowMs - report.endedAtMs) / 1000);
  const looked = `podtime looked ${duration(ago)} ago`;
  const name = `The time of pod ${report.pod} is`;
  const late = LATE_INTERVALS * pod.intervalSeconds + LATE_SECONDS;
  if (ago > late) {
    return {
      time: 'in doubt',
      sentence: `${name} in doubt: ${looked}, its interval is ${duration(pod.intervalSeconds)}.`,
    };
  }
  const { hosts } = report;
  if (hosts.length === 0) return { time: 'in doubt', sentence: `${name} in doubt: no host is known; ${looked}.` };
  const wrong = hosts.filter(({ state }) => WRONG_STATES.includes(state));
  const unsure = hosts.filter(({ state, confident }) => !confident && !WRONG_STATES.includes(state));
  const bound = boundSentence(hosts, pod);
  if (wrong.length + unsure.length === 0) return { time: 'good', sentence: `${name} good: ${bound}; ${looked}.` };
  const parts = [
    wrong.length === 0 ? '' : `not good on ${share(wrong, hosts)}`,
    unsure.length === 0 ? '' : `in doubt on ${share(unsure, hosts)}`,
  ].filter(Boolean);
  const others = hosts.length === wrong.length + unsure.length ? '' : `; of the others ${bound}`;
  return {
    time: wrong.length > 0 ? 'not good' : 'in doubt',
    sentence: `${name} ${listed(parts)}${others}; ${looked}.`,
  };
}

/** What podtime may do in each mode. */
const MAY: Record<Report['mode'], string> = {
  act: 'does what its rules allow',
  observe: 'changes nothing',
  hold: 'does nothing but withdraw servers that EC2 says are gone',
};

function nextSentence({ mode }: Report, { intervalSeconds }: Judged): string {
  return `Next: podtime looks at least every ${duration(intervalSeconds)}, and in mode ${mode} ${MAY[mode]}.`;
}

/** `3 of 14 hosts (2 adrift, 1 no daemon)` */
function share(some: readonly HostReport[], hosts: readonly HostReport[]): string {
  const numbers = new Map<string, number>();
  for (const { state } of some) {
    const word = state === 'healthy' ? 'not confident' : state.replace('-', ' ');
    numbers.set(word, (numbers.get(word) ?? 0) + 1);
  }
  const states = [...numbers].map(([word, number]) => `${number} ${word}`);
  return `${some.length} of ${count(hosts.length, 'host')} (${states.join(', ')})`;
}

function boundSentence(hosts: readonly HostReport[], { thresholds }: Judged): string {
  const bounds = hosts.flatMap(({ confident, measures }) => (confident ? (measures.errorBoundMs ?? []) : []));
  if (bounds.length === 0) return 'no bound is known';
  const most = bounds.reduce((a, b) => Math.max(a, b));
  return `no clock is wrong by more than ${milliseconds(most)} (limit ${thresholds.errorBoundMs} ms)`;
}
