import type { Pod } from './fleet.ts';

/**
 * The names of availability zones, and the DNS name under which an AZ's boundary servers are published:
 * `us-west-2e` is `e`, `az-e` and `ntp.az-e.ZONE`. This is the only place that builds or matches these names; the shell of
 * src/host matches by `AZ_NAME` as well, which test/fleet/az-names.test.ts holds it to.
 */

const FIRST_LABEL = 'ntp';
const PREFIX = `${FIRST_LABEL}.az-`;

/** The beginning of an AZ's name, whatever the zone. */
export const AZ_NAME = /^ntp\.az-[a-z]\./;

/** How many characters an AZ's name has before its zone: `ntp.az-e.`. */
export const AZ_NAME_PREFIX_CHARACTERS = `${PREFIX}e.`.length;

/** The labels `az-a` to `az-z` below a zone, in the order in which Route 53 lists them. */
export const AZ_LABELS = { first: 'az-a', last: 'az-z' } as const;

/** `us-west-2e` -> `e`. */
export function azLetter(az: string): string {
  return az.slice(-1);
}

/** `us-west-2e` -> `az-e`. */
export function azLabel(az: string): string {
  return `az-${azLetter(az)}`;
}

/** `us-west-2e`, `az-e` and `e` -> the pod's full AZ name, or null when the pod has no such AZ. */
export function findAz(pod: Pod, given: string): string | null {
  return pod.azs.find((az) => az === given || azLabel(az) === given || azLetter(az) === given) ?? null;
}

/** The name under which an AZ's boundary servers are published: `ntp.az-e.pod`, lower case, no dot at the end. */
export function azName(pod: Pod, az: string): string {
  return `${PREFIX}${azLetter(az)}.${pod.zone.name}`;
}

/** All of a zone's AZ names as an IAM condition matches them: `ntp.az-?.pod`, where `?` is any one character. */
export function azNameWildcard(zoneName: string): string {
  return `${PREFIX}?.${zoneName}`;
}

/** Tells the AZ letter of `ntp.az-e.ZONE`, null for every other name. podtime changes no name for which this is null. */
export function azLetterReader(pod: Pod): (name: string) => string | null {
  const zone = pod.zone.name;
  return (name) =>
    AZ_NAME.test(name) && name.slice(AZ_NAME_PREFIX_CHARACTERS) === zone
      ? azLetter(name.slice(0, PREFIX.length + 1))
      : null;
}
