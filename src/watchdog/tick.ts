import { hostMetrics } from '../metrics/hosts.ts';
import { metricFaults, packMetricData } from '../metrics/pack.ts';
import { withoutUndone } from '../plan/cycling/attempts.ts';
import { plan } from '../plan/plan.ts';
import { type CycleCommand, EMPTY_PLAN, type Memory, type Mode, type Plan, type WaveProgress } from '../plan/types.ts';
import { hostReportOf, planned, summaryOf } from '../report/compose.ts';
import type { HostVerdict, Outcome, Report } from '../report/report.ts';
import { announce, applyChanges, type SentCycle, sendCycles } from './apply.ts';
import { type Look, look } from './look.ts';
import { type Observation, observe, orFault, type Run, readLastWaves } from './observe.ts';
import { type OnDemand, type Ports, ReportConflict } from './ports.ts';

/** A run that also publishes. */
export interface TickRun extends Run {
  /** Without those that change DNS none of it is changed: what the planner plans of it is not done. */
  ports: Ports | OnDemand;
}

export interface TickOptions {
  /** Looks and plans, writes nothing: no record, no command but `collect`, no metric, no report. */
  dryRun: boolean;
  /** How long hosts are waited for. */
  waitSeconds: number;
}

/** What a plan is made with; `cycle` on demand brings its own. */
export type Planner = (input: Parameters<typeof plan>[0]) => Plan;

export interface Ticked {
  report: Report;
  look: Look;
  /** Another run was first: this one changed nothing. */
  gaveWay: string | null;
}

/**
 * One tick: observe, diagnose, plan, claim, publish, apply, report. Whatever it is about to send is written to the report first,
 * over the version it read: of two ticks at once one gives way, and a tick that dies leaves its intentions to the next.
 * Throws only when EC2 does not tell who the hosts are.
 */
export async function tick(run: TickRun, options: TickOptions, planner: Planner = plan): Promise<Ticked> {
  const startedAtMs = run.nowMs();
  const observed = await observe(run);
  const seen = await look(run, observed, null, options.waitSeconds);
  const faults = [...observed.faults, ...seen.faults];
  const { decided, verdicts } = await decide(run, observed, seen, planner, faults);

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
    ...planned(decided),
    verdicts,
    faults,
    collectCommandIds: seen.commandIds,
  };
  if (options.dryRun) return { report: { ...report, endedAtMs: run.nowMs() }, look: seen, gaveWay: null };
  // a last report that could not be read cannot be written over either: nothing was decided then, and nothing is sent
  if (observed.last === null) {
    await publish(run, seen, decided, faults);
    return { report: { ...report, endedAtMs: run.nowMs() }, look: seen, gaveWay: null };
  }
  try {
    const claim = await run.ports.reports.write(report, observed.last.etag);
    await publish(run, seen, decided, faults);
    const applied = await apply(run, decided, observed.mode, report);
    await orFault(run.ports.reports.write(applied, claim), applied.faults);
    return { report: applied, look: seen, gaveWay: null };
  } catch (error) {
    if (error instanceof ReportConflict) return { report, look: seen, gaveWay: error.message };
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
  planner: Planner,
  faults: string[],
): Promise<Decision> {
  const missing = [
    ...(observed.records === null ? ['the zone'] : []),
    ...(observed.last === null ? ['the last report'] : []),
  ];
  if (missing.length > 0 || observed.records === null) {
    const sentence = `Nothing is registered, withdrawn or cycled in pod ${run.pod.name}: ${missing.join(' and ')} could not be read.`;
    const refusals = [{ subject: run.pod.name, rule: 'blind', sentence }];
    return { decided: { ...EMPTY_PLAN, memory: observed.memory, unfinished: true, refusals }, verdicts: [] };
  }
  const { progress, verdicts } = await readLastWaves(run, observed.last?.report ?? null, faults);
  const decided = planner({
    pod: run.pod,
    nowMs: run.nowMs(),
    mode: observed.mode,
    hosts: observed.hosts,
    unknownIds: observed.unknownIds,
    records: observed.records,
    judgements: seen.judgements,
    memory: observed.memory,
    progress,
  });
  return { decided, verdicts };
}

async function publish(run: TickRun, seen: Look, decided: Plan, faults: string[]): Promise<void> {
  const data = hostMetrics(run.pod, seen.judgements, decided, run.nowMs());
  faults.push(...metricFaults(data));
  for (const request of packMetricData(data)) await orFault(run.ports.metrics.put(request), faults);
}

/** The mode is read again before every change: an operator who says `hold` is heard within the tick. */
async function apply(run: TickRun, decided: Plan, mode: Mode, report: Report): Promise<Report> {
  const faults = [...report.faults];
  const stillAllowed = async () => {
    const now = await run.ports.modes.read(run.pod.name);
    if (now.mode === mode) return true;
    faults.push(
      `The mode of pod ${run.pod.name} went from ${mode} to ${now.mode} during the tick; the rest of it is left undone.`,
    );
    return false;
  };
  let changes: Report['changes'] = report.changes.map((change) => ({ ...change, outcome: 'not done' }));
  const { ports, pod, tickId } = run;
  if (decided.changes.length > 0 && 'events' in ports && (await stillAllowed())) {
    const dns = { ports, pod, tickId };
    const applied = await applyChanges(dns, decided.changes);
    changes = applied.map(({ change: { raw: _, ...change }, outcome }) => ({ ...change, outcome }));
    await announce(dns, applied, faults);
  }
  let sent: SentCycle[] = [];
  if (decided.cycles.length > 0 && (await stillAllowed())) sent = await sendCycles(run, decided.cycles);
  for (const { instanceId, why } of sent.flatMap((cycle) => cycle.refused)) {
    faults.push(`SSM would not cycle ${instanceId}: ${why}.`);
  }
  for (const { instanceIds, why } of sent.flatMap((cycle) => cycle.unsure)) {
    faults.push(
      `Whether SSM cycles ${instanceIds.join(', ')} it did not say: ${why}. Until it shows, no other wave starts.`,
    );
  }
  return {
    ...report,
    endedAtMs: run.nowMs(),
    changes,
    cycles: report.cycles.map((cycle, index) => ({ ...cycle, ...sentOutcome(sent[index]) })),
    faults,
    memory: asSent(report.memory, decided.cycles, sent),
  };
}

function sentOutcome(sent: SentCycle | undefined): { commandIds: string[]; outcome: Outcome } {
  if (!sent) return { commandIds: [], outcome: 'not done' };
  return { commandIds: sent.commands.map(({ commandId }) => commandId), outcome: sent.outcome };
}

/**
 * What was sent is remembered with SSM's ids, by which the next tick asks how it ended; what may have been sent, without. What
 * was planned and not sent (the mode changed, SSM refused) is forgotten: it holds up no next wave, and is nobody's cool-down.
 */
function asSent(memory: Memory, planned: CycleCommand[], sent: SentCycle[]): Memory {
  const rollOuts = { ...memory.rollOuts };
  const unsent: WaveProgress[] = [];
  for (const tier of new Set(planned.map((command) => command.tier))) {
    const ofTier = sent.filter(({ command }) => command.tier === tier);
    const unsure = ofTier.flatMap((cycle) => cycle.unsure.map(({ instanceIds }) => ({ commandId: null, instanceIds })));
    const commands = [...ofTier.flatMap((cycle) => cycle.commands), ...unsure];
    const reached = new Set(commands.flatMap(({ instanceIds }) => instanceIds));
    const ids = planned.filter((command) => command.tier === tier).flatMap(({ instanceIds }) => instanceIds);
    const undone = ids.filter((id) => !reached.has(id));
    unsent.push({ tier, ended: true, succeeded: 0, failed: 0, withinErrorLimit: true, undone });
    const rollOut = memory.rollOuts[tier];
    if (rollOut && commands.length > 0) rollOuts[tier] = { ...rollOut, commands };
    else delete rollOuts[tier];
  }
  return { ...memory, cycles: withoutUndone(memory, unsent), rollOuts };
}
