import fleet from '../fleet.yml';
import { saidOnce } from '../src/report/said-once.ts';
import { sentencesOf, waveReportsOf } from '../src/report/sentences.ts';
import { byHandWaitSeconds } from '../src/watchdog/budget.ts';
import { cycleOnDemand } from '../src/watchdog/tick.ts';
import { azOf, CYCLE } from './invocation/cycle-payload.ts';
import { invocation } from './invocation/invocation.ts';
import { podNamed, read } from './invocation/payload.ts';
import { looking, publishing, recording } from './lambda/adapters.ts';
import { runOf } from './lambda/run.ts';

/** Cycles stale hosts on demand, by every rule of a tick; answers what was, or with `dryRun` would be, started, and why. */
export const handler = invocation(async (given, context) => {
  const payload = read(CYCLE, given);
  const pod = podNamed(payload.pod);
  const request = {
    tier: payload.tier ?? null,
    az: azOf(pod, payload.az),
    instanceIds: payload.instanceIds ?? null,
    force: payload.force ?? false,
  };
  const dryRun = payload.dryRun ?? false;
  const waitSeconds = byHandWaitSeconds(pod);
  const invoked = runOf(context, pod.name);
  const ports = { ...looking(invoked), metrics: publishing(invoked), histories: recording(invoked, pod) };
  const run = { ports, fleet, pod, ...invoked, nowMs: Date.now };
  const { report, gaveWay } = await cycleOnDemand(run, { dryRun, waitSeconds }, request);
  // the operator asks again: of what was asked for nothing is repeated by itself
  if (report === null) return { pod: pod.name, sentences: [`${gaveWay} Ask again.`] };
  const { cycles, refusals } = report;
  return {
    pod: pod.name,
    dryRun,
    sentences: sentencesOf(report),
    cycles: waveReportsOf(cycles),
    refusals: saidOnce.entries(refusals),
  };
});
