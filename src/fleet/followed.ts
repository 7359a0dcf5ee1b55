import { ASSOCIATION, BOUNDARY_SERVERS } from './defaults.ts';
import type { Sound } from './finding.ts';
import type { Tier } from './fleet.ts';
import type { WrittenFleet, WrittenPod } from './schema.ts';
import { soundTimeService } from './sources.ts';

/** Boundary servers that a client polls, with all of them running: of each name one, unless the association is a pool. */
export function polledServers({
  azs,
  association = ASSOCIATION,
  boundaryServers: servers = BOUNDARY_SERVERS,
}: Sound<WrittenPod>): number {
  return association === 'pool' ? servers : Math.min(servers, azs?.length ?? servers);
}

/** How many sources a host of each tier follows, with all of them running; null: the file does not say. */
export function followedSources(file: Sound<WrittenFleet>, pod: Sound<WrittenPod>): Record<Tier, number | null> {
  const { mode } = soundTimeService(file) ?? {};
  if (mode === undefined) return { boundary: null, client: null };
  const ofTimeService = (tier: Tier) => (mode[tier] === 'source' ? 1 : 0);
  return {
    boundary: file.upstreams === undefined ? null : file.upstreams.length + ofTimeService('boundary'),
    client: polledServers(pod) + ofTimeService('client'),
  };
}
