import { withUnread } from '../diagnosis/unread.ts';
import { boundedClocks } from '../report/bounds.ts';
import { clocksOfSome, clocksReportOf, hostLookOf, summaryOf } from '../report/compose.ts';
import { rawOutput } from '../report/raw-output.ts';
import { saidOnce } from '../report/said-once.ts';
import { lookSentences } from '../report/sentences.ts';
import { byHandWaitSeconds } from './budget.ts';
import { collectCutOffSentence } from './cut-off.ts';
import { look, unasked } from './look.ts';
import { observe, type Run } from './observe.ts';
import { standingOf } from './turn.ts';

/**
 * A live look at a pod, judged, with what each host printed. Changes nothing. Throws when EC2 did not tell its instances.
 *
 * @param instanceIds null: all of its hosts
 */
export async function lookByHand(run: Run, instanceIds: string[] | null) {
  const { pod } = run;
  const observed = await observe(run, await standingOf(run));
  if (observed.unseen) throw observed.unseen;
  const seen = await look(run, observed, instanceIds, byHandWaitSeconds(pod));
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
  const sentences = lookSentences(pod.name, summary, faults, hosts, clocks);
  return { pod: pod.name, sentences, summary, clocks: saidOnce.clocks(clocks), hosts };
}
