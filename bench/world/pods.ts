import { ALARMS, CYCLING, STEP, THRESHOLDS } from '../../src/fleet/defaults.ts';
import type { Fleet, Pod, Tier } from '../../src/fleet/fleet.ts';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';
import type { InstanceSpec } from './instance.ts';
import { chanceOf, hash, Random } from './random.ts';
import type { Setting } from './world.ts';

/** From here on the days are drawn: a Thursday, 00:00 UTC. */
const FIRST_DAY_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * 3600 * 1000;
const KINDS = ['ntpd', 'ntpsec', 'chrony'] as const;
/** Of a hundred fleets so many are large. */
const LARGE_SHARE = 0.01;

/** Instances of one pod, each new one with an id and an address of its own. */
export class Instances {
  private launched = 0;

  constructor(
    private readonly seed: number,
    private readonly pod: Pod,
  ) {}

  next(tier: Tier, az: string, address: { ipv4: string; ipv6: string[] } | null = null): InstanceSpec {
    this.launched += 1;
    const number = this.launched;
    const id = `i-${hash(this.seed, 'id', number).toString(16).padStart(8, '0')}${number.toString(16).padStart(9, '0')}`;
    const chance = (label: string) => chanceOf(this.seed, label, number);
    const subnet = this.pod.azs.indexOf(az) + 1;
    const isDual = this.pod.networks.some((network) => network.includes(':'));
    const host = (number % 250) + 4;
    const block = subnet * 16 + Math.floor(number / 250);
    const own = {
      ipv4: `10.0.${block}.${host}`,
      ipv6: isDual ? [`fd00::${block.toString(16)}:${host.toString(16)}`] : [],
    };
    return {
      id,
      tier,
      az,
      kind: KINDS[Math.floor(chance('kind') * KINDS.length)] ?? 'ntpd',
      held: tier === 'client' && chance('held') < 0.05,
      driftPpm: (chance('drift') - 0.5) * 20,
      ...(address ?? own),
    };
  }
}

/** The pod of a fleet-day: policies, hosts and the zone. */
export function drawSetting(seed: number): { setting: Setting; instances: Instances } {
  const random = new Random(seed, 'setting');
  const azs = ['a', 'b', 'c', 'd'].slice(0, random.whole(2, 4)).map((letter) => `us-west-2${letter}`);
  const isLarge = random.chance(LARGE_SHARE);
  const servers = isLarge ? 4 : random.whole(2, 4);
  const clients = isLarge ? random.whole(40, 100) : random.whole(4, 12);
  const timeService = random.pick(['source', 'reference', 'reference', 'none'] as const);
  const pod: Pod = {
    name: 'blue',
    region: 'us-west-2',
    vpc: 'vpc-0b1e',
    endpoints: [],
    newEndpoint: null,
    zone: { name: 'pod', id: 'Z0B1E' },
    networks: random.chance(0.3) ? ['10.0.0.0/16', 'fd00::/56'] : ['10.0.0.0/16'],
    azs,
    boundaryServers: servers,
    hosts: servers + clients,
    association: random.chance(0.25) ? 'pool' : 'server',
    poll: random.chance(0.5) ? { min: null, max: null } : { min: 6, max: random.whole(6, 9) },
    step: STEP,
    leapFile: null,
    extra: { chrony: [], ntpd: [], ntpsec: [], 'ntpd-rs': [] },
    intervalSeconds: random.pick([300, 600, 900]),
    collectWaitSeconds: 45,
    thresholds: THRESHOLDS,
    cycling: {
      ...CYCLING,
      waveShare: random.pick([0.1, 0.1, 0.25, 0.5]),
      floor: random.chance(0.25) ? 2 : 1,
      coolDownSeconds: random.pick([600, 600, 300, 1200]),
    },
    maintenance: random.chance(0.15)
      ? [{ days: [0, 1, 2, 3, 4, 5, 6], startMinute: random.whole(0, 23) * 60, endMinute: random.whole(0, 23) * 60 }]
      : [],
    alarms: ALARMS,
    metrics: { byAz: 'key' },
    together: false,
    history: { days: 30, lock: null },
    rollout: 'gentle',
  };
  const upstreams = Array.from({ length: random.whole(2, 4) }, (_, index) => readUpstream(`198.18.0.${index + 1}`));
  const fleet: Fleet = {
    upstreams,
    timeService: readTimeService(timeService === 'source' ? 'source' : 'reference'),
    leapSmear: 'accepted',
    leapSecond: null,
    ntsRequired: false,
    operatorVpcs: [],
    ssm: { readsPerSecond: null },
    pods: [pod],
  };
  const instances = new Instances(seed, pod);
  const azOf = (index: number) => azs[index % azs.length] ?? azs[0] ?? '';
  const specs = [
    ...Array.from({ length: servers }, (_, index) => instances.next('boundary', azOf(index))),
    ...Array.from({ length: clients }, (_, index) => instances.next('client', azOf(index + random.whole(0, 3)))),
  ];
  const startMs = drawDay(random);
  const negativeTtlSeconds = random.pick([900, 900, 60, 30]);
  return {
    setting: { seed, fleet, pod, startMs, timeService, negativeTtlSeconds, instances: specs },
    instances,
  };
}

/** Mostly any day; now and then the last one of a June, when a leap second may be announced. */
function drawDay(random: Random): number {
  return random.chance(0.05)
    ? Date.UTC(2026, 5, 30)
    : FIRST_DAY_MS + random.whole(0, 364) * DAY_MS + random.whole(0, 23) * 3_600_000;
}
