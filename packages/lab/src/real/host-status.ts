import { describeStatus } from './daemon-status.ts';
import type { RealHost } from './real-host.ts';

/** A host as it is listed. */
export interface RealHostStatus {
  id: string;
  /** What the daemon says, ms ahead of its reference; null: it says nothing. */
  clockErrorMs: number | null;
  sentence: string;
}

export async function describeHost(host: RealHost, isCut: boolean): Promise<RealHostStatus> {
  const status = await host.query();
  const broken = [
    isCut ? 'cut off' : '',
    host.driftMs === 0 ? '' : `held ${host.driftMs} ms off`,
    host.hangs ? 'daemon hangs' : '',
    host.agentDead ? 'no agent' : '',
  ].filter(Boolean);
  return {
    id: host.id,
    // the daemon tells how far its reference is ahead of the clock
    clockErrorMs: status === null || status.offsetMs === null ? null : 0 - status.offsetMs,
    sentence: [describeStatus(status), ...broken].join(', '),
  };
}
