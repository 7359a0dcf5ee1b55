import type { Context } from 'aws-lambda';
import fleet from '../../fleet.yml';
import type { Pod } from '../../src/fleet/fleet.ts';
import { noReportYet } from '../../src/report/read-report.ts';
import type { Report } from '../../src/report/report.ts';
import type { Call } from '../http/http.ts';
import { podOf } from '../http/paths.ts';
import { Problem } from '../http/problem.ts';
import { reports } from '../lambda/adapters.ts';
import { runOf } from '../lambda/run.ts';

/** A pod with its last report; `fault`: what of it could not be read. */
export interface LastReport {
  pod: Pod;
  report: Report;
  fault: string | null;
}

/** The last report of the pod that the path names. Throws the problem that tells why there is none. */
export async function lastReport({ path }: Call, context: Context): Promise<LastReport> {
  const pod = podOf(fleet, path.pod);
  const { report, newer, fault } = await reports(runOf(context, pod.name).call).read(pod.name);
  // there is one, and this code is too old to show it
  if (newer) throw new Problem(503, fault ?? 'The report is of a newer podtime.');
  if (report === null) throw new Problem(404, fault ?? noReportYet(pod.name));
  return { pod, report, fault };
}
