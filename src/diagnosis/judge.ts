import { type Host, type Pod, TIME_SERVICE_ADDRESSES } from '../fleet/fleet.ts';
import type { PublishedRecord } from '../fleet/records.ts';
import { count } from '../fleet/sentences.ts';
import type { Collected, DaemonKind } from '../host/collected.ts';
import { failureIn } from '../ntp/lines.ts';
import { CHECKS, type Finding } from './checks.ts';
import { type Confidence, confidenceOf } from './confidence.ts';
import { daemonNamed, type Facts, factsOf, NOTHING_MEASURED, polledAddresses } from './facts.ts';
import { type Judgement, type Sighting, STATES, type State } from './judgement.ts';
import { milliseconds } from './milliseconds.ts';
import { namesOfConfident, viewPod } from './pod-view.ts';
import { followingOf, NOT_FOLLOWED } from './stale.ts';

/** What a pod's hosts are judged against. */
export interface JudgeContext {
  pod: Pod;
  /** The pod's instances, whatever their state. */
  hosts: readonly Host[];
  /** Records of the pod's names; null when the zone could not be read: then nobody can be called stale. */
  records: readonly PublishedRecord[] | null;
  /** The revision of the file that podtime serves this host for this daemon; null = not known. */
  expectedRevision: (host: Host, daemon: DaemonKind) => string | null;
  /** The last report's `unjoined` memory: instance id -> names. */
  unjoinedBefore: Readonly<Record<string, readonly string[]>>;
}

/** One host's clock, before DNS is looked at. */
interface Verdict {
  sighting: Sighting;
  /** null: no daemon answered. */
  facts: Facts | null;
  state: State;
  sentence: string;
  remarks: string[];
  confidence: Confidence;
}

/**
 * Judges all hosts of a pod that were looked at in one tick, in their order. Two passes: first every clock by itself,
 * then, with the boundary servers that proved confident, who of the clients DNS has left behind.
 *
 * Pure, and total: it throws for no sighting, and one host never changes the judgement of another, but by the
 * confidence of a boundary server.
 */
export function judgeAll(sightings: readonly Sighting[], context: JudgeContext): Judgement[] {
  const { pod, hosts, records } = context;
  const verdicts = sightings.map((sighting) => judgeClock(sighting, context));
  const confident = new Set(
    verdicts.filter(({ confidence }) => confidence.confident).map(({ sighting }) => sighting.host.instanceId),
  );
  const view = viewPod(pod, hosts, records ?? []);
  const confidentNames = namesOfConfident(pod, hosts, records ?? [], confident);
  return verdicts.map((verdict) => {
    const { host, collected } = verdict.sighting;
    const before = context.unjoinedBefore[host.instanceId] ?? [];
    const following =
      verdict.facts === null || verdict.state === 'unknown' || records === null
        ? NOT_FOLLOWED
        : followingOf(verdict.facts, host, pod, view, confidentNames, before);
    return {
      host,
      state: verdict.state,
      sentence: verdict.sentence,
      remarks: [...verdict.remarks, ...following.remarks],
      confident: verdict.confidence.confident,
      confidence: verdict.confidence.sentence,
      measures: verdict.facts?.measures ?? { ...NOTHING_MEASURED, ageSeconds: collected?.ageSeconds ?? null },
      stale: following.stale,
      unjoinedNames: following.unjoinedNames,
      unmanaged: following.unmanaged,
      leapAnnounced: verdict.facts?.leap === 'add' || verdict.facts?.leap === 'delete',
      polled: verdict.facts === null ? [] : polledAddresses(verdict.facts.sources),
      cycledSecondsAgo: collected?.cycledSecondsAgo ?? null,
    };
  });
}

function judgeClock(sighting: Sighting, { pod, expectedRevision }: JudgeContext): Verdict {
  const { host, collected, status } = sighting;
  if (collected === null) {
    const sentence =
      status === 'Success'
        ? 'SSM says Success, but what came back is not what the collect document prints.'
        : `SSM has no answer from it (${status}).`;
    return unheard(sighting, 'unknown', sentence);
  }
  if (collected.daemon === null) {
    const found = collected.found.replace(/^none\s*/, '');
    return unheard(sighting, 'no-daemon', `the agent answers, but no time daemon runs${found && `: ${found}`}.`);
  }
  const failure = collected.faults.find(({ text }) => failureIn(text) !== null);
  if (failure !== undefined && toldNothing(collected)) {
    const sentence = `${daemonNamed(collected.daemon)} is there, but does not answer: ${failure.text}.`;
    return unheard(sighting, 'no-daemon', sentence);
  }
  const facts = factsOf(collected, collected.daemon, host, {
    thresholds: pod.thresholds,
    expectedRevision: expectedRevision(host, collected.daemon.kind),
    timeService: TIME_SERVICE_ADDRESSES,
  });
  const confidence = confidenceOf(facts);
  const findings = CHECKS.map((check) => check(facts)).filter((finding) => finding !== null);
  const starting = startingFinding(facts, confidence);
  const shown = starting === null ? findings : [starting, ...findings.filter(({ settles }) => settles !== true)];
  const [first] = [...shown]
    .filter((finding): finding is Finding & { state: State } => finding.state !== null)
    .sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state));
  return {
    sighting,
    facts,
    state: first?.state ?? 'healthy',
    sentence: first?.sentence ?? healthySentence(facts),
    remarks: shown.filter((finding) => finding !== first).map(({ sentence }) => sentence),
    confidence,
  };
}

/** A young daemon that is not yet confident: `.INIT.`, `.STEP.` and the leap alarm are normal here. */
function startingFinding({ measures, daemon, thresholds }: Facts, confidence: Confidence): Finding | null {
  const { ageSeconds } = measures;
  if (confidence.confident || ageSeconds === null || ageSeconds >= thresholds.startingSeconds) return null;
  const why =
    confidence.lacking.length > 0
      ? `: ${confidence.lacking.join('; ')}`
      : ` (at least ${thresholds.confidentAgeSeconds} s wanted)`;
  return {
    state: 'starting',
    sentence: `${daemon} is ${ageSeconds} s old (limit ${thresholds.startingSeconds} s) and not yet confident${why}.`,
  };
}

function healthySentence({ measures, thresholds, usableAtLeast }: Facts): string {
  const parts = [
    measures.offsetMs === null
      ? 'offset not known'
      : `offset ${milliseconds(measures.offsetMs)} (limit ${thresholds.offsetMs} ms)`,
    measures.errorBoundMs === null
      ? 'error bound not known'
      : `error bound ${milliseconds(measures.errorBoundMs)} (limit ${thresholds.errorBoundMs} ms)`,
    `${measures.usableSources === null ? 'at least ' : ''}${count(usableAtLeast, 'usable source')}`,
  ];
  return `${parts.join(', ')}.`;
}

/** A host whose daemon said nothing. */
function unheard(sighting: Sighting, state: State, sentence: string): Verdict {
  const confidence = { confident: false, sentence: `not confident: ${sentence}`, lacking: [] };
  return { sighting, facts: null, state, sentence, remarks: [], confidence };
}

/** Neither state nor sources, and not because the output was cut. */
function toldNothing({ system, sources, truncated }: Collected): boolean {
  const silent = system === null || (system.leap === null && system.stratum === null && system.offsetMs === null);
  return silent && sources.length === 0 && !truncated;
}
