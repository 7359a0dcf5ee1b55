import {
  type CycleRequest,
  type Mode,
  type Plan,
  type PlanInput,
  plan,
  planBlind,
  planOnDemandCycle,
  rememberSent,
} from '../plan/plan.ts';
import { changeReportOf, hostsReportOf, plannedReport, summaryOf } from '../report/compose.ts';
import { type HostVerdict, REPORT_VERSION, type Report } from '../report/report.ts';
import {
  announce,
  applyChanges,
  faultsOf,
  isAnyRefused,
  isRefused,
  sendCycles,
  sentReportOf,
  sentWaveOf,
} from './apply.ts';
import { KEPT_BACK_MS, leftFor, SENDING_MS } from './budget.ts';
import { messageOf } from './errors.ts';
import { type Look, startLook } from './look.ts';
import { type Observation, observe, orFault, type Run } from './observe.ts';
import { type Changing, type OnDemand, type Ports, ReportConflict } from './ports.ts';
import { publish } from './publish.ts';
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
  /** Looks and plans, writes nothing: no record, no command but `collect`, no metric, no report. */
  dryRun: boolean;
  /** How long hosts are waited for. */
  waitSeconds: number;
}

export interface Ticked {
  report: Report;
  /** Another run was first: this one changed nothing. */
  gaveWay: string | null;
}

/** A run is dead only some time after Lambda has ended it: two clocks are compared. */
const CLOCKS_APART_MS = 10_000;

/**
 * One tick: observe, diagnose, plan, claim, apply, publish, report. Whatever it is about to send is written to the report first,
 * over the version it read: of two ticks at once one gives way, and a tick that dies leaves its intentions to the next.
 *
 * Each part ends in time for the next (`KEPT_BACK_MS`), and the report comes last whatever failed before. Then it throws when the
 * hosts could not be read from EC2, or the turn not claimed in S3.
 */
export function tick(run: TickRun, options: TickOptions): Promise<Ticked> {
  return runSteps(run, options, { plan, changing: run.ports });
}

/** Cycles hosts on demand, by the steps of a tick. DNS stays as it is. */
export function cycleOnDemand(run: OnDemandRun, options: TickOptions, request: CycleRequest): Promise<Ticked> {
  return runSteps(run, options, { plan: (input) => planOnDemandCycle(input, request), changing: null });
}

/** In what a tick and a cycle on demand differ. */
interface Variant {
  plan: (input: PlanInput) => Plan;
  /** null: DNS stays as it is. */
  changing: Changing | null;
}

/** What is to be done, and what hosts said that the last waves did not cycle. */
interface Decision {
  decided: Plan;
  verdicts: HostVerdict[];
}

async function runSteps(run: OnDemandRun, options: TickOptions, variant: Variant): Promise<Ticked> {
  const startedAtMs = run.nowMs();
  const untilMs = startedAtMs + run.deadline.leftMs() + CLOCKS_APART_MS;
  const looking = startLook(run, options.waitSeconds);
  const observed = await observe(run);
  const seen = await looking.join(observed);
  if (options.dryRun && observed.unseen) throw observed.unseen;
  const faults = [...observed.faults, ...seen.faults];
  const { decided, verdicts } = await decide(run, observed, seen, variant, faults);

  const report: Report = {
    version: REPORT_VERSION,
    pod: run.pod.name,
    tickId: run.tickId,
    startedAtMs,
    endedAtMs: null,
    untilMs,
    mode: observed.mode,
    dryRun: options.dryRun,
    ...hostsReport(observed, seen),
    ...plannedReport(decided),
    verdicts,
    faults: [...faults, ...seen.undone],
    collectCommandIds: seen.commandIds,
  };
  if (options.dryRun) return { report: { ...report, endedAtMs: run.nowMs() }, gaveWay: null };
  return carryOut(run, observed, seen, decided, variant.changing, report);
}

/** Of hosts that could not be read the last report stands: by its ids they are asked for next time. */
function hostsReport(
  { unseen, last, owners }: Observation,
  seen: Look,
): Pick<Report, 'hosts' | 'polledAddresses' | 'summary'> {
  if (unseen && last?.report) {
    const { hosts, polledAddresses, summary } = last.report;
    return { hosts, polledAddresses, summary };
  }
  const unread = (last?.report?.hosts ?? []).filter(({ instanceId }) => owners.unread.includes(instanceId));
  return { ...hostsReportOf(seen.judgements, unread), summary: summaryOf(seen.judgements) };
}

/** Without hosts, zone or last report podtime cannot tell right from wrong: it changes nothing. */
async function decide(
  run: Run,
  observed: Observation,
  seen: Look,
  variant: Variant,
  faults: string[],
): Promise<Decision> {
  const { pod, tickId } = run;
  const { mode, hosts, owners, records, last, memory, unseen } = observed;
  if (records === null || last === null || last.newer || unseen) {
    const parts = {
      'the instances': unseen,
      'the zone': records === null,
      'the last report': last === null || last.newer,
    };
    const unread = Object.entries(parts).flatMap(([name, isUnread]) => (isUnread ? [name] : []));
    return { decided: planBlind(pod, memory, unread), verdicts: [] };
  }
  const { verdicts, ...waves } = await readLastWaves(run, memory, faults);
  const { judgements } = seen;
  const nowMs = run.nowMs();
  const input = { pod, tickId, nowMs, mode, hosts, ...owners, records, judgements, ...waves };
  return { decided: variant.plan(input), verdicts };
}

/** Claims the turn, repairs, publishes, reports. What fails is told by the report before it is thrown. */
async function carryOut(
  run: OnDemandRun,
  observed: Observation,
  seen: Look,
  decided: Plan,
  changing: Changing | null,
  planned: Report,
): Promise<Ticked> {
  const { last } = observed;
  // a last report that was not read, or not understood, is not written over
  const isOurs = last !== null && !last.newer;
  const undone = [...seen.undone];
  let failure: unknown = observed.unseen;
  let etag = last?.etag ?? null;
  let applied: Applied = { report: planned, refused: false };
  if (isOurs && !failure) {
    try {
      etag = await run.ports.reports.write(planned, etag);
    } catch (error) {
      if (error instanceof ReportConflict) return { report: planned, gaveWay: error.message };
      failure = error;
    }
    applied = failure
      ? { report: notDone(decided, planned, messageOf(failure)), refused: false }
      : await apply(run, changing, decided, planned, undone);
  }
  const { refused } = applied;
  await publish(run, { observed, seen, decided, undone, refused }, applied.report.faults);
  const report = { ...applied.report, endedAtMs: run.nowMs() };
  if (isOurs) await orFault(run.ports.reports.write(report, etag), report.faults);
  if (failure) throw failure;
  return { report, gaveWay: null };
}

/** Without the claim nothing is sent. */
function notDone(decided: Plan, planned: Report, why: string): Report {
  return {
    ...planned,
    changes: planned.changes.map((change) => ({ ...change, outcome: 'not done' })),
    cycles: planned.cycles.map((cycle) => ({ ...cycle, outcome: 'not done' })),
    faults: [...planned.faults, `${why}.`],
    unfinished: true,
    memory: rememberSent(decided.memory, decided.cycles, []),
  };
}

/** What came of the plan. */
interface Applied {
  report: Report;
  /** AWS refused a record change, or a command as a whole. */
  refused: boolean;
}

/** The mode is read again before every change: an operator who says `hold` is heard within the tick. */
async function apply(
  run: OnDemandRun,
  changing: Changing | null,
  decided: Plan,
  report: Report,
  undone: string[],
): Promise<Applied> {
  const { pod, tickId, deadline } = run;
  const faults = [...report.faults];
  const hasTime = () => leftFor(deadline, KEPT_BACK_MS.afterRepair) >= SENDING_MS;
  let changes = decided.changes.map((change) => changeReportOf(change, 'not done'));
  if (decided.changes.length > 0 && changing && (await isModeKept(run, report.mode, faults))) {
    const dns = { ports: changing, pod, tickId };
    const applied = await applyChanges(dns, decided.changes, hasTime);
    changes = applied.map(({ change, outcome }) => changeReportOf(change, outcome));
    await announce(dns, applied, faults);
  }
  const maySend = decided.cycles.length > 0 && (await isModeKept(run, report.mode, faults));
  const sent = maySend ? await sendCycles(run, decided.cycles, hasTime) : [];
  faults.push(...faultsOf(sent));
  const isChangeRefused = isAnyRefused(changes);
  if (!hasTime()) undone.push(...undoneSentences(changes, maySend ? decided.cycles.length - sent.length : 0));
  const applied: Report = {
    ...report,
    changes,
    cycles: decided.cycles.map((command, index) => sentReportOf(command, sent[index])),
    unfinished: report.unfinished || isChangeRefused || undone.length > 0,
    faults: [...faults, ...undone.filter((sentence) => !faults.includes(sentence))],
    memory: rememberSent(decided.memory, decided.cycles, sent.map(sentWaveOf)),
  };
  return { report: applied, refused: isChangeRefused || sent.some(isRefused) };
}

/** What was left for lack of time, and is due again at the next minute. */
function undoneSentences(changes: Report['changes'], cycles: number): string[] {
  const records = changes.filter(({ outcome }) => outcome === 'not done').length;
  const parts = [
    ...(records > 0 ? [`${records} of ${changes.length} record changes`] : []),
    ...(cycles > 0 ? [`${cycles} cycle commands`] : []),
  ];
  return parts.length === 0 ? [] : [`The tick had no time left for ${parts.join(' and ')}; the next minute does them.`];
}

async function isModeKept({ ports, pod }: Run, mode: Mode, faults: string[]): Promise<boolean> {
  const current = await ports.modes.read(pod.name);
  if (current.mode === mode) return true;
  const change = current.fault ?? `The mode of pod ${pod.name} went from ${mode} to ${current.mode} during the tick.`;
  faults.push(`${change} The rest of the tick is left undone.`);
  return false;
}
