import { withUnread } from '../diagnosis/unread.ts';
import { countByTier } from '../fleet/fleet.ts';
import {
  type CycleRequest,
  limitedMode,
  type Plan,
  type PlanInput,
  plan,
  planBlind,
  planCutOff,
  planOnDemandCycle,
  presumedWithdrawn,
} from '../plan/plan.ts';
import { boundedReport } from '../report/bounds.ts';
import { plannedReport } from '../report/compose.ts';
import { type HostVerdict, REPORT_VERSION, type Report } from '../report/report.ts';
import type { Claim } from '../state/state.ts';
import { cycleCutOffSentence } from './cut-off.ts';
import { dayWith } from './day.ts';
import { messageOf } from './errors.ts';
import { followPodFiles, NO_NEWS, type PodFiles, withFiles } from './files.ts';
import { withoutHeldNow } from './held.ts';
import { hostsReport, leapOf } from './hosts-report.ts';
import { type Look, startLook } from './look.ts';
import { type Observation, observe, orFault, type Run } from './observe.ts';
import type { Changing, Files, LastState, OnDemand, Ports } from './ports.ts';
import { publish } from './publish.ts';
import { record } from './record.ts';
import { conclude, type Intent, writeIntent } from './remember.ts';
import { type Applied, apply, notDone } from './repair.ts';
import { CLOCKS_APART_MS, handBack, leaveNews, type Standing, standingOf, TurnLost, takeTurn } from './turn.ts';
import { readLastWaves } from './waves.ts';

/** A run that may cycle, publishes metrics and reports. */
export interface OnDemandRun extends Run {
  ports: OnDemand;
}

/** A run that changes DNS as well. */
export interface TickRun extends Run {
  ports: Ports;
}

export interface TickOptions {
  /** Looks and plans, writes nothing: no record, no command but `collect`, no metric, no report, no turn. */
  dryRun: boolean;
  /** How long hosts are waited for. */
  waitSeconds: number;
  /** Something changed, as DNS: where the turn is taken a tick must follow. */
  bringsNews?: boolean;
  /** An operator's word: this revision of a file settles by this tick. Missing: none. */
  settle?: string | null;
  /** The state, where the run has just read it. */
  read?: LastState | null;
}

export interface Ticked {
  /** null: the run gave way before it asked anybody. */
  report: Report | null;
  /** The next minute's run does a whole tick. */
  unfinished: boolean;
  /** Another run has the turn: this one changed nothing. */
  gaveWay: string | null;
}

/**
 * One tick: claim, observe, diagnose, plan, apply, publish, remember, report. The turn is claimed before anybody is asked, and what
 * must not be forgotten is written before it is done: a tick that dies leaves its intentions to the one that takes over.
 *
 * Each part ends in time for the next (`KEPT_BACK_MS`), and the report comes last whatever failed before. Then it throws when the
 * hosts could not be read from EC2, or the turn not claimed in S3. Decision 0059.
 */
export function tick(run: TickRun, options: TickOptions): Promise<Ticked> {
  return runSteps(run, options, { plan, changing: run.ports, files: run.ports.files, isByHand: false });
}

/**
 * Cycles hosts on demand, by the steps of a tick. DNS stays as it is. Where the turn is taken a tick follows. A pod that the run has no time
 * to look at whole is left as it was: nothing is cycled, published or reported.
 */
export function cycleOnDemand(run: OnDemandRun, options: TickOptions, request: CycleRequest): Promise<Ticked> {
  const variant: Variant = {
    plan: (input) => planOnDemandCycle(input, request),
    changing: null,
    files: null,
    isByHand: true,
  };
  return runSteps(run, { ...options, bringsNews: true }, variant);
}

/** In what a tick and a cycle on demand differ. */
interface Variant {
  plan: (input: PlanInput) => Plan;
  /** null: DNS stays as it is. */
  changing: Changing | null;
  /** null: files stay as they are served. */
  files: Files | null;
  /** It has less time than a tick: of a look that was cut off nothing follows. */
  isByHand: boolean;
}

/** What is to be done, and what hosts said that the last waves did not cycle. */
interface Decision {
  decided: Plan;
  verdicts: HostVerdict[];
}

async function runSteps(run: OnDemandRun, options: TickOptions, variant: Variant): Promise<Ticked> {
  const { tickId } = run;
  const startedAtMs = run.nowMs();
  const claim: Claim = { tickId, startedAtMs, untilMs: startedAtMs + run.deadline.leftMs() + CLOCKS_APART_MS };
  const { dryRun, bringsNews = false, read = null } = options;
  const standing = dryRun ? await standingOf(run) : await takeTurn(run, claim, { bringsNews, read });
  if ('gaveWay' in standing) return { report: null, unfinished: false, gaveWay: standing.gaveWay };

  const looking = startLook(run, options.waitSeconds, variant);
  const observed = await observe(run, standing);
  const seen = await looking.join(observed);
  if (dryRun && observed.unseen) throw observed.unseen;
  const cutOff = variant.isByHand ? seen.cutOff : null;
  // of a look that was cut off one sentence tells all
  const faults = cutOff ? [cycleCutOffSentence(run, cutOff), ...observed.faults] : [...observed.faults, ...seen.faults];
  const { decided: planned, verdicts } = cutOff
    ? { decided: planCutOff(observed.memory), verdicts: [] }
    : await decide(run, standing, observed, seen, variant, faults);
  const podFiles: PodFiles =
    variant.files === null || cutOff
      ? NO_NEWS
      : await followPodFiles(run, variant.files, { observed, seen, dryRun, settle: options.settle ?? null }, faults);
  const decided = withFiles(planned, podFiles);
  const ofHosts = await hostsReport(run, observed, seen, faults);
  const day = dayWith(run, startedAtMs, observed, seen);
  const report: Report = {
    version: REPORT_VERSION,
    pod: run.pod.name,
    tickId,
    startedAtMs,
    endedAtMs: startedAtMs,
    mode: limitedMode(observed.mode, observed.limit),
    dryRun,
    ...ofHosts,
    ...(!observed.unseen && { leap: leapOf(run, seen, decided) }),
    ...plannedReport(decided),
    verdicts: [...observed.verdicts, ...verdicts],
    faults: [...faults, ...(cutOff ? [] : seen.undone)],
    ...(day && { day: day.points }),
    collectCommandIds: seen.commandIds,
  };
  if (dryRun) {
    return {
      report: boundedReport({ ...report, endedAtMs: run.nowMs() }),
      unfinished: decided.unfinished,
      gaveWay: null,
    };
  }
  if (cutOff) return leaveAsItWas(run, standing, observed, decided, report);
  const allowed = await withoutHeldNow(run, decided, observed.hosts, report.faults);
  return carryOut(
    run,
    standing,
    { ...observed, day, files: podFiles.states ?? observed.files },
    seen,
    allowed,
    variant.changing,
    {
      ...report,
      ...plannedReport(allowed),
    },
  );
}

/**
 * Gives the turn back: the last tick stays the last, its report stands, and the next one is due at once. Of the pod nothing is published but
 * that a tick died, whose claim nobody sees any more.
 */
async function leaveAsItWas(
  run: OnDemandRun,
  { turn, failure, isNewsUntold = false }: Standing,
  observed: Observation,
  decided: Plan,
  { faults, ...report }: Report,
): Promise<Ticked> {
  const left = [...faults];
  const nothing = { judgements: null, clocks: null, undone: [], refused: false };
  const published = { ...nothing, observed, decided: { ...decided, blind: false } };
  if (turn && observed.dead !== null) await publish(run, published, left);
  if (isNewsUntold) await orFault(leaveNews(run), left);
  if (turn) await orFault(handBack(run, turn, {}, true), left);
  if (failure) throw failure;
  return {
    report: boundedReport({ ...report, faults: left, endedAtMs: run.nowMs() }),
    unfinished: true,
    gaveWay: null,
  };
}

/**
 * Without hosts, zone, state or memory podtime cannot tell right from wrong: it changes nothing, and remembers what it saw. Where who is withdrawn is forgotten it
 * only withdraws servers that EC2 says are gone, and finds that out of the whole pod; the next tick acts.
 */
async function decide(
  run: Run,
  { last, failure }: Standing,
  observed: Observation,
  seen: Look,
  variant: Variant,
  faults: string[],
): Promise<Decision> {
  const { pod, tickId } = run;
  const { mode, limit, hosts, owners, unreadHosts, records, memory, unseen, isMemoryRead, isMemoryNewer } = observed;
  const isStateRead = last !== null && !last.newer;
  const isForgotten = isStateRead && memory.isWithdrawnForgotten === true;
  if (records === null || !isStateRead || !isMemoryRead || unseen || failure) {
    const parts = {
      'the instances': unseen,
      'the zone': records === null,
      'the state': last === null,
      'the memory': isStateRead && !isMemoryRead && !isMemoryNewer,
      'whose turn it is': failure,
    };
    const unread = Object.entries(parts).flatMap(([name, isUnread]) => (isUnread ? [name] : []));
    const newer = [...(last?.newer ? ['the state'] : []), ...(isStateRead && isMemoryNewer ? ['the memory'] : [])];
    const sighted = { pod, nowMs: run.nowMs(), hosts, judgements: seen.judgements, memory };
    return { decided: planBlind(sighted, unread, newer), verdicts: [] };
  }
  const { verdicts, ...waves } = await readLastWaves(run, memory, faults);
  const { judgements } = seen;
  const nowMs = run.nowMs();
  const unreadByTier = countByTier(unreadHosts);
  const input = { pod, tickId, nowMs, mode, limit, hosts, ...owners, unreadByTier, records, judgements, ...waves };
  if (!isForgotten) return { decided: variant.plan(input), verdicts };
  if (!observed.isWhole) {
    const decided = variant.plan(input);
    return { decided: { ...decided, memory: { ...decided.memory, isWithdrawnForgotten: true } }, verdicts };
  }
  const known = { ...waves.memory, isWithdrawnForgotten: false, withdrawn: presumedWithdrawn(input) };
  const decided = variant.plan({ ...input, memory: known });
  return { decided: { ...decided, unfinished: true, memory: decided.blind ? memory : decided.memory }, verdicts };
}

/** Writes down its intent, repairs, publishes, remembers, reports. What fails is told by the report before it is thrown. */
async function carryOut(
  run: OnDemandRun,
  { last, turn, failure: unclaimed, isNewsUntold = false }: Standing,
  observed: Observation,
  seen: Look,
  decided: Plan,
  changing: Changing | null,
  planned: Report,
): Promise<Ticked> {
  const undone = [...seen.undone];
  let failure: unknown = observed.unseen ?? unclaimed;
  let intent: Intent | null = turn && { turn, stored: null };
  let isIntentWritten = true;
  try {
    if (intent && !failure) intent = await writeIntent(run, intent.turn, observed, seen, decided);
  } catch (error) {
    if (error instanceof TurnLost) return { report: null, unfinished: false, gaveWay: error.message };
    failure = error;
    isIntentWritten = false;
  }
  const applied = isIntentWritten
    ? await apply(run, { changing, mode: observed.mode }, decided, planned, undone)
    : notDone(decided, planned, messageOf(failure));
  const { report, refused, unfinished } = applied;
  const judgements = observed.unseen ? null : withUnread(seen.judgements, observed.unreadHosts);
  const clocks = observed.unseen ? null : seen.clocks;
  await publish(run, { observed, judgements, clocks, decided, undone, refused }, report.faults);
  report.endedAtMs = run.nowMs();
  const recordedMs = intent ? await record(run, report, observed, judgements) : undefined;
  if (isNewsUntold) await orFault(leaveNews(run), report.faults);
  // beside a newer podtime's state the report alone says that nothing is done
  const isOwn =
    intent === null ? last?.newer === true : await isConcluded(run, intent, observed, seen, { ...applied, recordedMs });
  const bounded = boundedReport(report);
  if (isOwn) await orFault(run.ports.reports.write(bounded), bounded.faults);
  if (failure) throw failure;
  return { report: bounded, unfinished, gaveWay: null };
}

/** Whether the report is this run's to write: another run that took over writes its own. */
async function isConcluded(
  run: OnDemandRun,
  intent: Intent,
  observed: Observation,
  seen: Look,
  applied: Applied & { recordedMs: number | undefined },
): Promise<boolean> {
  const { faults } = applied.report;
  try {
    await conclude(run, intent, observed, seen, applied, faults);
    return true;
  } catch (error) {
    faults.push(`${messageOf(error)}.`);
    return !(error instanceof TurnLost);
  }
}
