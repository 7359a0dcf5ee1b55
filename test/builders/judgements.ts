import type { Judgement, Measures } from '../../src/diagnosis/judgement.ts';
import type { Host, Tier } from '../../src/fleet/fleet.ts';
import { blueHost, healthy } from './blue-pod.ts';

export { BLUE as POD } from './blue-pod.ts';

export const MEASURES: Measures = {
  offsetMs: 0.25,
  timeServiceOffsetMs: -0.5,
  errorBoundMs: 1.5,
  growthPpm: 15,
  horizonSeconds: 13_000,
  jitterMs: 0.125,
  delayMs: 0.75,
  reachRatio: 1,
  reachableSources: 3,
  usableSources: 3,
  ageSeconds: 3600,
  frequencyPpm: 12.5,
};

/** A healthy, confident host; `given` says what differs. */
export function judgement(
  instanceId: string,
  tier: Tier,
  letter: string,
  given: Partial<Omit<Judgement, 'host' | 'measures'>> & { measures?: Partial<Measures>; host?: Partial<Host> } = {},
): Judgement {
  const { measures, host, ...rest } = given;
  const judgedHost = blueHost(instanceId, { tier, az: `us-west-2${letter}`, ...host });
  return healthy(judgedHost, { ...MEASURES, ...measures }, rest);
}
