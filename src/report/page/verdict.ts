import { milliseconds } from '../../diagnosis/milliseconds.ts';
import { TIER_PLURALS, type Tier } from '../../fleet/fleet.ts';
import { count, daysLeft } from '../../fleet/sentences.ts';
import { WRONG_STATES } from '../status.ts';
import { needsSomebody, type Seen } from './view.ts';
import { grouped } from './words.ts';

/** Whether a pod's time is good, in one sentence. */
export interface Verdict {
  level: 'good' | 'attention' | 'bad' | 'unknown';
  sentence: string;
  /** What the sentence rests on. */
  because: string;
}

/** So many intervals without a report are news: one may be missed, and a tick takes a part of the next. */
const LATE_INTERVALS = 3;

/** Of the hosts that answered: where more of them are wrong, and as many as are no chance, the pod is. */
const WRONG_SHARE = 0.05;
const LEAST_WRONG = 3;

/** Is this pod's time good? */
export function verdictOf({ pod, report, nowMs }: Omit<Seen, 'fleet'>): Verdict {
  const { hosts, summary, clocks } = report;
  const of = `pod ${pod.name}`;
  const silentSeconds = Math.floor((nowMs - report.startedAtMs) / 1000);
  if (silentSeconds > LATE_INTERVALS * pod.intervalSeconds) {
    const due = `it looks every ${daysLeft(pod.intervalSeconds)}`;
    return said(
      'unknown',
      `Nobody knows how the time of ${of} is.`,
      `podtime last looked ${daysLeft(silentSeconds)} ago; ${due}.`,
    );
  }
  if (summary.expected === 0)
    return said('unknown', `${upperFirst(of)} has no host that runs.`, 'There is no clock to look at.');
  if (summary.sampled === 0) {
    return said(
      'unknown',
      `Nobody knows how the time of ${of} is.`,
      `None of its ${count(summary.expected, 'host')} answered.`,
    );
  }
  const answered = `${grouped(summary.sampled)} of ${grouped(summary.expected)} hosts answered`;
  const needing = hosts.filter(needsSomebody);
  const wrong = needing.filter(({ state }) => WRONG_STATES.includes(state));
  const wrongServers = wrong.filter(({ tier }) => tier === 'boundary');
  if (wrongServers.length > 0) {
    return said(
      'bad',
      `Time in ${of} is not safe: ${tierCount(wrongServers.length, 'boundary')} ${are(wrongServers.length)} wrong.`,
      `${answered}.`,
    );
  }
  if (wrong.length >= LEAST_WRONG && wrong.length > summary.sampled * WRONG_SHARE) {
    return said('bad', `Time in ${of} is not good: ${grouped(wrong.length)} clocks are wrong.`, `${answered}.`);
  }
  const skew =
    clocks?.skew &&
    `no two of ${grouped(clocks.skew.hosts)} clocks differ by more than ${milliseconds(clocks.skew.skewMs)}`;
  const because = `${[answered, skew].filter(Boolean).join(', and ')}.`;
  if (needing.length === 0) return said('good', `Time in ${of} is good.`, because);
  const rest = `${grouped(summary.expected - needing.length)} of ${grouped(summary.expected)} hosts`;
  const needed = needing.length === 1 ? '1 host needs somebody' : `${grouped(needing.length)} hosts need somebody`;
  return said('attention', `Time in ${of} is good on ${rest}. ${needed}.`, because);
}

function said(level: Verdict['level'], sentence: string, because: string): Verdict {
  return { level, sentence, because };
}

function tierCount(number: number, tier: Tier): string {
  return number === 1 ? `1 ${TIER_PLURALS[tier].slice(0, -1)}` : `${grouped(number)} ${TIER_PLURALS[tier]}`;
}

function are(number: number): string {
  return number === 1 ? 'is' : 'are';
}

function upperFirst(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
