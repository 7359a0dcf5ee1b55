import type { Thresholds } from '../fleet/fleet.ts';
import type { KeeperBounds } from './convicted-bound.ts';
import type { Heir, Inherited } from './descent.ts';
import { prospect } from './holdover.ts';
import { measuresBy } from './inherited-bound.ts';
import { type Judgement, LATE, type Late, type RememberedBound, STATES } from './judgement.ts';
import { boundNow } from './last-bound.ts';
import { excessOf } from './limits.ts';
import { milliseconds } from './milliseconds.ts';

/** As much of a judged clock as the servers that it follows may change. */
type Judged = Heir &
  Pick<Judgement, 'state' | 'findings' | 'sentence' | 'cause' | 'remarks' | 'over' | 'lastBound'> & {
    confidence: { confident: boolean; sentence: string };
    keeper?: KeeperBounds;
  };

/**
 * A clock by the bound that it has from its server. Over the limit it is *uncertain* and not confident, and leaves that late (decision 0081); what
 * comes before that state stays first. Within it, it stays as it was and says so. A bound that is not known is no bad news, and no
 * confidence. One that is starting, or in holdover itself, has its reasons already: it says so alone. Decision 0102.
 * What comes of a server in touch changes numbers, and nothing is said of it within the limit. Decision 0103.
 */
export function heldByServer<C extends Judged>(
  judged: C,
  inherited: Inherited | null,
  thresholds: Thresholds,
  overBefore: readonly Late[] = [],
): C {
  if (inherited === null || judged.descent === null) return judged;
  const { isInHoldover, unjudged } = judged.descent;
  const measures = measuresBy(judged.measures, inherited, thresholds);
  const clock: C = remembering({ ...restated(judged, isInHoldover, thresholds, measures), measures }, thresholds);
  const isSettled = judged.state !== 'starting' && !isInHoldover;
  const excess = isSettled ? excessOf('bound', { measures, thresholds, overBefore, unjudged }) : null;
  const why = whyText(inherited);
  if (excess === null) {
    if (inherited.by.kind === 'unserved') return clock;
    const value = inherited.boundMs === null ? 'not known' : milliseconds(inherited.boundMs);
    const text = `error bound ${value}: ${why}`;
    const remarks = [...clock.remarks, `${text}.`];
    return inherited.boundMs === null
      ? { ...clock, remarks, confidence: notConfident(clock.confidence, text) }
      : { ...clock, remarks };
  }
  const text = `clock error bound ${excess.text}: ${why}`;
  const over = LATE.filter((late) => late === 'bound' || judged.over?.includes(late));
  const cause = `by the servers that they follow their clock error bounds are ${excess.cause}`;
  return {
    ...clock,
    ...placed(clock, `${text}.`, cause),
    over,
    confidence: notConfident(clock.confidence, text),
  };
}

function whyText({ by }: Inherited): string {
  if (by.kind === 'before') return 'it had that by a server in holdover, and has heard none since that is not';
  if (by.kind === 'unserved') {
    const ms = milliseconds(by.ms);
    return `it follows ${by.from}, which from one answer of its own to the next may run off by ${ms} more than it serves`;
  }
  return by.serverBoundMs === null
    ? `it follows ${by.from}, of which none is known`
    : `it follows ${by.from}, whose bound is ${milliseconds(by.serverBoundMs)}`;
}

/** What the first pass said with the clock's own number: well, or starting, and why; in holdover how long it can be trusted. */
function restated<C extends Judged>(
  judged: C,
  isInHoldover: boolean,
  thresholds: Thresholds,
  measures: Judged['measures'],
): C {
  const { sentence, confidence } = judged;
  if (isInHoldover) {
    const own = `; ${prospect({ measures: judged.measures, thresholds })}.`;
    return { ...judged, sentence: sentence.replace(own, `; ${prospect({ measures, thresholds })}.`) };
  }
  const limit = `(limit ${thresholds.errorBoundMs} ms)`;
  const own = `error bound ${milliseconds(judged.measures.errorBoundMs ?? 0)} ${limit}`;
  const { errorBoundMs } = measures;
  const value = errorBoundMs === null ? 'error bound not known' : `error bound ${milliseconds(errorBoundMs)} ${limit}`;
  return {
    ...judged,
    sentence: sentence.replace(own, value),
    confidence: { ...confidence, sentence: confidence.sentence.replace(own, value) },
  };
}

/** In holdover what is remembered is of before; else it is of now, and so is what is inherited. What a conviction adds to is of now in either. */
function remembering<C extends Judged>(judged: C, thresholds: Thresholds): C {
  const { measures, keeper } = judged;
  const now = ({ atMs }: RememberedBound) => boundNow({ measures, thresholds }, { nowMs: atMs });
  const clock = keeper?.now ? { ...judged, keeper: { ...keeper, now: now(keeper.now) } } : judged;
  const { lastBound, ...others } = clock;
  if (lastBound === undefined || clock.descent?.isInHoldover) return clock;
  const bound = now(lastBound);
  return bound === null ? (others as C) : { ...clock, lastBound: bound };
}

function placed(
  { state, findings, sentence, cause, remarks }: Judged,
  text: string,
  ownCause: string,
): Pick<Judged, 'state' | 'findings' | 'sentence' | 'cause' | 'remarks'> {
  const all = STATES.filter((each) => each === 'uncertain' || findings.includes(each));
  if (STATES.indexOf(state) <= STATES.indexOf('uncertain'))
    return { state, findings: all, sentence, cause, remarks: [...remarks, text] };
  const before = state === 'healthy' ? [] : [sentence];
  return { state: 'uncertain', findings: all, sentence: text, cause: ownCause, remarks: [...before, ...remarks] };
}

function notConfident({ confident, sentence }: Judged['confidence'], text: string): Judged['confidence'] {
  const both = confident ? `not confident: ${text}.` : `${sentence.replace(/\.$/, '')}; ${text}.`;
  return { confident: false, sentence: both };
}
