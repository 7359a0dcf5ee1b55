import fleet from '../fleet.yml';
import { REAL_TIME } from '../src/aws/commands.ts';
import { saidOnce } from '../src/report/said-once.ts';
import { waveReportsOf } from '../src/report/sentences.ts';
import { retirePod } from '../src/watchdog/membership.ts';
import { scheduledRun, toldTick } from '../src/watchdog/scheduled-run.ts';
import { invocation } from './invocation/invocation.ts';
import { read } from './invocation/payload.ts';
import { podServed } from './invocation/pod-served.ts';
import { DNS_CHANGED, WATCHDOG, type WatchdogRequest } from './invocation/watchdog-payload.ts';
import { changing, files, looking, publishing, recording } from './lambda/adapters.ts';
import { runOf } from './lambda/run.ts';

/** `sls invoke` waits 120 s and repeats an unanswered call: a run by hand waits less for silent hosts. */
const BY_HAND_WAIT_SECONDS = 15;

/** A tick: by schedule (when due), because DNS changed, or by hand (`dryRun` writes nothing); or, by hand, the pod is emptied (`retire`). */
export const handler = invocation(async (payload, context) => {
  const isEvent = typeof payload === 'object' && payload !== null && 'detail' in payload;
  const request: WatchdogRequest = isEvent ? read(DNS_CHANGED, payload).detail : read(WATCHDOG, payload);
  const { scheduled = false, dryRun = false, delaySeconds = 0, retire = false, settle = null } = request;
  const pod = podServed(request.pod, context);
  const invoked = runOf(context, pod.name);
  const ports = {
    ...looking(invoked),
    metrics: publishing(invoked),
    histories: recording(invoked, pod),
    ...changing(invoked),
    files: files(invoked),
  };
  if (retire) {
    const { refusals, ...answer } = await retirePod({ ports, ...invoked }, pod, dryRun);
    return { ...answer, refusals: saidOnce.entries(refusals) };
  }
  const run = { ports, fleet, pod, ...invoked, ...REAL_TIME };
  const waitSeconds =
    isEvent || scheduled ? pod.collectWaitSeconds : Math.min(BY_HAND_WAIT_SECONDS, pod.collectWaitSeconds);
  const options = { dryRun, waitSeconds, settle, bringsNews: isEvent };
  const { report, sentences } = scheduled
    ? await scheduledRun(run, options, delaySeconds)
    : await toldTick(run, options);
  if (report === null) return { pod: pod.name, sentences };
  const { changes, summary } = report;
  const [cycles, refusals] = [waveReportsOf(report.cycles), saidOnce.entries(report.refusals)];
  return { pod: pod.name, dryRun, sentences, summary, changes, cycles, refusals };
});
