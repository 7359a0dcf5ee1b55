import type { Fleet, Pod, Tier } from '../fleet/fleet.ts';
import type { DaemonKind } from '../host/collected.ts';
import { FILE_OF, render } from './files.ts';

/** The revision that stands in the file served now to a host of this pod, tier and AZ for its daemon. */
export function revisionOf(fleet: Fleet, pod: Pod, tier: Tier, az: string, daemon: DaemonKind): string {
  return render(FILE_OF[daemon], { fleet, pod, tier, az }).revision;
}
