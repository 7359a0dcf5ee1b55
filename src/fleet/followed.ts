import { ASSOCIATION, BOUNDARY_SERVERS } from './defaults.ts';
import { type Sound, settingsOf } from './finding.ts';
import type { Tier } from './fleet.ts';
import type { WrittenFleet, WrittenPod } from './schema.ts';
import { soundTimeService } from './sources.ts';

/** Boundary servers that a client polls, with all of them running: of each name one, unless the association is a pool. null: the file does not say. */
export function polledServers(pod: Sound<WrittenPod>): number | null {
  const byDefault = { association: ASSOCIATION, boundaryServers: BOUNDARY_SERVERS };
  const { association, boundaryServers } = settingsOf(byDefault, pod);
  if (association === undefined || boundaryServers === undefined) return null;
  if (association === 'pool') return boundaryServers;
  return pod.azs === undefined ? null : Math.min(boundaryServers, pod.azs.length);
}

/** How many sources a host of each tier follows, with all of them running; null: the file does not say. */
export function followedSources(file: Sound<WrittenFleet>, pod: Sound<WrittenPod>): Record<Tier, number | null> {
  const { mode } = soundTimeService(file) ?? {};
  if (mode === undefined) return { boundary: null, client: null };
  const ofTimeService = (tier: Tier) => (mode[tier] === 'source' ? 1 : 0);
  const polled = polledServers(pod);
  return {
    boundary: file.upstreams === undefined ? null : file.upstreams.length + ofTimeService('boundary'),
    client: polled === null ? null : polled + ofTimeService('client'),
  };
}
