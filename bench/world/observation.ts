import { type Pod, TIME_SERVICE_ADDRESSES } from '../../src/fleet/fleet.ts';
import type { ClockDetails, Collected } from '../../src/host/collected.ts';
import type { Source } from '../../src/ntp/source.ts';
import { type Association, DISTANCE_MS } from './association.ts';
import type { TimeDaemon } from './daemon.ts';
import type { Instance } from './instance.ts';

export const VERSIONS = { ntpd: '4.2.8p15', ntpsec: '1.2.2', chrony: '4.3' } as const;

/** What root dispersion grows by while nobody is heard: RFC 5905's PHI. */
const PHI_PPM = 15;

/** What the `collect` document would print on the host, read: honestly. */
export function observe(
  instance: Instance,
  surroundings: { pod: Pod; nowMs: number; leap: 'none' | 'add'; revision: string | null },
): Collected {
  const { daemon, stampMs, kind } = instance;
  const { nowMs } = surroundings;
  const cycledSecondsAgo = stampMs === null ? null : Math.floor((nowMs - stampMs) / 1000);
  const common = { otherDaemons: [], cycledSecondsAgo, truncated: false, faults: [] };
  if (daemon === null) {
    const nothing = { ...UNTOLD, ageSeconds: null, configRevision: null, configNames: [], configAddresses: [] };
    return { daemon: null, found: 'none', sources: [], system: null, ...nothing, ...common };
  }
  daemon.live(nowMs);
  daemon.catchUp(nowMs);
  const ageSeconds = daemon.ageSeconds(nowMs);
  const sources = daemon.associations.map((association) => rowOf(association, daemon, nowMs));
  const { configuration } = daemon;
  const shown = kind === 'ntpsec' ? daemon.unresolved.map((name) => unresolvedRow(name, daemon, nowMs)) : [];
  return {
    daemon: { kind, version: VERSIONS[kind] },
    found: `${kind} ${VERSIONS[kind]}`,
    ageSeconds,
    configRevision: surroundings.revision,
    configNames: [...configuration.names],
    configAddresses: configuration.servers.map(({ address }) => address),
    sources: [...sources, ...shown],
    system: systemOf(daemon, surroundings.leap, nowMs),
    ...clockOf(daemon, ageSeconds),
    ...common,
  };
}

const UNTOLD: ClockDetails = {
  driftPpm: null,
  driftSkewPpm: null,
  clockSource: null,
  kernelUnsynchronised: null,
  packetsReceived: null,
  packetsDropped: null,
};

/** A drift file is written after an hour; ntpd alone tells of the kernel, and counts all packets. */
function clockOf({ kind, driftPpm, syncedSinceMs, associations }: TimeDaemon, ageSeconds: number): ClockDetails {
  const isWritten = ageSeconds >= 3600;
  const kept = { driftPpm: isWritten ? driftPpm : null, driftSkewPpm: isWritten && kind === 'chrony' ? PHI_PPM : null };
  if (kind === 'chrony') return { ...UNTOLD, ...kept, clockSource: 'tsc' };
  const packetsReceived = associations.length * Math.floor(ageSeconds / 64);
  return {
    ...kept,
    clockSource: 'tsc',
    kernelUnsynchronised: syncedSinceMs === null,
    packetsReceived,
    packetsDropped: 0,
  };
}

function systemOf(daemon: TimeDaemon, leap: 'none' | 'add', nowMs: number): Collected['system'] {
  const { systemPeer, syncedSinceMs, kind } = daemon;
  const uptimeSeconds = kind === 'chrony' ? null : daemon.ageSeconds(nowMs);
  const version = VERSIONS[kind];
  if (syncedSinceMs === null) {
    const unknown = { offsetMs: null, rootDelayMs: null, rootDispersionMs: null, jitterMs: null };
    const rates = {
      frequencyPpm: 0,
      skewPpm: kind === 'chrony' ? 0 : null,
      residualFrequencyPpm: kind === 'chrony' ? 0 : null,
    };
    return { leap: 'alarm', stratum: 16, refid: 'INIT', ...unknown, ...rates, version, uptimeSeconds };
  }
  return {
    leap,
    stratum: (systemPeer?.stratum ?? 3) + 1,
    refid: systemPeer?.address ?? '10.0.0.1',
    offsetMs: systemPeer === null ? 0 : systemPeer.errorMs - daemon.errorMs,
    rootDelayMs: 2 * DISTANCE_MS,
    rootDispersionMs: daemon.distanceMs(nowMs) - DISTANCE_MS,
    jitterMs: 0.1,
    frequencyPpm: daemon.driftPpm,
    // chrony adds 1 ppm of its own to these
    skewPpm: kind === 'chrony' ? PHI_PPM - 1 : null,
    residualFrequencyPpm: kind === 'chrony' ? 0 : null,
    version,
    uptimeSeconds,
  };
}

function rowOf(association: Association, daemon: TimeDaemon, nowMs: number): Source {
  const { address, reach, tally, stratum, errorMs, lastHeardMs: heardMs } = association;
  const isMeasured = heardMs !== null;
  return {
    tally,
    remote: address,
    address,
    refid: daemon.kind === 'chrony' ? null : isMeasured ? refidOf(stratum) : '.INIT.',
    stratum,
    type: 'u',
    whenSeconds: heardMs === null ? null : Math.floor((nowMs - heardMs) / 1000),
    pollSeconds: association.pollSeconds(nowMs),
    reach,
    delayMs: isMeasured && daemon.kind !== 'chrony' ? 0.5 : null,
    offsetMs: isMeasured ? errorMs - daemon.errorMs : null,
    jitterMs: isMeasured && daemon.kind !== 'chrony' ? 0.1 : null,
    uncertaintyMs: isMeasured && daemon.kind === 'chrony' ? 0.35 : null,
    unansweredPolls: null,
  };
}

function refidOf(stratum: number): string {
  return stratum === 2 ? '.GPS.' : stratum >= 16 ? '.INIT.' : (TIME_SERVICE_ADDRESSES[0] ?? '');
}

/** ntpsec shows a name that it could not resolve. */
function unresolvedRow(name: string, daemon: TimeDaemon, nowMs: number): Source {
  const never = {
    whenSeconds: null,
    delayMs: null,
    offsetMs: null,
    jitterMs: null,
    uncertaintyMs: null,
    unansweredPolls: null,
  };
  const pollSeconds = 2 ** daemon.configuration.poll.min;
  return {
    tally: ' ',
    remote: name,
    address: null,
    refid: '.DNS.',
    stratum: 16,
    type: 'u',
    pollSeconds: nowMs > daemon.startedMs ? pollSeconds : 64,
    reach: 0,
    ...never,
  };
}
