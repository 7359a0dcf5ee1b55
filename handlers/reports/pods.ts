import type { Context } from 'aws-lambda';
import fleet from '../../fleet.yml';
import type { Pod } from '../../src/fleet/fleet.ts';
import { OPEN_METRICS_TYPE, openMetrics } from '../../src/report/open-metrics.ts';
import { type PodVerdict, podsPage, worstFirst } from '../../src/report/page/pods-page.ts';
import { NO_REPORT, noReportYet, type ReadReport } from '../../src/report/read-report.ts';
import { verdictOf, verdictWithoutReport } from '../../src/report/verdict.ts';
import { operatorsOnly, wantsPage } from '../http/caller.ts';
import type { Call, Page } from '../http/http.ts';
import { reports } from '../lambda/adapters.ts';
import { runOf } from '../lambda/run.ts';
import { pageFor } from './page.ts';

/** All pods with their verdicts, for operators: to a browser a page, to others JSON. */
export async function podsOf({ event }: Call, context: Context): Promise<Page> {
  operatorsOnly(fleet, event);
  const pods: PodVerdict[] = [];
  for (const pod of fleet.pods) pods.push(verdictOfPod(pod, await readOf(pod, context), Date.now()));
  if (wantsPage(event))
    return pageFor(
      podsPage(pods, event.requestContext.path?.endsWith('/') === false ? `${event.requestContext.path}/` : ''),
    );
  const listed = worstFirst(pods).map(({ pod, verdict, lookedAtMs }) => ({ pod: pod.name, ...verdict, lookedAtMs }));
  return { type: 'application/json', body: `${JSON.stringify({ pods: listed })}\n`, headers: { vary: 'accept' } };
}

/** The last reports in OpenMetrics, for operators. */
export async function metricsOf({ event }: Call, context: Context): Promise<Page> {
  operatorsOnly(fleet, event);
  const all = [];
  for (const pod of fleet.pods) all.push({ pod, report: (await readOf(pod, context)).report });
  return { type: OPEN_METRICS_TYPE, body: openMetrics(all) };
}

/** One after the other, as a report may be megabytes; one that cannot be read costs its own line. */
async function readOf(pod: Pod, context: Context): Promise<ReadReport> {
  const fault = `The last report of pod ${pod.name} could not be read from S3; the log of this request says why.`;
  return reports(runOf(context, pod.name).call)
    .read(pod.name)
    .catch((error: Error) => {
      console.error({ pod: pod.name, failed: error.message });
      return { ...NO_REPORT, fault };
    });
}

function verdictOfPod(pod: Pod, { report, fault }: ReadReport, nowMs: number): PodVerdict {
  return report === null
    ? { pod, verdict: verdictWithoutReport(pod.name, fault ?? noReportYet(pod.name)), lookedAtMs: null }
    : { pod, verdict: verdictOf(report, pod, nowMs), lookedAtMs: report.startedAtMs };
}
