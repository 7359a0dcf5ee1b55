import { canonicalAddress } from '../fleet/addresses.ts';
import type { Host, Thresholds } from '../fleet/fleet.ts';
import { byText } from '../fleet/ordering.ts';
import { TIME_SERVICE_CLOCK } from './clock-names.ts';
import { hearAll, hearingText, isUnwitnessed, rulingOfUpstream, UNHEARD } from './convictions.ts';
import type { Heir } from './descent.ts';
import type { Evidence } from './evidence.ts';
import { followedBy } from './followed.ts';
import { inheritance, setClockBy } from './inherited-bound.ts';
import { type Skew, skewOf } from './skew.ts';
import { clockName } from './source-names.ts';
import { type Link, uncoveredChains } from './uncovered-chains.ts';
import { witnessReader } from './witnesses.ts';

/** What the clocks of a pod say together. */
export interface PodClocks {
  /** null: fewer than two clocks are known. */
  skew: Skew | null;
  /** Upstreams, and the time service, that boundary servers contradict: an alarm, and nothing more. */
  contradicted: { clock: string; sentence: string }[];
  /** Ids of running boundary servers that fewer clients compare with others than it takes to contradict one: three, and a quarter of those that hear it. */
  unwitnessed: string[];
}

/**
 * The third part of judging, over all hosts that were looked at.
 *
 * @param hosts the pod's, in any state
 * @param expected how many hosts run, also those that nobody could look at
 * @param tookSeconds since the hosts were asked: no answer is older
 */
export function podClocksOf(
  clocks: readonly (Heir & Link & { evidence: Evidence })[],
  { disagreementMs }: Thresholds,
  { hosts, expected, tookSeconds }: { hosts: readonly Host[]; expected: number; tookSeconds: number },
): PodClocks {
  const inherited = inheritance(clocks, uncoveredChains(clocks));
  const isBoundary = ({ host }: { host: Host }) => host.tier === 'boundary';
  const servers = clocks.filter(isBoundary);
  const followed = followedBy(hosts, clocks);
  const testimonyOf = witnessReader(followed, disagreementMs);
  const testimony = ({ evidence }: { evidence: Evidence }) => testimonyOf(evidence.heard);
  const byServers = [...hearAll(servers.map(testimony))].map(([clock, hearing]) => ({
    clock,
    // an alarm is all that comes of it: those that cannot compare it do not count
    hearing: { ...hearing, hearers: hearing.witnesses },
  }));
  const heard = hearAll(clocks.map(testimony));
  return {
    skew: skewOf(
      clocks.map((clock) => setClockBy(clock.evidence.clock, inherited(clock))).filter((clock) => clock !== null),
      { of: expected, ageSeconds: tookSeconds },
    ),
    contradicted: byServers
      .filter(({ clock, hearing }) => isUpstream(clock) && rulingOfUpstream(hearing) === 'contradicted')
      .sort((a, b) => byText(a.clock, b.clock))
      .map(({ clock, hearing }) => {
        const text = hearingText(hearing, {
          witness: 'boundary server',
          clock: clockName(clock),
          limitMs: disagreementMs,
        });
        return { clock, sentence: `${text}.` };
      }),
    unwitnessed: servers
      .map(({ host }) => host.instanceId)
      .filter((id) => isUnwitnessed(heard.get(id) ?? UNHEARD))
      .sort(byText),
  };
}

/** Of a reference clock each host has one of its own, whatever it is called. */
function isUpstream(clock: string): boolean {
  return clock === TIME_SERVICE_CLOCK || canonicalAddress(clock) !== null;
}
