import { hostMetrics } from '../metrics/hosts.ts';
import { metricFaults, packMetricData } from '../metrics/pack.ts';
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
import { changeReportOf, hostReportOf, plannedReport, summaryOf } from '../report/compose.ts';
import type { HostVerdict, Report } from '../report/report.ts';
import { announce, applyChanges, faultsOf, sendCycles, sentReportOf, sentWaveOf } from './apply.ts';
import { type Look, look } from './look.ts';
import { type Observation, observe, orFault, type Run, readLastWaves } from './observe.ts';
import { type Changing, type OnDemand, type Ports, ReportConflict } from './ports.ts';

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

/**
 * One tick: observe, diagnose, plan, claim, publish, apply, report. Whatever it is about to send is written to the report first,
 * over the version it read: of two ticks at once one gives way, and a tick that dies leaves its intentions to the next.
 * Throws only when the hosts cannot be read from EC2.
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

async function runSteps(run: OnDemandRun, options: TickOptions, variant: Variant): Promise<Ticked> {
  const startedAtMs = run.nowMs();
  const observed = await observe(run);
  const seen = await look(run, observed, null, options.waitSeconds);
  const faults = [...observed.faults, ...seen.faults];
  const { decided, verdicts } = await decide(run, observed, seen, variant, faults);

  const report: Report = {
    version: 1,
    pod: run.pod.name,
    tickId: run.tickId,
    startedAtMs,
    endedAtMs: null,
    mode: observed.mode,
    dryRun: options.dryRun,
    hosts: seen.judgements.map(hostReportOf),
    summary: summaryOf(seen.judgements),
    ...plannedReport(decided),
    verdicts,
    faults,
    collectCommandIds: seen.commandIds,
  };
  if (options.dryRun) return { report: { ...report, endedAtMs: run.nowMs() }, gaveWay: null };
  // a last report that could not be read cannot be written over either: nothing was decided then, and nothing is sent
  if (observed.last === null) {
    await publish(run, seen, decided, faults);
    return { report: { ...report, endedAtMs: run.nowMs() }, gaveWay: null };
  }
  try {
    const claim = await run.ports.reports.write(report, observed.last.etag);
    await publish(run, seen, decided, faults);
    const applied = await apply(run, variant.changing, decided, report);
    await orFault(run.ports.reports.write(applied, claim), applied.faults);
    return { report: applied, gaveWay: null };
  } catch (error) {
    if (error instanceof ReportConflict) return { report, gaveWay: error.message };
    throw error;
  }
}

/** What is to be done, and what hosts said that the last waves did not cycle. */
interface Decision {
  decided: Plan;
  verdicts: HostVerdict[];
}

/** Without the zone or the last report podtime cannot tell right from wrong: it looks, and changes nothing. */
async function decide(
  run: Run,
  observed: Observation,
  seen: Look,
  variant: Variant,
  faults: string[],
): Promise<Decision> {
  const { pod } = run;
  const { mode, hosts, owners, records, last, memory } = observed;
  if (records === null || last === null) {
    const unread = [...(records === null ? ['the zone'] : []), ...(last === null ? ['the last report'] : [])];
    return { decided: planBlind(pod, memory, unread), verdicts: [] };
  }
  const { progress, verdicts } = await readLastWaves(run, memory, faults);
  const { judgements } = seen;
  const nowMs = run.nowMs();
  const decided = variant.plan({
    pod,
    tickId: run.tickId,
    nowMs,
    mode,
    hosts,
    ...owners,
    records,
    judgements,
    memory,
    progress,
  });
  return { decided, verdicts };
}

async function publish(run: OnDemandRun, seen: Look, decided: Plan, faults: string[]): Promise<void> {
  const data = hostMetrics(run.pod, seen.judgements, decided, run.nowMs());
  faults.push(...metricFaults(data));
  for (const request of packMetricData(data)) await orFault(run.ports.metrics.put(request), faults);
}

/** The mode is read again before every change: an operator who says `hold` is heard within the tick. */
async function apply(run: OnDemandRun, changing: Changing | null, decided: Plan, report: Report): Promise<Report> {
  const { pod, tickId } = run;
  const faults = [...report.faults];
  let changes = decided.changes.map((change) => changeReportOf(change, 'not done'));
  if (decided.changes.length > 0 && changing && (await isModeKept(run, report.mode, faults))) {
    const dns = { ports: changing, pod, tickId };
    const applied = await applyChanges(dns, decided.changes);
    changes = applied.map(({ change, outcome }) => changeReportOf(change, outcome));
    await announce(dns, applied, faults);
  }
  const maySend = decided.cycles.length > 0 && (await isModeKept(run, report.mode, faults));
  const sent = maySend ? await sendCycles(run, decided.cycles) : [];
  faults.push(...sent.flatMap(faultsOf));
  return {
    ...report,
    endedAtMs: run.nowMs(),
    changes,
    cycles: decided.cycles.map((command, index) => sentReportOf(command, sent[index])),
    faults,
    memory: rememberSent(decided.memory, decided.cycles, sent.map(sentWaveOf)),
  };
}

async function isModeKept({ ports, pod }: Run, mode: Mode, faults: string[]): Promise<boolean> {
  const current = await ports.modes.read(pod.name);
  if (current.mode === mode) return true;
  faults.push(
    `The mode of pod ${pod.name} went from ${mode} to ${current.mode} during the tick. The rest of the tick is left undone.`,
  );
  return false;
}
