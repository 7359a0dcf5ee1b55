import type { Context } from 'aws-lambda';
import fleet from '../../fleet.yml';
import { isInstanceId } from '../../src/fleet/fleet.ts';
import { count } from '../../src/fleet/sentences.ts';
import { hostDetails } from '../../src/report/host/details.ts';
import { findClock, hostPage } from '../../src/report/page/host-page.ts';
import { operatorsOnly, wantsPage } from '../http/caller.ts';
import type { Call, Page } from '../http/http.ts';
import { Problem } from '../http/problem.ts';
import { detailPorts } from '../lambda/adapters.ts';
import { places } from '../lambda/places.ts';
import { runOf } from '../lambda/run.ts';
import { lastReport } from './last-report.ts';
import { pageFor } from './page.ts';

/** One clock of the last report, for operators: to a browser a page, to others JSON. */
export async function hostOf(call: Call, context: Context): Promise<Page> {
  operatorsOnly(fleet, call.event);
  const { pod, report } = await lastReport(call, context);
  const { id = '' } = call.path;
  const clock = findClock({ report }, id);
  if (clock === null) {
    const named = isInstanceId(id) ? id : 'of that id';
    throw new Problem(
      404,
      `The last report of pod ${pod.name} has no host ${named}; /${pod.name}/status lists its ${count(report.hosts.length, 'host')}.`,
    );
  }
  const ports = detailPorts(runOf(context, pod.name), pod);
  const details = await hostDetails(ports, { fleet, pod, report, clock });
  if (wantsPage(call.event)) return pageFor(hostPage({ pod, report }, clock, details, places()));
  const { tickId, startedAtMs } = report;
  const body = `${JSON.stringify({ pod: pod.name, tickId, startedAtMs, ...clock, ...details })}\n`;
  return { type: 'application/json', body, headers: { vary: 'accept' } };
}
