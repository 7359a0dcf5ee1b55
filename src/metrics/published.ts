import { type ByAz, TIERS, type Tier } from '../fleet/fleet.ts';
import { METRICS, type Metric } from './catalogue.ts';
import { TICK_METRICS } from './tick-catalogue.ts';

/** Whether the roll-up of a metric is published for a tier under a setting of `metrics.byAz`. */
export function isRolledUp({ tiers, onlyWithAll, onlyWithAllOf }: Metric, tier: Tier, byAz: ByAz): boolean {
  const isAlways = onlyWithAll === null || !onlyWithAllOf.includes(tier);
  return tiers.includes(tier) && (isAlways || byAz === 'all');
}

/**
 * Whether a metric is published by AZ for a tier under a setting of `metrics.byAz`. With `key` of clients alone: boundary
 * servers are a handful, and the report names each.
 */
export function isByAz({ tiers, scope, key }: Metric, tier: Tier, byAz: ByAz): boolean {
  if (byAz === 'all') return scope === 'az' && tiers.includes(tier);
  return byAz === 'key' && key !== null && tier === 'client';
}

/** How many metrics, which CloudWatch counts by name and dimension set, a pod has whose tiers have hosts in so many AZs. */
export function metricsOfPod(byAz: ByAz, azs: Readonly<Record<Tier, number>>): number {
  const ofTier = (tier: Tier) =>
    METRICS.filter((metric) => isRolledUp(metric, tier, byAz)).length +
    METRICS.filter((metric) => isByAz(metric, tier, byAz)).length * azs[tier];
  return TIERS.reduce<number>((sum, tier) => sum + ofTier(tier), TICK_METRICS.length);
}
