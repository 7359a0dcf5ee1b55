import type { Context } from 'aws-lambda';
import type { Pod } from '../../src/fleet/fleet.ts';
import type { PodVerdict } from '../../src/report/page/pods-page.ts';
import { NO_REPORT, noReportYet, type ReadReport } from '../../src/report/read-report.ts';
import { verdictOf, verdictWithoutReport } from '../../src/report/verdict.ts';
import { reports } from '../lambda/adapters.ts';
import { runOf } from '../lambda/run.ts';

/** One after the other, as a report may be megabytes; one that cannot be read costs its own line. */
export async function readOf(pod: Pod, context: Context): Promise<ReadReport> {
  const fault = `The last report of pod ${pod.name} could not be read from S3; the log of this request says why.`;
  return reports(runOf(context, pod.name).call)
    .read(pod.name)
    .catch((error: Error) => {
      console.error({ pod: pod.name, failed: error.message });
      return { ...NO_REPORT, fault };
    });
}

/** Its verdict, also where there is no report to go by. */
export function verdictOfPod(pod: Pod, { report, fault }: ReadReport, nowMs: number): PodVerdict {
  return report === null
    ? { pod, verdict: verdictWithoutReport(pod.name, fault ?? noReportYet(pod.name)), lookedAtMs: null }
    : { pod, verdict: verdictOf(report, pod, nowMs), lookedAtMs: report.startedAtMs };
}
