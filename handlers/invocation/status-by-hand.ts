import { noReportYet } from '../../src/report/read-report.ts';
import { statusOf } from '../../src/report/status.ts';
import { verdictWithoutReport } from '../../src/report/verdict.ts';
import { reports } from '../lambda/adapters.ts';
import { runOf } from '../lambda/run.ts';
import { invocation } from './invocation.ts';
import { podNamed, read } from './payload.ts';
import { STATUS } from './status-payload.ts';

/** How a pod's time is, by its last report, which is read and nobody asked. A report that cannot be shown is told in a sentence. */
export const statusByHand = invocation(async (payload, context) => {
  const pod = podNamed(read(STATUS, payload).pod);
  const { report, fault } = await reports(runOf(context, pod.name).call).read(pod.name);
  if (report === null) {
    const { level, sentence, because } = verdictWithoutReport(pod.name, fault ?? noReportYet(pod.name));
    return { pod: pod.name, sentences: [sentence, because], level };
  }
  const { sentences, ...answer } = statusOf(report, pod, Date.now());
  return { ...answer, sentences: [...(fault === null ? [] : [fault]), ...sentences] };
});
