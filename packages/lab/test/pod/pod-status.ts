import type { Report } from '../../../../src/report/report.ts';
import { wholeHost } from '../../src/pod/stored-report.ts';
import { held } from './call-api.ts';
import type { StartedPod } from './started-pod.ts';

/** Against waiting for ever, never a measure. */
export const GUARD_MS = 600_000;

/** The first line like this from `after` on, which may be still to come. */
export const lineOf = (pod: StartedPod, pattern: RegExp, after = 0) => pod.line(pattern, GUARD_MS, after);

/** As much as is looked at of /{pod}/status.json. */
export interface Status {
  mode: string;
  summary: { expected: number; sampled: number; confident: number; stale: number };
  hosts: { instanceId: string; tier: string; state: string; polled: string[]; stale: unknown }[];
  sentences: string[];
}

async function status(pod: StartedPod, name: string): Promise<Status> {
  const { statusCode, body } = await held(pod, '/{pod}/status.json', `/${name}/status.json`);
  if (statusCode !== 200) throw new Error(`status ${statusCode}: ${body}`);
  const { hosts, polledAddresses, staleness, texts, ...others } = JSON.parse(body);
  const tables = { polledAddresses, staleness, texts };
  return { ...others, hosts: hosts.map((row: Report['hosts'][number]) => wholeHost(row, tables)) };
}

/** Looks at a pod's status, and again after each of its reports, until `look` finds in it what is waited for. */
export async function untilStatus<T>(
  pod: StartedPod,
  name: string,
  what: string,
  look: (status: Status) => T | null,
): Promise<T> {
  let last: unknown = null;
  for (;;) {
    const before = pod.lines.length;
    // before the first report there is none to be shown
    const seen = await status(pod, name).then(look, (error: unknown) => {
      last = error;
      return null;
    });
    if (seen !== null) return seen;
    await lineOf(pod, new RegExp(` collected +${name}: `), before).catch((error: unknown) => {
      throw new Error(`${what} did not come (${last}). ${error}`);
    });
  }
}
