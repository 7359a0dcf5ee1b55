import type { Fleet, Pod, Tier } from '../fleet/fleet.ts';

/** Whom a file is rendered for. All of it comes from the checked fleet, nothing from a request. */
export interface Target {
  fleet: Fleet;
  pod: Pod;
  tier: Tier;
  /** Full name, `us-west-2e`. */
  az: string;
}

/** What a file is, for whom; boot.sh compares it, so it stands alone on its line. */
export function titleOf({ pod, tier, az }: Target, file: string): string {
  return `# podtime: ${file} for pod ${pod.name}, tier ${tier}, AZ ${az}`;
}

/** Where a file is served. */
export function pathOf({ pod, tier, az }: Target, file: string): string {
  return `/${pod.name}/${tier}/${az}/${file}`;
}
