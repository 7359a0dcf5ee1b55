import { revisionOf } from '../../src/config/revision.ts';
import type { Fleet, Pod, Tier } from '../../src/fleet/fleet.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import type { DaemonKind } from '../../src/host/collected.ts';

const VPC = 'vpc-0b10e0b10e0b10e01';
const AZ_LETTERS = 'abcdefg';
const BOUNDARY_SERVERS = 12;

/** How the pod is set up: by default, but for its AZs and boundary servers. */
export const FLEET_TEXT = `
upstreams: [us-west-2b.stratum-2.invalid, us-west-2c.stratum-2.invalid]
timeService: source
leapSmear: accepted
pods:
  blue:
    region: us-west-2
    vpc: ${VPC}
    endpoints: [vpce-0a1b2c3d4e5f60718]
    zone: { name: pod, id: Z0123456789ABCDEFGHIJ }
    networks: [10.0.0.0/8, 'fd00:20::/48']
    azs: [${[...AZ_LETTERS].map((letter) => `us-west-2${letter}`).join(', ')}]
    boundaryServers: ${BOUNDARY_SERVERS}
`;

export const FLEET: Fleet = loadFleet(FLEET_TEXT);
export const POD = FLEET.pods[0] as Pod;

/** One host of the pod, by its number: the first are boundary servers, spread over the AZs. */
export interface ScaleHost {
  number: number;
  instanceId: string;
  tier: Tier;
  az: string;
  ipv4: string;
  ipv6: string;
  daemon: DaemonKind;
}

export function hostNumber(number: number): ScaleHost {
  const address = number + 256;
  const octets = [address >> 16, (address >> 8) & 255, address & 255];
  return {
    number,
    instanceId: `i-0${number.toString(16).padStart(16, '0')}`,
    tier: number < BOUNDARY_SERVERS ? 'boundary' : 'client',
    az: `us-west-2${AZ_LETTERS.charAt(number % AZ_LETTERS.length)}`,
    ipv4: `10.${octets.join('.')}`,
    ipv6: `fd00:20::${address.toString(16)}`,
    daemon: (['ntpd', 'ntpsec', 'chrony'] as const)[number % 3] ?? 'ntpd',
  };
}

export const SERVERS: readonly ScaleHost[] = Array.from({ length: BOUNDARY_SERVERS }, (_, number) =>
  hostNumber(number),
);

const revisions = new Map<string, string>();

/** Of the file that the host should run on. */
function revision({ tier, az, daemon }: ScaleHost): string {
  const key = `${tier} ${az} ${daemon}`;
  const known = revisions.get(key) ?? revisionOf(FLEET, POD, tier, az, daemon);
  revisions.set(key, known);
  return known;
}

/** Numbers as settled clocks have them; the same in each run. */
function noise(host: ScaleHost, measure: number): number {
  const turn = Math.sin(host.number * 12.9898 + measure * 78.233) * 43758.5453;
  return turn - Math.floor(turn);
}

/** One host in a hundred has missed polls of one source. */
const reachOf = (host: ScaleHost, row: number) => (host.number % 100 === 99 && row === 2 ? '375' : '377');

/** In the pod's networks, in no record, of no host. */
const GONE_SERVER = '10.255.0.1';

/**
 * What `collect` prints on a settled host: 1.7 KB with ntpq, as little as chronyc prints with chrony. One that DNS left behind polls
 * the address of a server that is gone.
 */
export function collectOutput(host: ScaleHost, isLeftBehind = false): string {
  const { daemon } = host;
  const rows = rowsOf(host, isLeftBehind);
  const names =
    host.tier === 'client'
      ? [...AZ_LETTERS].map((letter) => `ntp.az-${letter}.pod`)
      : FLEET.upstreams.map(({ host }) => host);
  const versions = { ntpd: '4.2.8p6 service=ntp', ntpsec: '1.2.2 service=ntpsec', chrony: '4.3 service=chrony' };
  return [
    'podtime-collect 1',
    `found ${daemon} ${versions[daemon]} file=/etc/${daemon}.conf`,
    `age ${100_000 + host.number}`,
    'cycled -',
    `revision ${revision(host)}`,
    `names ${names.join(' ')}`,
    'literals 169.254.169.123 fd00:ec2::123',
    ...(daemon === 'chrony' ? chronyLines(host, rows) : ntpqLines(host, rows)),
    'end',
    '',
  ].join('\n');
}

interface Row {
  address: string;
  refid: string;
  stratum: number;
}

/** A client follows the boundary servers, a boundary server the upstreams; both the time service, in both families. */
function rowsOf({ tier }: ScaleHost, isLeftBehind: boolean): Row[] {
  const upstreams = ['203.0.113.5', '203.0.113.9'].map((address) => ({ address, refid: '198.51.100.7', stratum: 2 }));
  const addresses = SERVERS.map(({ ipv4 }, row) => (isLeftBehind && row === 1 ? GONE_SERVER : ipv4));
  const servers = addresses.map((address) => ({ address, refid: '169.254.169.123', stratum: 3 }));
  return [
    ...(tier === 'client' ? servers : upstreams),
    { address: '169.254.169.123', refid: '198.51.100.1', stratum: 1 },
    { address: 'fd00:ec2::123', refid: '198.51.100.1', stratum: 1 },
  ];
}

function ntpqLines(host: ScaleHost, polled: readonly Row[]): string[] {
  const offset = (noise(host, 0) - 0.5).toFixed(6);
  const frequency = (noise(host, 1) * 40 - 20).toFixed(3);
  const rows = polled.map(({ address, refid, stratum }, row) => {
    const tally = row === 0 ? '*' : '+';
    const numbers = [0.1 + noise(host, row + 2) / 2, noise(host, row + 12) - 0.5, noise(host, row + 22) / 10];
    const [delay, rowOffset, jitter] = numbers.map((value) => value.toFixed(3).padStart(8));
    const when = String(1 + ((host.number * 7 + row * 13) % 63)).padStart(4);
    return `${tally}${address.padEnd(15)} ${refid.padEnd(15)} ${stratum} u ${when}   64  ${reachOf(host, row)} ${delay} ${rowOffset} ${jitter}`;
  });
  return [
    'system ntpq',
    'associd=0 status=0614 leap_none, sync_ntp, 1 event, freq_mode,',
    'version="ntpd 4.2.8p6 Sun Nov 22 21:17:30 UTC 2026 (1)",',
    'processor="x86_64", system="Linux/6.18.44-67.amzn2023.x86_64", leap=00, stratum=4,',
    `precision=-24, rootdelay=0.393, rootdisp=1.045, refid=${SERVERS[0]?.ipv4},`,
    'reftime=eeaddf29.e1ee849b  Sun, Nov 22 2026 21:37:45.882,',
    'clock=eeaddf2d.0de37231  Sun, Nov 22 2026 21:37:49.054, peer=25428, tc=6,',
    `mintc=3, offset=${offset}, frequency=${frequency}, sys_jitter=0.011324,`,
    'clk_jitter=0.120, clk_wander=0.000',
    'sources ntpq',
    '     remote           refid      st t when poll reach   delay   offset  jitter',
    ...rows,
  ];
}

function chronyLines(host: ScaleHost, polled: readonly Row[]): string[] {
  const seconds = (measure: number) => ((noise(host, measure) - 0.5) / 1000).toFixed(9);
  const rows = polled.map(
    ({ address, stratum }, row) =>
      `^,${row === 0 ? '*' : '+'},${address},${stratum},6,${reachOf(host, row)},${1 + ((host.number + row) % 60)},${seconds(row)},${seconds(row + 9)},0.000${300 + row}967`,
  );
  return [
    'system chronyc',
    `0A000100,${SERVERS[0]?.ipv4},4,1795383469.118389841,${seconds(40)},${seconds(41)},0.000004209,0.011,-0.001,0.055,0.000461290,0.000525939,64.1,Normal`,
    'sources chronyc',
    ...rows,
  ];
}
