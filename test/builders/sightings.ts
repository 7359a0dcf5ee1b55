import { type JudgeContext, judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import type { Host, Pod } from '../../src/fleet/fleet.ts';
import type { PublishedRecord } from '../../src/fleet/records.ts';
import type { ClockDetails, Collected } from '../../src/host/collected.ts';
import type { Source, SystemState } from '../../src/ntp/source.ts';
import { BLUE, blueHost } from './blue-pod.ts';

/** Pod blue, with the networks that the captures were taken in beside its own. */
export const POD: Pod = {
  ...BLUE,
  networks: ['10.0.0.0/16', '10.66.0.0/16', 'fd00:10::/56', 'fd00:66::/56'],
};

export const REVISION = '0123456789abcdef';

export { blueHost as host } from './blue-pod.ts';

/** A boundary server in an AZ, on addresses of either family. */
export function server(letter: string, addresses: string[], given: Partial<Host> = {}): Host {
  return blueHost(`i-0${letter}`, {
    tier: 'boundary',
    az: `us-west-2${letter}`,
    ipv4: addresses.find((address) => !address.includes(':')) ?? null,
    ipv6: addresses.filter((address) => address.includes(':')),
    ...given,
  });
}

/** The record by which podtime publishes a server's address. */
export function record(letter: string, address: string, given: Partial<PublishedRecord> = {}): PublishedRecord {
  return {
    name: `ntp.az-${letter}.pod`,
    type: address.includes(':') ? 'AAAA' : 'A',
    setIdentifier: `i-0${letter}`,
    multivalue: true,
    ttlSeconds: 30,
    addresses: [address],
    raw: null,
    ...given,
  };
}

export function context(given: Partial<JudgeContext> = {}): JudgeContext {
  return { pod: POD, hosts: [], records: [], expectedRevision: () => REVISION, unjoinedBefore: {}, ...given };
}

/** A heard unicast source, as ntpsec shows it after eight polls; `given` says what differs. */
export function source(remote: string, given: Partial<Source> = {}): Source {
  return {
    tally: '+',
    remote,
    address: /^[0-9a-f.:]+$/.test(remote) ? remote : null,
    refid: '169.254.169.123',
    stratum: 3,
    type: 'u',
    whenSeconds: 12,
    pollSeconds: 64,
    reach: 0o377,
    delayMs: 0.5,
    offsetMs: 0.02,
    jitterMs: 0.01,
    uncertaintyMs: null,
    unansweredPolls: null,
    ...given,
  };
}

export const SYSTEM: SystemState = {
  leap: 'none',
  stratum: 4,
  refid: '10.0.1.5',
  offsetMs: 0.125,
  rootDelayMs: 0.5,
  rootDispersionMs: 1,
  jitterMs: 0.0625,
  frequencyPpm: 1.5,
  skewPpm: null,
  residualFrequencyPpm: null,
  version: 'ntpd ntpsec-1.2.2',
  uptimeSeconds: null,
};

/** No host tells less of its clock. */
export const NO_CLOCK_DETAILS: ClockDetails = {
  driftPpm: null,
  driftSkewPpm: null,
  clockSource: null,
  kernelUnsynchronised: null,
  packetsReceived: null,
  packetsDropped: null,
};

export const AZ_NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `ntp.az-${letter}.pod`);

/** A settled client on the file podtime serves; `given` says what differs. */
export function collected(
  given: Partial<Omit<Collected, 'system'>> & { system?: Partial<SystemState> | null } = {},
): Collected {
  return {
    daemon: { kind: 'ntpsec', version: '1.2.2' },
    otherDaemons: [],
    found: 'ntpsec 1.2.2 service=ntpsec file=/etc/ntpsec/ntp.conf',
    ageSeconds: 3600,
    cycledSecondsAgo: null,
    configRevision: REVISION,
    configNames: AZ_NAMES,
    configAddresses: ['169.254.169.123', 'fd00:ec2::123'],
    sources: [source('10.0.1.5', { tally: '*' }), source('10.0.2.5')],
    ...NO_CLOCK_DETAILS,
    truncated: false,
    faults: [],
    ...given,
    system: given.system === null ? null : { ...SYSTEM, ...given.system },
  };
}

/** Judges one client by itself. */
export function judge(answer: Collected | null, status = 'Success', given: Partial<JudgeContext> = {}): Judgement {
  const [judgement] = judgeAll([{ host: blueHost('i-0c'), collected: answer, status }], context(given));
  if (judgement === undefined) throw new Error('one sighting gives one judgement');
  return judgement;
}

/** A row as ntpd-rs tells it: no tally, no registers, only what it left unanswered. */
export const rowOfNtpdRs = (remote: string, given: Partial<Source> = {}) =>
  source(remote, {
    tally: null,
    refid: null,
    stratum: null,
    whenSeconds: null,
    reach: null,
    jitterMs: null,
    uncertaintyMs: 0.01,
    unansweredPolls: 0,
    ...given,
  });
