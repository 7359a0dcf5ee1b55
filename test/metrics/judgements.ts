import type { Judgement, Measures } from '../../src/diagnosis/judgement.ts';
import { ALARMS, CYCLING, THRESHOLDS } from '../../src/fleet/defaults.ts';
import type { Host, Pod, Tier } from '../../src/fleet/fleet.ts';

export const POD: Pod = {
  name: 'blue',
  region: 'us-west-2',
  vpc: 'vpc-0b1e',
  endpoints: [],
  newEndpoint: null,
  zone: { name: 'pod', id: 'Z0B1E' },
  networks: ['10.0.0.0/16'],
  azs: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `us-west-2${letter}`),
  boundaryServers: 2,
  association: 'server',
  poll: { min: null, max: null },
  intervalSeconds: 300,
  collectWaitSeconds: 45,
  thresholds: THRESHOLDS,
  cycling: CYCLING,
  maintenance: [],
  alarms: ALARMS,
};

export const MEASURES: Measures = {
  offsetMs: 0.25,
  timeServiceOffsetMs: -0.5,
  errorBoundMs: 1.5,
  jitterMs: 0.125,
  delayMs: 0.75,
  reachRatio: 1,
  reachableSources: 3,
  usableSources: 3,
  ageSeconds: 3600,
};

export const UNMEASURED: Measures = {
  offsetMs: null,
  timeServiceOffsetMs: null,
  errorBoundMs: null,
  jitterMs: null,
  delayMs: null,
  reachRatio: null,
  reachableSources: null,
  usableSources: null,
  ageSeconds: null,
};

/** A healthy, confident host; `given` says what differs. */
export function judgement(
  instanceId: string,
  tier: Tier,
  letter: string,
  given: Partial<Omit<Judgement, 'host' | 'measures'>> & { measures?: Partial<Measures>; host?: Partial<Host> } = {},
): Judgement {
  return {
    state: 'healthy',
    sentence: '',
    remarks: [],
    confident: true,
    confidence: '',
    stale: null,
    unjoinedNames: [],
    unmanaged: false,
    leapAnnounced: false,
    polled: [],
    cycledSecondsAgo: null,
    ...given,
    measures: { ...MEASURES, ...given.measures },
    host: {
      instanceId,
      pod: 'blue',
      tier,
      az: `us-west-2${letter}`,
      state: 'running',
      vpc: 'vpc-0b1e',
      ipv4: null,
      ipv6: [],
      held: false,
      launchedAtMs: 0,
      ...given.host,
    },
  };
}
