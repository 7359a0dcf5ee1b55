import { WITNESSES_WANTED } from '../diagnosis/convictions.ts';
import { milliseconds } from '../diagnosis/milliseconds.ts';
import { TIER_PLURALS } from '../fleet/fleet.ts';
import { boundedSentences, fewOf, gather, gatheredSentences, type Notice } from '../fleet/gathering.ts';
import { count } from '../fleet/sentences.ts';
import { URGENCY } from './fit.ts';
import { leapSentences } from './leap.ts';
import type { HostReport, Report, Staleness } from './report.ts';
import { textOf } from './texts.ts';
import { votesSentences } from './votes.ts';

/** The report as plain sentences, most urgent first, bounded whatever the fleet; what an operator reads at 3 a.m. */
export function sentencesOf(report: Report): string[] {
  return boundedSentences([
    headSentence(report),
    ...report.faults,
    ...(report.clocks?.contradicted ?? []),
    ...changeSentences(report.changes),
    ...waveSentencesOf(report.cycles),
    ...report.verdicts.map((verdict) => verdict.sentence),
    ...report.refusals.map((refusal) => refusal.sentence),
    ...hostSentences(saidOf(report.hosts, report)),
    ...leapSentences(report.leap),
    ...clockSentences(report.clocks),
  ]);
}

/** How many there are and how they are. */
export function headSentence({ pod, mode, dryRun, summary }: Report): string {
  const { expected, sampled, confident, stale, unknown } = summary;
  return (
    `Pod ${pod}, mode ${mode}${dryRun ? ', dry run' : ''}: ${count(sampled, 'host')} of ${expected} answered, ` +
    `${confident} confident, ${stale} stale, ${unknown} unknown.`
  );
}

/** What is so while nothing is wrong: whom nobody could contradict, and how far the clocks may be apart. */
function clockSentences(clocks: Report['clocks']): string[] {
  if (clocks === undefined) return [];
  const { skew, unwitnessed, votes = [] } = clocks;
  const sentences: string[] = [];
  if (unwitnessed.length > 0) {
    const [are, it] = unwitnessed.length === 1 ? ['is', 'it'] : ['are', 'each'];
    const servers = count(unwitnessed.length, 'boundary server');
    sentences.push(
      `${servers} ${are} unwitnessed (${fewOf(unwitnessed)}): fewer than ${WITNESSES_WANTED} clients, or fewer than a quarter of those that hear ${it}, compare ${it} with other sources.`,
    );
  }
  if (skew !== undefined) {
    const over = `over ${skew.hosts} of ${count(skew.of, 'host')}`;
    sentences.push(
      `Skew: no two clocks differ by more than ${milliseconds(skew.skewMs)} (${over}), while each host's majority is honest.`,
    );
  }
  return [...sentences, ...votesSentences(votes)];
}

/** As much of a host as its sentences say, of a report or of a live look. */
type SaidHost = Pick<HostReport, 'instanceId' | 'tier' | 'az' | 'state' | 'sentence'> & {
  confident?: boolean;
  cause?: string | null | undefined;
  /** Why it is, or is not, confident. */
  confidence?: string | null | undefined;
  stale?: Staleness | null | undefined;
};

/** Rows of a report with what is said of them put back. */
export function saidOf(
  rows: readonly HostReport[],
  { staleness, texts }: Pick<Report, 'staleness' | 'texts'>,
): SaidHost[] {
  return rows
    .filter(({ state, confident, stale }) => state !== 'healthy' || !confident || stale !== undefined)
    .map(({ stale, cause, confidence, ...row }) => ({
      ...row,
      stale: staleness[stale ?? -1],
      cause: texts[cause ?? -1],
      confidence: confidence && textOf(confidence, texts),
    }));
}

/**
 * What is to be said of hosts, gathered by cause; nothing of healthy ones. The most urgent first, as `URGENCY` has it, and a stale host
 * before one of which nothing is known; of equals boundary servers before clients.
 */
export function hostSentences(hosts: readonly SaidHost[]): string[] {
  return gatheredSentences(hosts.flatMap(hostNotices).toSorted((a, b) => a.rank - b.rank));
}

/** What a live look says; also that nothing is wrong. `faults`: what could not be looked at. `clocks`: of a look at the whole pod. */
export function lookSentences(
  pod: string,
  { expected, sampled, confident }: Report['summary'],
  faults: readonly string[],
  hosts: readonly SaidHost[],
  clocks?: Report['clocks'],
): string[] {
  const wrong = [...faults, ...(clocks?.contradicted ?? []), ...hostSentences(hosts)];
  if (wrong.length > 0) return boundedSentences([...wrong, ...clockSentences(clocks)]);
  if (expected === 0) return [`Pod ${pod} has no host that runs.`];
  return [
    `Pod ${pod}: ${count(sampled, 'host')} of ${expected} answered, ${confident} confident, and nothing is wrong.`,
    ...clockSentences(clocks),
  ];
}

const STALE_RANK = URGENCY.indexOf('unknown') - 0.5;

interface RankedNotice extends Notice {
  rank: number;
}

function hostNotices(host: SaidHost): RankedNotice[] {
  const { instanceId, tier, az, state, sentence, confident, cause, confidence, stale } = host;
  const who = `${instanceId} (${tier}, ${az})`;
  const several = TIER_PLURALS[tier];
  const rankOf = (urgency: number) => urgency + (tier === 'boundary' ? 0 : 0.25);
  const notices: RankedNotice[] = [];
  if (state !== 'healthy') {
    const words = stateWords(state);
    notices.push({
      rank: rankOf(URGENCY.indexOf(state)),
      subject: instanceId,
      sentence: `${who} is ${words}: ${sentence}`,
      cause: cause ? `${several} are ${words}: ${cause}` : undefined,
    });
  }
  if (state === 'healthy' && confident === false) {
    notices.push({
      rank: rankOf(URGENCY.indexOf('degraded') + 0.5),
      subject: instanceId,
      sentence: `${who} is ${confidence ?? 'not confident.'}`,
      cause: `${several} are not confident`,
    });
  }
  if (stale) {
    const how = stale.rule === 'left-behind' ? 'left behind by' : 'they poll no address of';
    const why = `${several} are stale: ${how} ${stale.names.join(', ')}`;
    const stands = `${who} is stale: ${stale.sentence}`;
    notices.push({ rank: rankOf(STALE_RANK), subject: instanceId, sentence: stands, cause: why });
  }
  return notices;
}

/** What is done to DNS is said record by record, while it is as much as some servers' coming and going. */
const CHANGES_SAID = 12;

/** Record changes, done or not. More of them that came to the same are counted. */
export function changeSentences(changes: Report['changes']): string[] {
  const notices = changes.map((change): Notice => {
    const [status = ''] = change.outcome.split(':', 1);
    const verb = change.action === 'DELETE' ? 'withdraw' : 'register';
    return {
      subject: recordOf(change),
      sentence: changeSentence(change),
      cause: `records to ${verb}: ${status}`,
      example: `${change.reason}: ${change.outcome}`,
    };
  });
  return gather(notices, undefined, CHANGES_SAID).map(({ sentence }) => sentence);
}

function recordOf({ name, type, address, setIdentifier }: ChangedRecord): string {
  return `${name} ${type} ${address} (${setIdentifier})`;
}

type ChangedRecord = Omit<Report['changes'][number], 'ttlSeconds'>;

/** One record change, done or not. */
function changeSentence(change: ChangedRecord): string {
  const verb = change.action === 'DELETE' ? 'Withdraw' : 'Register';
  return `${verb} ${recordOf(change)}, ${change.reason}: ${change.outcome}.`;
}

/** Commands of one tier and reason that came to the same, as an answer tells of them. */
export interface WaveReport {
  tier: Report['cycles'][number]['tier'];
  reason: string;
  /** The first command's. */
  outcome: Report['cycles'][number]['outcome'];
  hosts: number;
  /** Some of them. */
  instanceIds: string[];
  commands: number;
  /** Some of SSM's. */
  commandIds: string[];
}

/** As many ids as one command of SSM takes. */
const IDS_SHOWN = 50;

/** The cycles of a report, bounded whatever the size of a wave. */
export function waveReportsOf(cycles: Report['cycles']): WaveReport[] {
  const waves = new Map<string, WaveReport>();
  for (const { tier, reason, outcome, instanceIds, commandIds } of cycles) {
    const [status = ''] = outcome.split(':', 1);
    const key = [tier, reason, status].join('\n');
    const wave = waves.get(key) ?? { tier, reason, outcome, hosts: 0, instanceIds: [], commands: 0, commandIds: [] };
    wave.hosts += instanceIds.length;
    wave.commands += 1;
    wave.instanceIds.push(...instanceIds.slice(0, IDS_SHOWN - wave.instanceIds.length));
    wave.commandIds.push(...commandIds.slice(0, IDS_SHOWN - wave.commandIds.length));
    waves.set(key, wave);
  }
  return [...waves.values()];
}

/** What is said of commands that were sent, or not. */
export function waveSentencesOf(cycles: Report['cycles']): string[] {
  return waveReportsOf(cycles).map(waveSentence);
}

function waveSentence({ tier, reason, outcome, hosts, instanceIds, commands }: WaveReport): string {
  const names = hosts === instanceIds.length ? fewOf(instanceIds) : `${instanceIds[0]} and ${hosts - 1} more`;
  const several = commands > 1 ? ` by ${commands} commands` : '';
  return `Cycle ${hosts} ${hosts === 1 ? tier : TIER_PLURALS[tier]} (${names})${several}, ${reason}: ${outcome}.`;
}

function stateWords(state: HostReport['state']): string {
  if (state === 'holdover') return 'in holdover';
  return state === 'no-daemon' ? 'unsynchronised (no daemon)' : state;
}
