import { parseChronySources, parseChronyTracking } from '../../../../src/ntp/chrony.ts';
import { parseNtpqPeers } from '../../../../src/ntp/ntpq-peers.ts';
import { parseNtpqVariables } from '../../../../src/ntp/ntpq-variables.ts';
import type { Source, SystemState } from '../../../../src/ntp/source.ts';
import type { Container } from './container.ts';

/** What a daemon says of itself; both null when none answers. */
export interface DaemonStatus {
  system: SystemState | null;
  sources: Source[] | null;
}

const ASK_SECONDS = 5;
const MARK = '--- podtime: sources';

/** Asks the daemon's own query tool in the container. */
export async function queryDaemon(container: Container): Promise<DaemonStatus> {
  const [system, sources] = QUESTIONS[container.kind];
  const ran = await container.run(
    `timeout ${ASK_SECONDS} ${system} && echo '${MARK}' && timeout ${ASK_SECONDS} ${sources}`,
    12,
  );
  const [first = '', second = ''] = ran.stdout.split(MARK);
  if (ran.exitCode !== 0 || first.trim() === '') return { system: null, sources: null };
  return container.kind === 'chrony'
    ? { system: parseChronyTracking(first).value, sources: parseChronySources(second).value }
    : { system: parseNtpqVariables(first).value, sources: parseNtpqPeers(second).value };
}

const QUESTIONS = {
  ntpsec: ['ntpq -c "rv 0 leap,stratum,refid,offset,ss_uptime"', 'ntpq -pnw'],
  chrony: ['chronyc -c tracking', 'chronyc -n -c sources'],
} as const;

/** In a few words. */
export function sentenceOf({ system, sources }: DaemonStatus): string {
  if (system === null) return 'no daemon answers';
  if (system.leap === 'alarm' || system.stratum === null || system.stratum >= 16) return 'not synchronised';
  const peer = sources?.find(({ tally }) => tally === '*' || tally === 'o');
  const followed = peer ? `follows ${peer.remote}, reach ${(peer.reach ?? 0).toString(8)}` : 'no system peer';
  return `stratum ${system.stratum}, ${followed}`;
}
