import type { Context } from 'aws-lambda';
import fleet from '../../fleet.yml';
import { OPEN_METRICS_TYPE, openMetrics } from '../../src/report/open-metrics.ts';
import { type PodVerdict, podsPage, worstFirst } from '../../src/report/page/pods-page.ts';
import { operatorsOnly, wantsPage } from '../http/caller.ts';
import type { Call, Page } from '../http/http.ts';
import { readOf, verdictOfPod } from './each-pod.ts';
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
