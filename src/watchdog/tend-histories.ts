import type { Pod } from '../fleet/fleet.ts';
import type { HistoryVersions } from '../history/manifest.ts';
import type { HistoryObjects } from '../history/reading.ts';
import type { Deadline } from './deadline.ts';
import { foldPods } from './fold-history.ts';
import { type KeptManifest, keepManifests } from './keep-manifests.ts';

/** Of each pod. */
export interface TendedHistories {
  objectsOf(pod: Pod): Pick<HistoryObjects, 'list' | 'fold' | 'foldDay'>;
  /** Where its history is locked. */
  versionsOf(pod: Pod): HistoryVersions;
}

/**
 * What is done twice an hour: hours that are over are put in the order of hosts, days into hours, and locked days that are over get their manifest. Throws
 * where a manifest is a day late: the alarm on the function's errors tells.
 */
export async function tendHistories(
  pods: readonly Pod[],
  { objectsOf, versionsOf }: TendedHistories,
  deadline: Deadline,
  nowMs: number,
): Promise<{ sentences: string[]; folded: number; days: number; manifests?: KeptManifest[] }> {
  const { folded, days, sentences } = await foldPods(pods, objectsOf, deadline, nowMs);
  const kept = await keepManifests(pods, versionsOf, deadline, nowMs);
  const all = [...sentences, ...kept.sentences];
  if (kept.overdue.length > 0) throw new Error(all.join(' '));
  // the answer is logged: so the digests come into another service's keeping
  return { sentences: all, folded, days, ...(kept.manifests.length > 0 && { manifests: kept.manifests }) };
}
