import { whyNoNewerDaemons } from '../packages/lab/src/real/newer-daemons.ts';
import type { Launch } from '../packages/lab/test/real-pod/real-pod.ts';
import { refreshOf } from '../src/config/refresh.ts';
import { type Pod, TAGS } from '../src/fleet/fleet.ts';
import { loadFleet } from '../src/fleet/load.ts';

/** Each with its own servers and clients, so that one's replacement is nobody else's. */
export interface PodPlan {
  name: string;
  zone: string;
  association: 'server' | 'pool';
  watched: boolean;
  /** In its addresses. */
  number: number;
}

export const PODS: readonly PodPlan[] = [
  { name: 'server-alone', zone: 'a.pod', association: 'server', watched: false, number: 40 },
  { name: 'pool-alone', zone: 'b.pod', association: 'pool', watched: false, number: 41 },
  { name: 'server-watched', zone: 'c.pod', association: 'server', watched: true, number: 42 },
  { name: 'pool-watched', zone: 'd.pod', association: 'pool', watched: true, number: 43 },
];

/** Below the default, so that the run can begin after eight minutes and not after twelve. */
export const COOL_DOWN_SECONDS = 240;

/** No poll interval is set: the daemons' own. */
export const HEAL_FLEET = loadFleet(`
upstreams: [us-west-2b.stratum-2.invalid, us-west-2c.stratum-2.invalid]
timeService: source
leapSmear: accepted
pods:
${PODS.map(
  ({ name, zone, association, number }) => `  ${name}:
    region: us-west-2
    vpc: vpc-000000000000000${number}
    endpoints: [vpce-000000000000000${number}]
    zone: { name: ${zone}, id: Z0HEAL${number} }
    networks: [10.${number}.0.0/16, 2001:db8:${number}::/56]
    azs: [us-west-2a, us-west-2b, us-west-2c]
    association: ${association}
    cycling: { coolDownSeconds: ${COOL_DOWN_SECONDS}, waveShare: 1 }
`,
).join('')}`);

/** Why no client runs a chrony that knows `refresh`; null: some do. */
export const WHY_NO_REFRESH = whyNoNewerDaemons();

/** Of the files that these chronys are served. */
export const REFRESH = refreshOf(HEAL_FLEET.pods[0] as Pod);

function host(plan: PodPlan, tier: Launch['tier'], letter: string, daemon: Launch['daemon'], host: number): Launch {
  const { name, number } = plan;
  const third = letter.charCodeAt(0) - 96;
  return {
    id: `i-${String(number * 1000 + host).padStart(17, '0')}`,
    name: `${name}-${letter}${host}`,
    pod: name,
    tier,
    az: `us-west-2${letter}`,
    daemon,
    ipv4: `10.${number}.${third}.${host}`,
    ipv6: `2001:db8:${number}::${third}:${host}`,
    ...(tier === 'client' && !plan.watched && { tags: { [TAGS.hold]: 'measured alone' } }),
  };
}

/** The first is the one that is replaced. */
export const serversOf = (plan: PodPlan): Launch[] => [
  host(plan, 'boundary', 'b', 'ntpsec', 10),
  host(plan, 'boundary', 'c', 'chrony', 11),
];

export const spareOf = (plan: PodPlan): Launch => host(plan, 'boundary', 'b', 'ntpsec', 20);

/**
 * Three of each daemon; in pods of servers as many whose chrony asks DNS again for one name after the other, one in each AZ, since a file
 * begins with its own AZ's name. In which turn each asks for the replaced one chrony's hash decides, which is another in each process.
 */
export const clientsOf = (plan: PodPlan): Launch[] => [
  ...[100, 101, 102, 103, 104, 105].map((number) =>
    host(plan, 'client', 'a', number % 2 === 0 ? 'ntpsec' : 'chrony', number),
  ),
  ...(plan.association === 'server' && WHY_NO_REFRESH === null
    ? ['a', 'b', 'c'].map((letter, at) => ({ ...host(plan, 'client', letter, 'chrony', 106 + at), newer: true }))
    : []),
];
