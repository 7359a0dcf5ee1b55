import type { Tier } from '../../../../src/fleet/fleet.ts';
import type { DaemonState } from './daemon.ts';
import type { DaemonKind } from './host-spec.ts';
import type { Network } from './network.ts';
import type { SimulatedHost } from './simulated-host.ts';

/** A host as it is listed. */
export interface SimulatedHostStatus {
  id: string;
  pod: string;
  tier: Tier;
  az: string;
  daemon: DaemonKind;
  addresses: string[];
  phase: SimulatedHost['phase'];
  agentOnline: boolean;
  /** null: no daemon runs. */
  state: DaemonState | null;
  ageSeconds: number | null;
  /** The truth about its clock, which no daemon knows: ms ahead of true time. */
  clockErrorMs: number;
  /** Said in a few words. */
  sentence: string;
}

export function describeHost(host: SimulatedHost, network: Network, nowMs: number): SimulatedHostStatus {
  const { spec, unit } = host;
  const state = unit.daemon?.state() ?? null;
  const ageSeconds = unit.daemon === null ? null : Math.floor((nowMs - unit.daemon.startedMs) / 1000);
  const line = {
    id: host.id,
    pod: host.pod,
    tier: spec.tier,
    az: spec.az,
    daemon: spec.daemon,
    addresses: [...host.addresses],
    phase: host.phase,
    agentOnline: host.agent.online,
    state,
    ageSeconds,
    clockErrorMs: host.clock.errorMs(nowMs),
  };
  const broken = [
    network.isCut(host.id) || network.isCut(host.place) ? 'cut off' : '',
    host.drift === null ? '' : `clock held ${host.drift} ms off`,
    host.hangs ? 'daemon hangs' : '',
    host.replay.peers === null && host.replay.tracking === null ? '' : 'replays a captured output',
    host.phase === 'up' && !host.agent.online ? 'no agent' : '',
  ].filter(Boolean);
  return { ...line, sentence: [activityOf(host, state), ...broken].join(', ') };
}

function activityOf(host: SimulatedHost, state: DaemonState | null): string {
  if (host.phase !== 'up') return host.phase;
  if (state === null) return 'no daemon runs';
  if (!state.synchronised) return 'not synchronised';
  const { systemPeer, stratum } = state;
  const peer =
    systemPeer === null ? 'no system peer' : `follows ${systemPeer.remote}, reach ${systemPeer.reach.toString(8)}`;
  return `stratum ${stratum}, ${peer}`;
}
