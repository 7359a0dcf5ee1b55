import fleet from '../../fleet.yml';
import { findAz } from '../../src/fleet/az-names.ts';
import { findPod, type Pod, TIERS } from '../../src/fleet/fleet.ts';
import { oneOf, optional, TEXT } from '../../src/fleet/json-schema.ts';
import { IDS } from './instance-ids.ts';
import { type Asked, checked, FLAG, must, POD, shown, strict } from './payload.ts';

/** `sls invoke -f cycle -d …` */
export const CYCLE = checked(
  foreignAz,
  strict({
    pod: POD,
    tier: optional(must(TIERS.join(' or '), oneOf(TIERS))),
    az: optional(must('the name of an AZ', TEXT)),
    instanceIds: IDS,
    dryRun: FLAG,
    force: FLAG,
  }),
);

function foreignAz({ pod: name, az }: Asked): string | null {
  const pod = typeof name === 'string' ? findPod(fleet, name) : null;
  if (pod === null || typeof az !== 'string' || findAz(pod, az) !== null) return null;
  return `az must be an AZ of pod ${pod.name} (${pod.azs.join(', ')}, also as az-a or a), not ${shown(az)}.`;
}

/** The AZ's full name, from `us-west-2e`, `az-e` or `e`; schemas admit only those of the pod. */
export function azOf(inPod: Pod, given: string | undefined): string | null {
  return given === undefined ? null : findAz(inPod, given);
}
