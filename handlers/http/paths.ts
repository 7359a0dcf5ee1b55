import { type Fleet, findPod, noSuchPod, type Pod } from '../../src/fleet/fleet.ts';
import { Problem } from './problem.ts';

/** The pod that a path names. Throws a 404 that lists the pods. */
export function podOf(fleet: Fleet, name: string | undefined): Pod {
  const pod = findPod(fleet, name ?? '');
  if (pod) return pod;
  throw new Problem(404, noSuchPod(fleet));
}
