import { judgeAll } from '../../../../src/diagnosis/judge.ts';
import type { Judgement } from '../../../../src/diagnosis/judgement.ts';
import type { Host, Thresholds } from '../../../../src/fleet/fleet.ts';
import { parseCollected } from '../../../../src/host/collect.ts';
import type { Launch, RealPod } from './real-pod.ts';

/**
 * Hosts of pod blue by what they printed last, judged here.
 *
 * @param all hosts that the pod has
 * @param seen those of them whose answers are known: of one that is seen alone nobody bears witness
 */
export function judgedHere(
  pod: RealPod,
  all: readonly Launch[],
  seen: readonly Launch[] = all,
  thresholds: Partial<Thresholds> = {},
): Judgement[] {
  const blue = pod.pod('blue');
  const hosts = all.map(({ id, tier, az, ipv4, ipv6 }): Host => {
    const known = { state: 'running' as const, held: false, launchedAtMs: 0, vpc: blue.vpc };
    return { instanceId: id, pod: 'blue', tier, az, ipv4, ipv6: ipv6 ? [ipv6] : [], ...known };
  });
  const sightings = hosts
    .filter(({ instanceId }) => seen.some(({ id }) => id === instanceId))
    .map((host) => ({
      host,
      collected: parseCollected(pod.outputsOf('collect', host.instanceId)[0] ?? ''),
      status: 'Success',
    }));
  return judgeAll(sightings, {
    pod: { ...blue, thresholds: { ...blue.thresholds, ...thresholds } },
    hosts,
    records: [],
    unjoinedBefore: {},
    expectedRevision: () => null,
  });
}
