import fleet from '../fleet.yml';
import { planOnDemandCycle } from '../src/plan/cycling/on-demand.ts';
import { sentencesOf } from '../src/report/sentences.ts';
import { tick } from '../src/watchdog/tick.ts';
import { commands, metrics, reading } from './adapters.ts';
import { invocation } from './invocation.ts';
import { azOf, CYCLE, podNamed, read } from './payload.ts';

const ports = { ...reading(), commands: commands(), metrics: metrics() };

/** `sls invoke` repeats a call it has no answer to: nobody is waited for longer than this. */
const WAIT_SECONDS = 15;

/** Cycles stale hosts on demand, by every rule of a tick; answers what was, or with `dryRun` would be, started, and why. */
export const handler = invocation(async (payload, tickId) => {
  const asked = read(CYCLE, payload);
  const pod = podNamed(asked.pod);
  const request = {
    tier: asked.tier ?? null,
    az: azOf(pod, asked.az),
    instanceIds: asked.instanceIds ?? null,
    force: asked.force ?? false,
    dryRun: asked.dryRun ?? false,
  };
  const waitSeconds = Math.min(WAIT_SECONDS, pod.collectWaitSeconds);
  const ticked = await tick(
    { ports, fleet, pod, tickId, nowMs: Date.now },
    { dryRun: request.dryRun, waitSeconds },
    (input) => planOnDemandCycle(input, request),
  );
  // the other run changed the pod meanwhile: the operator is told to ask again, nothing is repeated by itself
  if (ticked.gaveWay) return { pod: pod.name, sentences: [`${ticked.gaveWay} Ask again.`] };
  const { cycles, refusals } = ticked.report;
  return { pod: pod.name, dryRun: request.dryRun, sentences: sentencesOf(ticked.report), cycles, refusals };
});
