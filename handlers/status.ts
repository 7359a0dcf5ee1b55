import type { Context } from 'aws-lambda';
import fleet from '../fleet.yml';
import { PAGE_BYTES, pageOf, placeOf } from '../src/report/page.ts';
import { noReportYet } from '../src/report/read-report.ts';
import { sentencesOf } from '../src/report/sentences.ts';
import { type Call, http, type Page } from './http/http.ts';
import { podOf } from './http/paths.ts';
import { Problem } from './http/problem.ts';
import { eitherOf } from './invocation/either.ts';
import { statusByHand } from './invocation/status-by-hand.ts';
import { reports } from './lambda/adapters.ts';
import { runOf } from './lambda/run.ts';

/** The gateway is answered with the body as a JSON string. */
const bytesOfBody = (part: unknown) => Buffer.byteLength(JSON.stringify(JSON.stringify(part)));

/** Of a page that the report does not have. */
const STATUS_OF = { unknown: 400, gone: 410 } as const;

/**
 * The pod's last report, with its sentences; of a report that is too large for one answer a page, and where the next begins. The
 * gateway compresses it for who accepts that. Invoked by hand, with `{"pod":"blue"}`, it says how the pod's time is.
 */
export const handler = eitherOf(http(['GET', 'HEAD'], answer, ['after']), statusByHand);

async function answer({ path, query }: Call, context: Context): Promise<Page> {
  const pod = podOf(fleet, path.pod);
  const { report, newer, fault } = await reports(runOf(context, pod.name).call).read(pod.name);
  // there is one, and this code is too old to show it
  if (newer) throw new Problem(503, fault ?? 'The report is of a newer podtime.');
  if (report === null) throw new Problem(404, fault ?? noReportYet(pod.name));
  const place = placeOf(report, query.after ?? null);
  if (typeof place !== 'number') throw new Problem(STATUS_OF[place.kind], place.sentence);
  const sentences = [...(fault === null ? [] : [fault]), ...sentencesOf(report)];
  const page = pageOf({ sentences, ...report }, place, PAGE_BYTES, bytesOfBody);
  const headers: Record<string, string> = page.next === undefined ? {} : { link: `<?after=${page.next}>; rel="next"` };
  return { type: 'application/json', body: `${JSON.stringify(page)}\n`, headers };
}
