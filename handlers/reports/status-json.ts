import type { Context } from 'aws-lambda';
import fleet from '../../fleet.yml';
import { PAGE_BYTES, pageOf, placeOf } from '../../src/report/paging.ts';
import { sentencesOf } from '../../src/report/sentences.ts';
import { podSummaryOf, summarySentencesOf } from '../../src/report/summary.ts';
import { isOperator } from '../http/caller.ts';
import type { Call, Page } from '../http/http.ts';
import { Problem } from '../http/problem.ts';
import { lastReport } from './last-report.ts';

/** The gateway is answered with the body as a JSON string. */
const bytesOfBody = (part: unknown) => Buffer.byteLength(JSON.stringify(JSON.stringify(part)));

/** Of a page that the report does not have. */
const STATUS_OF = { unknown: 400, gone: 410 } as const;

/**
 * The pod's last report, with its sentences; of a report that is too large for one answer a page, and where the next begins. The
 * gateway compresses it for who accepts that. Who is no operator sees the summary.
 */
export async function statusJson(call: Call, context: Context): Promise<Page> {
  const { report, fault } = await lastReport(call, context);
  if (!isOperator(fleet, call.event)) return json({ sentences: summarySentencesOf(report), ...podSummaryOf(report) });
  const place = placeOf(report, call.query.after ?? null);
  if (typeof place !== 'number') throw new Problem(STATUS_OF[place.kind], place.sentence);
  const sentences = [...(fault === null ? [] : [fault]), ...sentencesOf(report)];
  const page = pageOf({ sentences, ...report }, place, PAGE_BYTES, bytesOfBody);
  return json(page, page.next === undefined ? {} : { link: `<?after=${page.next}>; rel="next"` });
}

function json(body: unknown, headers: Record<string, string> = {}): Page {
  return { type: 'application/json', body: `${JSON.stringify(body)}\n`, headers };
}
