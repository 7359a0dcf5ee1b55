import type { Thresholds } from '../fleet/fleet.ts';
import { type Hearing, hearingText, isAcquitted, rulingOfServer, WITNESSES_WANTED } from './convictions.ts';
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
 * stays first, and what comes after becomes a remark. Unwitnessed, it is told and marked as accused, and else stays as it was; acquitted, it is marked so. Decision 0082.
 */
export function heardByWitnesses<C extends Judged>(clock: C, hearing: Hearing, { disagreementMs }: Thresholds): C {
  const ruling = rulingOfServer(hearing);
  if (ruling === null) return isAcquitted(hearing) ? { ...clock, acquitted: true } : clock;
  const text = hearingText(hearing, { witness: 'client', clock: 'it', limitMs: disagreementMs });
  if (ruling === 'unwitnessed') {
    const few = `contradicted by ${hearing.accusers} of the ${WITNESSES_WANTED} witnesses wanted`;
    return { ...clock, accused: true, remarks: [...clock.remarks, `unwitnessed: ${few}; ${text}.`] };
  }
  const cause = `clients see them ahead of or behind where their other sources agree, by more than ${disagreementMs} ms`;
  return {
    ...clock,
    over: [...(clock.over ?? []), 'disagreement'],
    findings: [...clock.findings, 'contradicted' as const].sort((a, b) => STATES.indexOf(a) - STATES.indexOf(b)),
    ...placed(clock, `${text}.`, cause),
    confidence: { confident: false, sentence: notConfident(clock.confidence, text) },
  };
}

/** Of a silent server its witnesses are all that is heard: they are in its sentence, though silence is never down. */
function placed(
  { state, sentence, cause, remarks }: Judged,
  text: string,
  ownCause: string,
): Pick<Judged, 'state' | 'sentence' | 'cause' | 'remarks'> {
  if (state === 'unknown') {
    const both = [sentence.replace(/\.$/, ''), text].filter((part) => part !== '').join('; ');
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
