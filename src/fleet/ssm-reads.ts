import { ANSWERS_PER_PAGE } from './aws-limits.ts';
import type { Fleet, Pod } from './fleet.ts';

/** Of a tick beside the pages of the list: looks at the command, and the list's end once more. */
const OTHER_READS = 20;

/** How many reads of SSM's lists a tick of so many hosts takes. */
export function readsOfTick(hosts: number): number {
  return Math.ceil(hosts / ANSWERS_PER_PAGE) + OTHER_READS;
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
