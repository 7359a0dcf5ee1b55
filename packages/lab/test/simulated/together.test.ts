import { afterEach, describe, expect, it } from '@jest/globals';
import { render } from '../../../../src/config/files.ts';
import type { Fleet } from '../../../../src/fleet/fleet.ts';
import { loadFleet } from '../../../../src/fleet/load.ts';
import type { SimulatedHost } from '../../src/simulated/simulated-host.ts';
import { addHost, createTestHosts, row, server, type TestHosts } from './test-hosts.ts';

const FLEET: Fleet = loadFleet(`
upstreams: [one.invalid, two.invalid]
timeService: reference
pods:
  blue:
    region: us-west-2
    zone: { name: pod }
    networks: [10.0.0.0/16, fd00::/56]
    azs: [us-west-2a, us-west-2b, us-west-2c]
    together: true
`);
const [BLUE] = FLEET.pods as [Fleet['pods'][number]];
const UPSTREAMS = ['192.0.2.1', '192.0.2.2'];
const SERVERS = { b: '10.0.2.5', c: '10.0.3.5' } as const;

let test: TestHosts;
afterEach(() => test.hosts.close());

const fileOf = (tier: 'boundary' | 'client', az: string) =>
  render('chrony.conf', { fleet: FLEET, pod: BLUE, tier, az: `us-west-2${az}` }, [4, 8]).text;

function start(letters: readonly (keyof typeof SERVERS)[] = ['b', 'c']) {
  test = createTestHosts(
    { upstreams: UPSTREAMS.map((address) => server(address, [address], { roundTripMs: 12, rootDispersionMs: 2 })) },
    {
      'one.invalid': ['192.0.2.1'],
      'two.invalid': ['192.0.2.2'],
      ...Object.fromEntries(
        Object.entries(SERVERS).map(([az, address]) => [`ntp.az-${az}.pod`, [`fd00::${az}`, address]]),
      ),
    },
  );
  const servers = letters.map((az) => boundary(az));
  const client = addHost(test.hosts, 'chrony', fileOf('client', 'a'), { newer: true });
  return { servers, client };
}

function boundary(az: keyof typeof SERVERS, changed = (file: string) => file): SimulatedHost {
  const at = { tier: 'boundary', az: `us-west-2${az}`, ipv4: SERVERS[az], ipv6: `fd00::${az}`, newer: true } as const;
  return addHost(test.hosts, 'chrony', changed(fileOf('boundary', az)), at);
}

/** Refid, stratum and leap status of `chronyc -c tracking`. */
function tracked(host: SimulatedHost): string {
  const fields = host.answer('chronyc', ['-c', '-n', 'tracking']).stdout.trim().split(',');
  return [fields[0], fields[2], fields[13]].join(' ');
}

const lose = () => {
  for (const address of UPSTREAMS) test.hosts.cut(address);
};
/** 127.127.1.1, and 10.0.2.5. */
const LOCAL = '7F7F0101';
const OF_B = '0A000205';

describe('simulated boundary servers on the file that keeps them together', () => {
  it('follow their upstreams, and not each other, while they can', async () => {
    const { servers } = start();
    await test.seconds(1200);
    for (const host of servers) expect(tracked(host)).toMatch(/^C000020[12] 3 Normal$/);
    expect(row(servers[0] as SimulatedHost, SERVERS.c)?.tally).toMatch(/[-?x]/);
    expect(row(servers[0] as SimulatedHost, SERVERS.c)?.reach).toBe('377');
  });

  it('keep the time of the one with the lowest address when all is lost, and their clients with them', async () => {
    const { servers, client } = start();
    await test.seconds(1200);
    lose();
    await test.seconds(300);
    for (const host of servers) expect(tracked(host)).toMatch(/^C000020[12] 3 Normal$/);
    await test.seconds(900);
    expect(servers.map(tracked)).toEqual([`${LOCAL} 10 Normal`, `${OF_B} 11 Normal`]);
    expect(tracked(client)).toMatch(/ 1[12] Normal$/);
    test.hosts.mend();
    await test.seconds(600);
    for (const host of servers) expect(tracked(host)).toMatch(/^C000020[12] 3 Normal$/);
  });

  it('one that has no source of its own follows the others, whatever its address', async () => {
    start(['c']);
    const lonely = boundary('b', (file) => file.replaceAll('.invalid', '.nowhere'));
    await test.seconds(1200);
    expect(tracked(lonely)).toBe('0A000305 4 Normal');
  });

  it('one that boots cold serves nobody its own clock', async () => {
    const { servers } = start(['b']);
    lose();
    const cold = boundary('c');
    for (const { spec } of servers) test.hosts.cut(spec.id);
    await test.seconds(3600);
    expect(tracked(cold)).toBe('00000000 0 Not synchronised');
  });
});
