import type { Thresholds } from '../fleet/fleet.ts';
import { accusersWanted, type Hearing, hearingText, isAccused, isAcquitted, rulingOfServer } from './convictions.ts';
import { type Judgement, STATES } from './judgement.ts';

/** As much of a judged clock as its witnesses may change. */
type Judged = Pick<
  Judgement,
  'state' | 'findings' | 'sentence' | 'cause' | 'remarks' | 'acquitted' | 'accused' | 'over'
> & {
  confidence: { confident: boolean; sentence: string };
};

/**
 * A boundary server as its clients judge it. Contradicted, it is not confident, whatever it says of itself; what comes before that state
 * stays first, and what comes after becomes a remark. Unwitnessed, it is told, and marked as accused where they are enough for that, and
 * else stays as it was; acquitted, it is marked so. What was contradicted before is held to the lower limit until then: silence is no
 * acquittal. Decisions 0081 and 0082.
 */
export function heardByWitnesses<C extends Judged>(
  judged: C,
  hearing: Hearing,
  { disagreementMs }: Thresholds,
  wasContradicted: boolean,
): C {
  const ruling = rulingOfServer(hearing);
  if (ruling === null && isAcquitted(hearing)) return { ...judged, acquitted: true };
  const isHeldLate = ruling === 'contradicted' || wasContradicted;
  const clock: C = isHeldLate ? { ...judged, over: [...(judged.over ?? []), 'disagreement'] } : judged;
  if (ruling === null) return clock;
  const text = hearingText(hearing, { witness: 'client', clock: 'it', limitMs: disagreementMs });
  if (ruling === 'unwitnessed') {
    const few = `contradicted by ${hearing.accusers} of the ${wantedText(hearing)}`;
    const remarks = [...clock.remarks, `unwitnessed: ${few}; ${text}.`];
    return isAccused(hearing) ? { ...clock, accused: true, remarks } : { ...clock, remarks };
  }
  const cause = `clients see them ahead of or behind where their other sources agree, by more than ${disagreementMs} ms`;
  return {
    ...clock,
    findings: [...clock.findings, 'contradicted' as const].sort((a, b) => STATES.indexOf(a) - STATES.indexOf(b)),
    ...placed(clock, `${text}.`, cause),
    confidence: { confident: false, sentence: notConfident(clock.confidence, text) },
  };
}

/** `3 witnesses wanted`, `6 witnesses wanted (a quarter of the 23 that hear it)`. */
function wantedText(hearing: Hearing): string {
  const { accusers, why } = accusersWanted(hearing);
  return `${accusers} witnesses wanted${why === '' ? '' : ` (${why})`}`;
}

/** Of a silent server its witnesses are all that is heard: they are in its sentence, though silence is never down. */
function placed(
  { state, sentence, cause, remarks }: Judged,
  text: string,
  ownCause: string,
): Pick<Judged, 'state' | 'sentence' | 'cause' | 'remarks'> {
  if (state === 'unknown') {
    const both = `${sentence.replace(/\.$/, '')}; ${text}`;
    return { state, sentence: both, cause: cause === null ? ownCause : `${cause}; ${ownCause}`, remarks };
  }
  if (STATES.indexOf('contradicted') > STATES.indexOf(state))
    return { state, sentence, cause, remarks: [...remarks, text] };
  const before = state === 'healthy' ? [] : [sentence];
  return { state: 'contradicted', sentence: text, cause: ownCause, remarks: [...before, ...remarks] };
}

function notConfident({ confident, sentence }: Judged['confidence'], text: string): string {
  return confident ? `not confident: ${text}.` : `${sentence.replace(/\.$/, '')}; ${text}.`;
}
