import fleet from '../fleet.yml';
import { withUnread } from '../src/diagnosis/unread.ts';
import { boundedClocks } from '../src/report/bounds.ts';
import { clocksOfSome, clocksReportOf, hostLookOf, summaryOf } from '../src/report/compose.ts';
import { ANSWER_BYTES, fitAnswer } from '../src/report/fit.ts';
import { rawOutput } from '../src/report/raw-output.ts';
import { saidOnce } from '../src/report/said-once.ts';
import { lookSentences } from '../src/report/sentences.ts';
import { byHandWaitSeconds } from '../src/watchdog/budget.ts';
import { collectCutOffSentence } from '../src/watchdog/cut-off.ts';
import { look, unasked } from '../src/watchdog/look.ts';
import { observe } from '../src/watchdog/observe.ts';
import { standingOf } from '../src/watchdog/turn.ts';
import { COLLECT } from './invocation/collect-payload.ts';
import { invocation } from './invocation/invocation.ts';
import { podNamed, read } from './invocation/payload.ts';
import { looking } from './lambda/adapters.ts';
import { runOf } from './lambda/run.ts';

const bytesOf = (answer: unknown) => Buffer.byteLength(JSON.stringify(answer));

/**
 * A live look at a pod, or at some of its hosts: judged, with what each printed. Changes nothing. Of more hosts than an
 * answer holds (some 2,000) the most urgent.
 */
export const handler = invocation(async (payload, context) => {
  const { pod: name, instanceIds } = read(COLLECT, payload);
  const pod = podNamed(name);
  const invoked = runOf(context, pod.name);
  const ports = looking(invoked);
  const run = { ports, fleet, pod, ...invoked, nowMs: Date.now };
  const observed = await observe(run, await standingOf(run));
  if (observed.unseen) throw observed.unseen;
  const seen = await look(run, observed, instanceIds ?? null, byHandWaitSeconds(pod));
  const left = unasked(pod, observed, instanceIds ?? []);
  const unread = instanceIds ? [] : observed.unreadHosts;
  const judgements = withUnread(seen.judgements, unread);
  const hosts = judgements.map((judgement) => {
    const output = seen.outputs.get(judgement.host.instanceId);
    return { ...hostLookOf(judgement), output: output === undefined ? null : rawOutput(output) };
  });
  const cutOff = seen.cutOff === null ? [] : [collectCutOffSentence(run, seen.cutOff)];
  const faults = [...cutOff, ...left, ...observed.faults, ...seen.faults, ...seen.undone];
  const summary = summaryOf(judgements);
  const clocks = boundedClocks((instanceIds ? clocksOfSome : clocksReportOf)(seen.clocks, judgements));
  const sentences = lookSentences(name, summary, faults, hosts, clocks);
  return fitAnswer({ pod: name, sentences, summary, clocks: saidOnce.clocks(clocks), hosts }, ANSWER_BYTES, bytesOf);
});
