import { azLabel, findAz } from '../fleet/az-names.ts';
import { type Fleet, findPod, noSuchPod, TIERS, type Tier } from '../fleet/fleet.ts';
import { FILES, type ServedFile } from './files.ts';
import type { Target } from './target.ts';

/** A path's parts as a caller wrote them. */
export interface Asked {
  pod?: string | undefined;
  tier?: string | undefined;
  az?: string | undefined;
  file?: string | undefined;
}

/** A file that is served, and for whom. */
export interface FoundFile {
  target: Target;
  file: ServedFile;
}

export type Found = FoundFile | { missing: string[] };

/**
 * What a path means in this fleet. AZs go by `us-west-2e`, `az-e` and `e`. What is not there is told whole, a sentence for
 * each part, with what is there instead; the AZs only for a pod that exists.
 */
export function findFile(fleet: Fleet, asked: Asked): Found {
  const pod = findPod(fleet, asked.pod ?? '');
  const tier = TIERS.find((each): each is Tier => each === asked.tier);
  const file = FILES.find((each) => each === asked.file);
  const az = pod && findAz(pod, asked.az ?? '');
  if (pod && tier && az && file) return { target: { fleet, pod, tier, az }, file };
  const missing: string[] = [];
  if (!pod) missing.push(noSuchPod(fleet));
  if (!tier) missing.push(`There is no such tier; the tiers are ${TIERS.join(', ')}.`);
  if (pod && !az) {
    const short = pod.azs.map(azLabel);
    missing.push(
      `Pod ${pod.name} has no such AZ; its AZs are ${pod.azs.join(', ')}, also as ${short.join(', ')} or the letter alone.`,
    );
  }
  if (!file) missing.push(`There is no such file; the files are ${FILES.join(', ')}.`);
  return { missing };
}
