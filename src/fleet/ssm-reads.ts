import { ANSWERS_PER_PAGE } from './aws-limits.ts';
import type { Fleet, Pod } from './fleet.ts';

/** Of a tick beside the pages of the list: looks at the command, and the list's end once more. */
const OTHER_READS = 20;

/** Reads of SSM's lists that an account and region have in a second. Assumed: AWS publishes no rate. */
export const ASSUMED_READS_PER_SECOND = 10;

/** The schedule starts no more runs than one a minute. */
const LEAST_INTERVAL_SECONDS = 60;

/** How many reads a second the ticks of pods come to at the least: the pages of their lists, one after the other. */
export function leastReadsPerSecond(pods: readonly Pick<Pod, 'hosts' | 'intervalSeconds'>[]): number {
  const ofPod = ({ hosts, intervalSeconds }: Pick<Pod, 'hosts' | 'intervalSeconds'>) =>
    Math.ceil(hosts / ANSWERS_PER_PAGE) / Math.max(intervalSeconds, LEAST_INTERVAL_SECONDS);
  return pods.reduce((sum, pod) => sum + ofPod(pod), 0);
}

/**
 * In how many seconds a pod's list is read beside those of all pods (itself among them) that begin with it, at the assumed rate: each gets one
 * page after the other, until its list is at an end.
 */
export function secondsBeside(pods: readonly Pick<Pod, 'hosts'>[], { hosts }: Pick<Pod, 'hosts'>): number {
  const pages = pods.reduce((sum, each) => sum + Math.ceil(Math.min(each.hosts, hosts) / ANSWERS_PER_PAGE), 0);
  return Math.ceil(pages / ASSUMED_READS_PER_SECOND);
}

/** How many reads of SSM's lists a tick of so many hosts takes. */
export function readsOfTick(hosts: number): number {
  return Math.ceil(hosts / ANSWERS_PER_PAGE) + OTHER_READS;
}

/** How many hosts a run can read in so many reads of SSM's lists, those beside the pages among them. */
export function hostsOfReads(reads: number): number {
  return Math.max(0, Math.floor(reads) - OTHER_READS) * ANSWERS_PER_PAGE;
}

/** What the limits are reckoned from. */
export type ReadingPod = Pick<Pod, 'name' | 'region' | 'hosts'>;

/**
 * How many reads of SSM's lists a second one pod's run may make, so that all pods of its region together keep to
 * `ssm.readsPerSecond` though their runs know nothing of each other: one a second each, and what is left by their hosts. null: as
 * many as SSM takes. What people start by hand runs beside it, and takes as much again. Decision 0068.
 */
export function readsPerSecondOf(
  fleet: Pick<Fleet, 'ssm'> & { pods: readonly ReadingPod[] },
  pod: ReadingPod,
): number | null {
  const { readsPerSecond } = fleet.ssm;
  if (readsPerSecond === null) return null;
  const sharing = fleet.pods.filter(({ region }) => region === pod.region);
  const hosts = sharing.reduce((sum, each) => sum + each.hosts, 0);
  const each = Math.min(1, readsPerSecond / sharing.length);
  return each + ((readsPerSecond - each * sharing.length) * pod.hosts) / hosts;
}
