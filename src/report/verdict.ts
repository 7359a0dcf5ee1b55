import { milliseconds } from '../diagnosis/milliseconds.ts';
import { type Pod, TIER_PLURALS, TIERS } from '../fleet/fleet.ts';
import { duration, listed } from '../fleet/sentences.ts';
import { URGENCY } from './fit.ts';
import { grouped, STATE_WORDS } from './page/words.ts';
import type { HostReport, Report } from './report.ts';
import { isOffAtStart, isWrong, needReader, offWords } from './standing.ts';

/** The worst first. */
export const VERDICT_LEVELS = ['bad', 'unknown', 'attention', 'good'] as const;

/** Whether a pod's time is good: the same for page, widget, list of pods and hand. Decision 0140. */
export interface Verdict {
  /** `bad`: a server tells the wrong time, or many clocks are wrong. `attention`: time is good, but not on every host. */
  level: (typeof VERDICT_LEVELS)[number];
  /** One or two sentences, with how wrong the clocks may be, and the limit. */
  sentence: string;
  /** What it rests on. */
  because: string;
}

/** As much of a pod as its time is judged by. */
export type JudgedPod = Pick<Pod, 'intervalSeconds'> & {
  thresholds: Pick<Pod['thresholds'], 'errorBoundMs' | 'offsetMs' | 'timeServiceOffsetMs'>;
};

/** A run that died is made whole by the next, and a tick takes its time. */
const LATE_INTERVALS = 3;
const LATE_SECONDS = 60;

/** Of the hosts that answered: where more of them are wrong, and as many as are no chance, the pod is; and where half of them are. */
const WRONG_SHARE = 0.05;
const LEAST_WRONG = 3;
const HALF = 0.5;

/** Is this pod's time good? By its last report, at a moment. */
export function verdictOf(report: Report, pod: JudgedPod, nowMs: number): Verdict {
  const { hosts, summary } = report;
  if (isLate(report, pod, nowMs)) {
    const silentSeconds = silentSecondsOf(report, nowMs);
    const looked = `podtime last looked ${duration(silentSeconds)} ago, and its interval is ${duration(pod.intervalSeconds)}`;
    return unknown(
      report.pod,
      looked,
      `A report is too old after ${duration(lateSecondsOf(pod))}: three intervals and a minute.`,
    );
  }
  if (summary.expected === 0) return unknown(report.pod, 'no host runs', 'There is no clock to look at.');
  if (summary.sampled === 0) {
    const silent =
      summary.expected === 1
        ? 'its one host did not answer'
        : `none of its ${grouped(summary.expected)} hosts answered`;
    return unknown(report.pod, silent, 'A host that is silent is unknown, never called wrong.');
  }
  const time = `Time in pod ${report.pod} is`;
  const because = becauseOf(report);
  const wrong = hosts.filter(isWrong);
  const sure = hosts.filter((host) => host.confident && !isWrong(host));
  const of = `${grouped(sure.length)} of ${grouped(summary.expected)} ${summary.expected === 1 ? 'host' : 'hosts'}`;
  const ofThese = boundWords(sure, pod, 'none of these');
  if (isPodWrong(wrong, summary.sampled)) {
    const others = sure.length === 0 ? '' : ` It is good on ${of}: ${ofThese}.`;
    return { level: 'bad', sentence: `${time} not good: ${wrongWords(wrong, hosts)}.${others}`, because };
  }
  if (sure.length === 0)
    return { level: 'attention', sentence: `${time} in doubt: ${of} are confident (${kindsOf(hosts)}).`, because };
  const { needing, atWork, starting } = byNeed(report);
  const off = starting.filter((host) => isOffAtStart(host, pod.thresholds));
  if (needing.length + off.length + atWork.length > 0) {
    const said = [neededWords(needing), atWorkWords(atWork), startingWords(starting, off, pod)].join('');
    const level = needing.length + off.length > 0 ? 'attention' : 'good';
    return { level, sentence: `${time} good on ${of}: ${ofThese}.${said}`, because };
  }
  const young = starting.length === 0 ? '' : `; ${onlyStart(starting.length)}`;
  return { level: 'good', sentence: `${time} good: ${boundWords(sure, pod, 'no clock')}${young}.`, because };
}

function byNeed(report: Report) {
  const needOf = needReader(report);
  const of = { somebody: [], podtime: [], time: [], nothing: [] } as Record<ReturnType<typeof needOf>, HostReport[]>;
  for (const host of report.hosts) of[needOf(host)].push(host);
  return { needing: of.somebody, atWork: of.podtime, starting: of.time };
}

function neededWords(needing: readonly HostReport[]): string {
  if (needing.length === 0) return '';
  const needed = needing.length === 1 ? '1 host needs somebody' : `${grouped(needing.length)} hosts need somebody`;
  return ` ${needed}: ${kindsOf(needing)}.`;
}

/** Cycled now, or once it is their turn. */
function atWorkWords({ length }: readonly HostReport[]): string {
  if (length === 0) return '';
  return ` podtime is at work on ${grouped(length)} stale ${length === 1 ? 'host' : 'hosts'}.`;
}

function startingWords(starting: readonly HostReport[], off: readonly HostReport[], { thresholds }: JudgedPod): string {
  if (starting.length === 0) return '';
  if (off.length === 0) return ` ${onlyStart(starting.length)}.`;
  const start = `${grouped(starting.length)} ${starting.length === 1 ? 'host starts' : 'hosts start'}`;
  const which =
    starting.length === 1 ? 'and is' : `${grouped(off.length)} of them ${off.length === 1 ? '' : 'up to '}`.trim();
  return ` ${start}, ${which} ${offWords(off, thresholds)}.`;
}

function onlyStart(hosts: number): string {
  return `${grouped(hosts)} only ${hosts === 1 ? 'starts' : 'start'}`;
}

/** Nobody has looked for so long that what the report says is no news. */
export function isLate(report: Report, pod: JudgedPod, nowMs: number): boolean {
  return silentSecondsOf(report, nowMs) > lateSecondsOf(pod);
}

/** How long ago podtime looked. */
export function silentSecondsOf({ endedAtMs }: Report, nowMs: number): number {
  return Math.max(0, (nowMs - endedAtMs) / 1000);
}

function lateSecondsOf({ intervalSeconds }: JudgedPod): number {
  return LATE_INTERVALS * intervalSeconds + LATE_SECONDS;
}

/** Of a pod whose report is not there, or cannot be read; `why`: a sentence. */
export function verdictWithoutReport(pod: string, why: string): Verdict {
  return unknown(pod, 'there is no report to go by', why);
}

function unknown(pod: string, why: string, because: string): Verdict {
  return { level: 'unknown', sentence: `Nobody knows how the time of pod ${pod} is: ${why}.`, because };
}

/** Clients follow servers, so one of these that is wrong is enough. */
function isPodWrong(wrong: readonly HostReport[], sampled: number): boolean {
  if (wrong.some(({ tier }) => tier === 'boundary')) return true;
  return (wrong.length >= LEAST_WRONG && wrong.length > sampled * WRONG_SHARE) || wrong.length > sampled * HALF;
}

/** `1 of 3 boundary servers and 2 of 42 clients are wrong (1 contradicted, 2 adrift), and 1 of 42 clients has no daemon running` */
function wrongWords(wrong: readonly HostReport[], hosts: readonly HostReport[]): string {
  const silent = (['unsynchronised', 'no-daemon'] as const).map((state) =>
    wrong.filter((host) => host.state === state),
  );
  const [unset = [], stopped = []] = silent;
  const lying = wrong.filter((host) => !silent.flat().includes(host));
  const said = [
    lying.length > 0 ? `${ofTiers(lying, hosts)} ${lying.length === 1 ? 'is' : 'are'} wrong (${kindsOf(lying)})` : '',
    unset.length > 0 ? `${ofTiers(unset, hosts)} ${unset.length === 1 ? 'is' : 'are'} unsynchronised` : '',
    stopped.length > 0 ? `${ofTiers(stopped, hosts)} ${stopped.length === 1 ? 'has' : 'have'} no daemon running` : '',
  ];
  return said.filter(Boolean).join(', and ');
}

function ofTiers(wrong: readonly HostReport[], hosts: readonly HostReport[]): string {
  const tiers = TIERS.flatMap((tier) => {
    const some = wrong.filter((host) => host.tier === tier).length;
    const all = hosts.filter((host) => host.tier === tier).length;
    const noun = all === 1 ? TIER_PLURALS[tier].slice(0, -1) : TIER_PLURALS[tier];
    return some === 0 ? [] : [`${grouped(some)} of ${grouped(all)} ${noun}`];
  });
  return listed(tiers);
}

/** `2 adrift, 1 not confident, 3 stale`: most urgent first; one that is stale beside its state is counted as that. */
function kindsOf(hosts: readonly HostReport[]): string {
  const numbers = new Map<string, number>();
  for (const host of hosts.toSorted((a, b) => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state))) {
    const word = kindOf(host);
    numbers.set(word, (numbers.get(word) ?? 0) + 1);
  }
  return [...numbers].map(([word, number]) => `${grouped(number)} ${word}`).join(', ');
}

function kindOf({ state, stale }: HostReport): string {
  if (state !== 'healthy' && !(state === 'starting' && stale !== undefined)) return STATE_WORDS[state];
  return stale === undefined ? 'not confident' : 'stale';
}

/** How wrong the clocks may be that are relied on. */
function boundWords(sure: readonly HostReport[], { thresholds }: JudgedPod, whose: string): string {
  const limit = `(limit ${thresholds.errorBoundMs} ms)`;
  const bounds = sure.flatMap(({ measures }) => measures.errorBoundMs ?? []);
  if (bounds.length === 0) return `no bound is known ${limit}`;
  const most = bounds.reduce((a, b) => Math.max(a, b));
  return `${whose} ${bounds.length === sure.length ? '' : 'whose bound is known '}is wrong by more than ${milliseconds(most)} ${limit}`;
}

function becauseOf({ summary, clocks }: Report): string {
  const answered = `${grouped(summary.sampled)} of ${grouped(summary.expected)} ${summary.expected === 1 ? 'host' : 'hosts'} answered`;
  const skew =
    clocks?.skew &&
    `no two of ${grouped(clocks.skew.hosts)} clocks differ by more than ${milliseconds(clocks.skew.skewMs)}`;
  return `${[answered, skew].filter(Boolean).join(', and ')}.`;
}
