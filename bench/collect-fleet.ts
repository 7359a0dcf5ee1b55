/** What `collect` prints on a fleet: 1.1 to 1.6 KB a host, as measured on hosts with nine sources. */

/** The same in each run: a number from 0 to below `most`, whole. */
function spread(host: number, measure: number, most: number): number {
  const turn = Math.sin(host * 12.9898 + measure * 78.233) * 43758.5453;
  return Math.floor((turn - Math.floor(turn)) * most);
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `ntp.az-${letter}.pod`).join(' ');
const REMOTES = [
  '169.254.169.123',
  ...[51, 52, 53, 54, 55, 56].map((octet) => `10.66.0.${octet}`),
  'fd00:66::51',
  'fd00:ec2::123',
];
const CODES = '*++-++x  ';

/** The text of host number `host`: of the three daemons by turns, each host with numbers of its own. */
export function collectOutput(host: number): string {
  const daemon = (['ntpsec', 'ntpd', 'chrony'] as const)[host % 3] ?? 'chrony';
  const version = { ntpsec: '1.2.2', ntpd: '4.2.8p15', chrony: '4.3' }[daemon];
  const lines = [
    'podtime-collect 1',
    `found ${daemon} ${version} service=${daemon} file=/etc/${daemon}.conf`,
    `age ${600 + spread(host, 1, 90_000)}`,
    `cycled ${host % 5 === 0 ? spread(host, 2, 90_000) : '-'}`,
    'revision 0123456789abcdef',
    `names ${NAMES}`,
    'literals 169.254.169.123 fd00:ec2::123',
    ...(daemon === 'chrony' ? chronyLines(host) : ntpqLines(host)),
    'end',
  ];
  return `${lines.join('\n')}\n`;
}

const signed = (host: number, measure: number, digits: number) =>
  ((spread(host, measure, 20_000) - 10_000) / 10_000).toFixed(digits);
const positive = (host: number, measure: number, digits: number) =>
  (spread(host, measure, 10_000) / 10_000).toFixed(digits);

function ntpqLines(host: number): string[] {
  const rows = REMOTES.map((remote, at) => {
    const numbers = [positive(host, 20 + at, 4), signed(host, 30 + at, 4), positive(host, 40 + at, 4)];
    const [delay, offset, jitter] = numbers.map((number) => number.padStart(8));
    const when = String(spread(host, 10 + at, 64)).padStart(4);
    return `${CODES[at]}${remote.padEnd(15)} 169.254.169.123  3 u ${when}   64  377 ${delay} ${offset} ${jitter}`;
  });
  return [
    'system ntpq',
    `leap=00, stratum=4, refid=10.66.0.51, offset=${signed(host, 3, 6)},`,
    `rootdelay=${positive(host, 4, 5)}, rootdisp=${positive(host, 5, 3)}, sys_jitter=${positive(host, 6, 6)},`,
    `frequency=${signed(host, 7, 3)}`,
    'sources ntpq',
    '     remote           refid      st t when poll reach   delay   offset   jitter',
    '='.repeat(79),
    ...rows,
  ];
}

function chronyLines(host: number): string[] {
  const seconds = (measure: number) => (spread(host, measure, 20_000) / 1e7 - 0.001).toFixed(9);
  const rows = REMOTES.map(
    (remote, at) =>
      `^,${CODES[at]?.replace(' ', '?')},${remote},3,6,377,${spread(host, 10 + at, 64)},${seconds(20 + at)},${seconds(30 + at)},0.000${spread(host, 40 + at, 100_000)}`,
  );
  return [
    'system chronyc',
    `0A420033,10.66.0.51,4,1795390477.573318199,${seconds(3)},${seconds(4)},0.00000${spread(host, 5, 1000)},${signed(host, 6, 3)},-0.000,0.757,0.0000${spread(host, 7, 10_000)},0.0000${spread(host, 8, 10_000)},64.2,Normal`,
    'sources chronyc',
    ...rows,
  ];
}
