import type { Context } from 'aws-lambda';
import fleet from '../../fleet.yml';
import { listQueryOf } from '../../src/report/page/hosts-table.ts';
import { statusPage } from '../../src/report/page/status-page.ts';
import { isOperator } from '../http/caller.ts';
import type { Call, Page } from '../http/http.ts';
import { places } from '../lambda/places.ts';
import { lastReport } from './last-report.ts';
import { pageFor } from './page.ts';

/** The pod's last report for people. Who is no operator sees the summary. */
export async function statusPageOf(call: Call, context: Context): Promise<Page> {
  const { pod, report, fault } = await lastReport(call, context);
  const query = isOperator(fleet, call.event) ? listQueryOf(call.query, pod) : null;
  return pageFor(statusPage({ fleet, pod, report, fault, nowMs: Date.now() }, query, places()));
}
