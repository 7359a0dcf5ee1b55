import type { Judgement, Measures } from '../../src/diagnosis/judgement.ts';
import { ALARMS, CYCLING, STEP, THRESHOLDS } from '../../src/fleet/defaults.ts';
import type { Host, Pod } from '../../src/fleet/fleet.ts';

/** Pod blue as the core knows it, and what stands in it. Tests say what differs. */

export const BLUE: Pod = {
  name: 'blue',
  region: 'us-west-2',
  vpc: 'vpc-0b1e',
  endpoints: [],
  newEndpoint: null,
  zone: { name: 'pod', id: 'Z0B1E' },
  networks: ['10.0.0.0/16'],
  azs: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `us-west-2${letter}`),
  hosts: 1000,
  boundaryServers: 2,
  association: 'server',
  together: false,
  history: { days: 30, lock: null },
  rollout: 'gentle',
  poll: { min: null, max: null },
  step: STEP,
  leapFile: null,
  extra: { chrony: [], ntpd: [], ntpsec: [], 'ntpd-rs': [] },
  intervalSeconds: 300,
  collectWaitSeconds: 45,
  thresholds: THRESHOLDS,
  cycling: CYCLING,
  maintenance: [],
  alarms: ALARMS,
  metrics: { byAz: 'key' },
};

/** A client in az-e that runs and of which EC2 tells no address. */
export function blueHost(instanceId: string, given: Partial<Host> = {}): Host {
  return {
    instanceId,
    pod: BLUE.name,
    tier: 'client',
    az: 'us-west-2e',
    state: 'running',
    vpc: BLUE.vpc,
    ipv4: null,
    ipv6: [],
    held: false,
    launchedAtMs: 0,
    ...given,
  };
}

function foundOf(state: Judgement['state'] = 'healthy'): Judgement['findings'] {
  return state === 'healthy' ? [] : [state];
}

/** Healthy and confident, and polling nobody. */
export function healthy(host: Host, measures: Measures, given: Partial<Judgement> = {}): Judgement {
  return {
    host,
    state: 'healthy',
    sentence: 'offset 1 ms (limit 50 ms).',
    cause: null,
    remarks: [],
    confident: true,
    confidence: 'confident.',
    votes: { liesLeft: 0, lossesLeft: 0 },
    stale: null,
    unjoinedNames: [],
    unmanaged: false,
    leapAnnounced: false,
    polled: [],
    cycledSecondsAgo: null,
    ...given,
    findings: given.findings ?? foundOf(given.state),
    measures: { ...measures, ...given.measures },
  };
}
