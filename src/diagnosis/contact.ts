import { REACH_POLLS } from '../ntp/reach.ts';
import type { Source, SystemState } from '../ntp/source.ts';
import { betweenAnswersSeconds, isForgotten, isFresh, longestSilenceSeconds, silenceSeconds } from './freshness.ts';
import {
  endsInLocalClock,
  isLocalClock,
  isLocalRefid,
  isSecondDaemon,
  isSelectableSource,
  isSelected,
} from './sources.ts';

/**
 * Why a clock that is set follows nobody. `silent`: nobody is heard. `no majority`: sources are heard, and none is selectable;
 * `unsynchronised sources`: the same, and each says that it follows nobody itself (stratum 16).
 * `local clock`: it follows itself; `followed local clock`: it follows a server whose time ends in one. `not known`: whether sources are heard is not.
 */
export type HoldoverCause =
  | 'silent'
  | 'no majority'
  | 'unsynchronised sources'
  | 'local clock'
  | 'followed local clock'
  | 'not known';

/** Whether a daemon still hears what its clock follows. */
export interface Contact {
  /** No leap alarm, and a stratum from 1 to 15, as far as is known. */
  isSet: boolean;
  /** Whether a selectable source is fresh. null: rows are missing, or the age of one is. */
  isInTouch: boolean | null;
  /** Of a clock that is set and not in touch. */
  holdover: HoldoverCause | null;
  /** Of a boundary server that is in touch by another of its pod alone: the row of that one, whose time is true. */
  mate: Source | null;
  /** Whether a source that the clock could follow is heard, selectable or not. null: not known. */
  isHearing: boolean | null;
  /** Since a source that the clock follows was last heard, as far as can be told. null: not known. */
  silenceSeconds: number | null;
  /** At the most. */
  longestSilenceSeconds: number | null;
  /** The same by the rows that set it: its system peer, else those that it combines, else those that it could select. null: there are none, or their age is not known. */
  sinceSetSeconds: number | null;
  /** Of these, from one answer to the next, at the most of late. null: there are none, or their poll is not known. */
  betweenAnswersSeconds: number | null;
  /** Whether this daemon ever heard a source. null: rows are missing, or a register cannot be read. */
  hasHeard: boolean | null;
}

/** RFC 5905 (section 7.3): stratum 0 is unspecified, 16 unsynchronised. */
const STRATA_OF_NOBODY: readonly (number | null)[] = [0, 16];

export function isStratumOfNobody(stratum: number | null): boolean {
  return STRATA_OF_NOBODY.includes(stratum);
}

/**
 * What rows say of contact. `rows`: all that is listed; `sources`: of these, what time can come from (`isSource`); `mates`: of these, to a boundary server
 * the others of its pod, which keep it in touch while it follows one whose time is true, and are no sources of its own. The time service,
 * where it is watched and not selected, is heard, and nobody whom the clock follows. What is not known is no proof of
 * silence (decision 0015).
 */
export function contactOf(
  system: SystemState | null,
  {
    rows,
    sources,
    mates,
    areComplete,
  }: { rows: readonly Source[]; sources: readonly Source[]; mates: readonly Source[]; areComplete: boolean },
  timeService: readonly string[],
): Contact {
  const followed = sources.filter(
    (source) => (isSelectableSource(source) || !isTimeService(source, timeService)) && !endsInLocalClock(source),
  );
  const selectable = followed.filter(isSelectableSource);
  const others = followed.filter((source) => !isSelectableSource(source));
  const reported = reportedBy(system, rows);
  const isSelectableFresh = isAny(selectable, isFresh);
  const isSet = system?.leap !== 'alarm' && !isStratumOfNobody(system?.stratum ?? null);
  const isOnItsOwn = rows.some((row) => isSelected(row) && isLocalClock(row)) || isLocalRefid(reported.refid);
  const isAstray =
    isSet &&
    !isOnItsOwn &&
    (endsInLocalClock(reported) || rows.some((row) => isSelected(row) && endsInLocalClock(row)));
  // it says itself that it follows nobody whose time is true, whomever else it hears
  const isAlone = isAstray || isLocalRefid(reported.refid);
  const isOfOwn = isSelectableFresh === false && !areComplete ? null : isSelectableFresh;
  const mate = isSet && !isAlone && isOfOwn === false ? (mates.find(setsTrueTime) ?? null) : null;
  const isInTouch = isAlone ? false : mate !== null || isOfOwn;
  const holdover = isSet && isInTouch === false ? causeOf(isOnItsOwn, isAstray, others) : null;
  const hasHeard = isAny(followed, isHeardEver);
  const combined = combinedOf(mate === null ? selectable : [...selectable, mate]);
  const setting = settingOf(combined);
  const unheard = isSilence(holdover, others) ? others.filter((source) => !isForgotten(source)) : [];
  const sinceSetSeconds = leastOf(setting, longestSilenceSeconds);
  return {
    isSet,
    isInTouch,
    holdover,
    mate,
    isHearing: isAny(followed, isHeard),
    silenceSeconds: leastOf(combined, silenceSeconds) ?? leastOf(unheard, silenceSeconds),
    longestSilenceSeconds: sinceSetSeconds ?? leastOf(unheard, longestSilenceSeconds),
    sinceSetSeconds,
    betweenAnswersSeconds: leastOf(setting, betweenAnswersSeconds),
    hasHeard: hasHeard === false && !areComplete ? null : hasHeard,
  };
}

/** What the host says of its own clock; a refid that stands for a second daemon there says nothing of it. */
function reportedBy(system: SystemState | null, rows: readonly Source[]): { stratum: number | null; refid: string } {
  const reported = { stratum: system?.stratum ?? null, refid: system?.refid ?? '' };
  return isSecondDaemon(reported, rows) ? { ...reported, refid: '' } : reported;
}

/** Of another boundary server: it is followed, and says of itself that it follows a true clock. */
function setsTrueTime(row: Source): boolean {
  return isSelected(row) && isFresh(row) === true && !isStratumOfNobody(row.stratum) && !endsInLocalClock(row);
}

function causeOf(isOnItsOwn: boolean, isAstray: boolean, others: readonly Source[]): HoldoverCause {
  if (isOnItsOwn) return 'local clock';
  if (isAstray) return 'followed local clock';
  const isOtherHeard = isAny(others, isHeard);
  if (isOtherHeard === null) return 'not known';
  if (!isOtherHeard) return 'silent';
  const isEachOfNobody = others.every((source) => isHeard(source) === false || isStratumOfNobody(source.stratum));
  return isEachOfNobody ? 'unsynchronised sources' : 'no majority';
}

/** Of a row that is not selectable `when` alone does not tell: daemons drop a source at its eighth miss, long before it is old. null: not known. */
export function isHeard(source: Source): boolean | null {
  return source.reach === 0 ? false : isFresh(source);
}

/**
 * Whether silence itself tells since when the clock is on its own. While a source is heard and not selectable it does not: it shows that what is
 * heard need not set a clock, so that no other was the last to set it because it was heard.
 */
function isSilence(holdover: HoldoverCause | null, others: readonly Source[]): boolean {
  return (holdover === 'silent' || holdover === 'local clock') && isAny(others, isHeard) === false;
}

/** A row that is selectable and left out of the combination (`-`, `#`) sets no clock, however lately it was heard. */
function combinedOf(selectable: readonly Source[]): readonly Source[] {
  const combined = selectable.filter((source) => isSelected(source) || source.tally === '+');
  return combined.length > 0 ? combined : selectable;
}

/**
 * A daemon sets its clock at samples of its system peer alone (RFC 5905, A.5.5.4; chrony's `sources.c`; seen on 4.3: with `+` just heard its reference time stood for
 * 36 s until `*` was). Of one that names none at any that it combines.
 */
function settingOf(combined: readonly Source[]): readonly Source[] {
  const selected = combined.filter(isSelected);
  return selected.length > 0 ? selected : combined;
}

function isTimeService({ address }: Source, timeService: readonly string[]): boolean {
  return address !== null && timeService.includes(address);
}

function isHeardEver({ reach, whenSeconds, unansweredPolls }: Source): boolean | null {
  if (whenSeconds !== null || (reach ?? 0) > 0) return true;
  // what ntpd-rs heard of it before it began the source anew is not known
  if (unansweredPolls !== null) return unansweredPolls < REACH_POLLS ? true : null;
  return reach === null ? null : false;
}

/** Whether one is so: true where one is known to be, false where all are known not to be. */
function isAny(sources: readonly Source[], isSo: (source: Source) => boolean | null): boolean | null {
  let all: boolean | null = false;
  for (const source of sources) {
    const answer = isSo(source);
    if (answer) return true;
    if (answer === null) all = null;
  }
  return all;
}

function leastOf(sources: readonly Source[], secondsOf: (source: Source) => number | null): number | null {
  let least: number | null = null;
  for (const source of sources) {
    const silence = secondsOf(source);
    if (silence !== null && (least === null || silence < least)) least = silence;
  }
  return least;
}
