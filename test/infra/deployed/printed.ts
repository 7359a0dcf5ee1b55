/** One row of `ntpq -pnw`. */
function row(tally: string, remote: string, stratum: number, reach: string): string {
  return `${tally}${remote.padEnd(15)} 10.9.9.9 ${stratum} u 12 64 ${reach} 0.069 0.021 0.018`;
}

/** What the `collect` document prints on a host whose daemon has long settled: on a boundary server two upstreams. */
export function settledServer(): string {
  return printed(
    3,
    ['us-west-2b.stratum-2.invalid'],
    [row('*', '192.0.2.1', 2, '377'), row('+', '192.0.2.2', 2, '377')],
  );
}

/** A client of two servers; an address that is no server's any more is not heard. */
export function client(zone: string, heard: string[], gone: string[] = []): string {
  return printed(
    4,
    [`ntp.az-a.${zone}`, `ntp.az-b.${zone}`],
    [
      ...heard.map((remote, index) => row(index === 0 ? '*' : '+', remote, 3, '377')),
      ...gone.map((remote) => row(' ', remote, 16, '0')),
    ],
  );
}

function printed(stratum: number, names: string[], rows: string[]): string {
  return [
    'podtime-collect 1',
    'found ntpd 4.2.8p15 service=ntpd file=/etc/ntp.conf',
    'age 7200',
    'cycled -',
    'revision -',
    `names ${names.join(' ')}`,
    'system ntpq',
    `leap=00, stratum=${stratum}, refid=192.0.2.1, offset=0.021, rootdelay=0.5, rootdisp=10.2, sys_jitter=0.018, frequency=1.5`,
    'sources ntpq',
    '     remote           refid      st t when poll reach   delay   offset  jitter',
    ...rows,
    'end',
    '',
  ].join('\n');
}
