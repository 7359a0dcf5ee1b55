import type { Judgement } from '../../src/diagnosis/judgement.ts';
import type { Skew } from '../../src/diagnosis/skew.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
import type { Truth } from './truth.ts';

/** What one tick says of the pod's clocks, and what was so when they were looked at. */
export interface JudgedClocks {
  pod: Pod;
  judgements: readonly Judgement[];
  skew: Skew | null;
  /** A leap second is near: clocks that follow several smear classes are in no skew. */
  isAroundLeap: boolean;
  /** Of who answered. */
  truths: ReadonlyMap<string, Truth>;
}

/** A rule that holds for every tick: the sentences that say where it does not. Written without a look at src/diagnosis. */
export interface ClockRule {
  name: string;
  broken: (judged: JudgedClocks) => string[];
}

/** Less is the arithmetic's. */
const NOISE_MS = 1e-6;
/** A daemon that is so old does not start any more. */
const STARTED_SECONDS = 600;
/** What was heard so lately is fresh whatever its poll; of what was heard longer ago, as where packets are lost, a witness may say nothing. */
const FRESH_SECONDS = 900;
/** To tell who is wrong. */
const FEWEST_CLOCKS = 3;
/** Of a measurement by itself, in this world: half of the delay, the jitter, and 15 ppm of its age. */
const MEASURED_WITHIN_MS = 0.35;
const PHI_MS_PER_SECOND = 0.015;

const eachKnown = (
  { judgements, truths }: JudgedClocks,
  broken: (judgement: Judgement, truth: Truth) => string | null,
) =>
  judgements.flatMap((judgement) => {
    const truth = truths.get(judgement.host.instanceId);
    return truth === undefined ? [] : (broken(judgement, truth) ?? []);
  });

/** It says what is so, and all that it could follow were true to within their own distance when its clock was set. */
function isSound({ isLying, isSoundlySet }: Truth): boolean {
  return !isLying && isSoundlySet === true;
}

/** So near to what is so that a witness may not accuse it. */
function isNear(heard: { errorMs: number; whenSeconds: number }, limitMs: number): boolean {
  return heard.errorMs <= limitMs / 2 + MEASURED_WITHIN_MS + PHI_MS_PER_SECOND * heard.whenSeconds;
}

/** What an honest witness could say of the server: `testifies` and is right, or perhaps not. */
function isSoundWitness({ isLying, ageSeconds, isSoundlySet, heard }: Truth, limitMs: number): boolean {
  const near = [...heard.values()].filter((each) => isNear(each, limitMs)).length;
  const isHeardByMost = near * 2 > heard.size && heard.size >= FEWEST_CLOCKS;
  return !isLying && isSoundlySet !== null && ageSeconds >= STARTED_SECONDS && isHeardByMost;
}

export const CLOCK_RULES: readonly ClockRule[] = [
  {
    name: 'bound',
    broken: (judged) =>
      eachKnown(judged, ({ host, measures: { errorBoundMs } }, truth) => {
        const errorMs = Math.abs(truth.errorMs);
        if (errorBoundMs === null || !isSound(truth) || errorMs <= errorBoundMs + NOISE_MS) return null;
        return `${host.instanceId} is ${errorMs} ms off, and its bound is ${errorBoundMs} ms`;
      }),
  },
  {
    name: 'skew',
    broken: (judged) => {
      const errors = judged.judgements.flatMap(({ host, measures: { errorBoundMs } }) => {
        const truth = judged.truths.get(host.instanceId);
        return truth !== undefined && isSound(truth) && errorBoundMs !== null ? [truth.errorMs] : [];
      });
      const differMs = Math.max(...errors) - Math.min(...errors);
      const { skew, isAroundLeap } = judged;
      const isUntold = skew === null && isAroundLeap;
      if (errors.length < 2 || isUntold || (skew !== null && differMs <= skew.skewMs + NOISE_MS)) return [];
      return [`two clocks differ by ${differMs} ms, and the skew is ${skew?.skewMs} ms`];
    },
  },
  {
    name: 'contradicted',
    broken: (judged) => {
      const { judgements, truths, pod } = judged;
      const { disagreementMs } = pod.thresholds;
      const clients = judgements.filter(({ host }) => host.tier === 'client');
      return judgements.flatMap(({ host: { instanceId }, findings }) => {
        if (!findings.includes('contradicted')) return [];
        const witnesses = clients.flatMap(({ host }) => truths.get(host.instanceId) ?? []);
        const hearing = witnesses.filter(({ heard, isLying }) => isLying || heard.has(instanceId));
        const isNearAll = hearing.every(({ heard }) => {
          const row = heard.get(instanceId);
          return row === undefined || isNear(row, disagreementMs);
        });
        const sound = hearing.filter((truth) => heardSoundly(truth, instanceId, disagreementMs)).length;
        return isNearAll && sound * 2 > hearing.length
          ? [`${instanceId} is contradicted though it is right, and ${sound} of ${hearing.length} witnesses are honest`]
          : [];
      });
    },
  },
  {
    name: 'votes',
    broken: (judged) =>
      eachKnown(judged, ({ host, votes: { liesLeft, lossesLeft } }, { isLying, candidates }) => {
        const { confidentSources } = judged.pod.thresholds;
        if (isLying) return null;
        const most = {
          lies: Math.floor(Math.max(0, candidates - 1) / 2),
          losses: Math.max(0, candidates - confidentSources),
        };
        if ((liesLeft ?? 0) <= most.lies && (lossesLeft ?? 0) <= most.losses) return null;
        return `${host.instanceId} has ${liesLeft} lies and ${lossesLeft} losses left with ${candidates} sources`;
      }),
  },
];

function heardSoundly(truth: Truth, server: string, limitMs: number): boolean {
  const { whenSeconds } = truth.heard.get(server) ?? { whenSeconds: Number.POSITIVE_INFINITY };
  return whenSeconds <= FRESH_SECONDS && isSoundWitness(truth, limitMs);
}
