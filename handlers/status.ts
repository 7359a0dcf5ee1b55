import fleet from '../fleet.yml';
import { ANSWER_BYTES, fitAnswer } from '../src/report/fit.ts';
import { sentencesOf } from '../src/report/sentences.ts';
import { http } from './http/http.ts';
import { podOf } from './http/paths.ts';
import { Problem } from './http/problem.ts';
import { reports } from './lambda/adapters.ts';
import { runOf } from './lambda/run.ts';

/** The gateway is answered with the body as a JSON string. */
const bytesOfBody = (answer: unknown) => Buffer.byteLength(JSON.stringify(JSON.stringify(answer)));

/** The pod's last report, with its sentences; of a report that is too large for an answer what is most urgent. */
export const handler = http(['GET', 'HEAD'], async ({ path }, context) => {
  const pod = podOf(fleet, path.pod);
  const { report, newer, fault } = await reports(runOf(context, pod.name).call).read(pod.name);
  // there is one, and this code is too old to show it
  if (newer) throw new Problem(503, fault ?? 'The report is of a newer podtime.');
  if (report === null) throw new Problem(404, fault ?? `Pod ${pod.name} has no report yet: its watchdog has not run.`);
  const sentences = [...(fault === null ? [] : [fault]), ...sentencesOf(report)];
  const answer = fitAnswer({ sentences, ...report }, ANSWER_BYTES, bytesOfBody);
  return { type: 'application/json', body: `${JSON.stringify(answer)}\n` };
});
