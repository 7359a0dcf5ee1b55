import fleet from '../fleet.yml';
import { sentencesOf } from '../src/report/sentences.ts';
import { reports } from './adapters.ts';
import { http } from './http.ts';
import { podOf } from './paths.ts';
import { Problem } from './problem.ts';

const stored = reports();

/** The pod's last report, with its sentences. */
export const handler = http(['GET', 'HEAD'], async (call) => {
  const pod = podOf(fleet, call.path.pod);
  const { report, fault } = await stored.read(pod.name);
  if (report === null) throw new Problem(404, fault ?? `Pod ${pod.name} has no report yet: its watchdog has not run.`);
  return { type: 'application/json', body: `${JSON.stringify({ sentences: sentencesOf(report), ...report })}\n` };
});
