import { afterEach, describe, expect, it } from '@jest/globals';
import { sourcesTable, tracking } from '../../src/simulated/chrony/columns.ts';
import { refidOf } from '../../src/simulated/network.ts';
import { interval, peersTable } from '../../src/simulated/ntpd/columns.ts';
import { float, wrap } from '../../src/simulated/ntpd/variables.ts';
import { addHost, createTestHosts, fixture, peers, START_MS, server, type TestHosts } from './test-hosts.ts';

const STAGES = [
  'start00',
  'iburst-5s',
  'after-26s',
  'settled-falseticker',
  'upstream-cut',
  'client-settled',
  'pool-kod',
];
const CLASSIC = 'classic-4.2.8p6';
const NTPSEC = 'ntpsec-1.2.2';
const CHRONY = 'chrony-4.3';

/** Reads a capture of `ntpq -pnw` into what the printer is given. */
function associationsOf(text: string, nowMs: number): unknown[] {
  const joined = text.replace(/^(.\S{16,})\n {17}/gm, '$1 ');
  return joined
    .split('\n')
    .slice(2)
    .filter((line) => line !== '')
    .map((line) => {
      const [remote = '', refid = '', stratum, type, when = '', poll = '', reach = '', ...figures] = line
        .slice(1)
        .split(/\s+/);
      const [delayMs = 0, offsetMs = 0, jitterMs = 0] = figures.map(Number);
      const isAddress = /^[0-9.]+$|:/.test(remote);
      return {
        tally: line[0],
        address: isAddress ? remote : null,
        line: { target: remote },
        name: null,
        kind: type === 'p' ? 'pool' : 'client',
        refid: refid.replace(/^LOCAL\((\d)\)$/, '127.127.1.$1').replace(/^\.(.*)\.$/, '$1'),
        stratum: Number(stratum),
        heardMs: when === '-' ? null : nowMs - Number(when) * 1000,
        pollSeconds: poll.endsWith('m') ? Number.parseInt(poll, 10) * 60 : Number(poll),
        reach: Number.parseInt(reach, 8),
        delayMs,
        offsetMs,
        jitterMs,
      };
    });
}

describe('ntpq -p', () => {
  it.each(STAGES.flatMap((stage) => [[CLASSIC, 'ntpd', stage] as const, [NTPSEC, 'ntpsec', stage] as const]))(
    'prints the capture %s (%s) %s byte for byte, wide and cut',
    (version, kind, stage) => {
      const wide = fixture(`${version}.${stage}.pnw.txt`);
      const daemon = { kind, associations: associationsOf(wide, START_MS) } as unknown as Parameters<
        typeof peersTable
      >[0];
      expect(peersTable(daemon, START_MS, { numeric: true, wide: true })).toBe(wide);
      const cut = wide.replace(
        /^(.)(\S{16,})\n {17}/gm,
        (_, tally: string, remote: string) => `${tally}${remote.slice(0, 15)} `,
      );
      expect(peersTable(daemon, START_MS, { numeric: true, wide: false })).toBe(cut);
      expect(fixture(`${version}.${stage}.pn.txt`).split('\n').slice(0, 2)).toEqual(cut.split('\n').slice(0, 2));
    },
  );

  it('prints no sources as each of the two does', () => {
    const none = (kind: 'ntpd' | 'ntpsec') =>
      ({ kind, associations: [] }) as unknown as Parameters<typeof peersTable>[0];
    expect(peersTable(none('ntpd'), 0, { numeric: true, wide: false })).toBe(fixture(`${CLASSIC}.no-assoc.pn.txt`));
    expect(peersTable(none('ntpsec'), 0, { numeric: true, wide: false })).toBe(fixture(`${NTPSEC}.no-assoc.pn.txt`));
  });

  it.each([
    [0, '-'],
    [1, '1'],
    [2048, '2048'],
    [2049, '34m'],
    [4096, '68m'],
    [17_999, '300m'],
    [18_031, '5h'],
    [36_000, '10h'],
    [345_600, '96h'],
    [500_000, '6d'],
  ])('prints %i seconds as %s', (seconds, text) => {
    expect(interval(seconds)).toBe(text);
  });
});

describe('ntpq -c rv', () => {
  it.each(STAGES.flatMap((stage) => [[CLASSIC, 'ntpd', stage] as const, [NTPSEC, 'ntpsec', stage] as const]))(
    'breaks the lines of %s (%s) %s where the tool does',
    (version, kind, stage) => {
      const captured = fixture(`${version}.${stage}.rv.txt`);
      const [status = '', ...rest] = captured.trimEnd().split('\n');
      const items = rest.join(' ').split(/, (?=\w+=)/);
      expect(wrap([status.slice(0, -1), ...items], kind, true)).toBe(captured);
    },
  );

  it('writes numbers as Python does', () => {
    expect([
      float(0, 3),
      float(62.659, 3),
      float(-0.006267, 6),
      float(0.00006, 6),
      float(0.05, 3),
      float(2, 3),
    ]).toEqual(['0.0', '62.659', '-0.006267', '6e-05', '0.05', '2.0']);
  });
});

describe('chronyc', () => {
  /** Reads a capture of `chronyc -c sources` into what the printer is given. */
  const sourcesOf = (text: string, nowMs: number) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [, state, address, stratum, poll, reach, since, adjusted, measured, error] = line.split(',');
        return {
          state,
          address,
          name: null,
          line: { keyword: 'server', target: address },
          stratum: Number(stratum),
          poll: Number(poll),
          reach: Number.parseInt(reach ?? '', 8),
          heardMs: since === '4294967295' ? null : nowMs - Number(since) * 1000,
          lastOffsetMs: -Number(adjusted) * 1000,
          measuredMs: -Number(measured) * 1000,
          samples: since === '4294967295' ? [] : [{ delayMs: 0 }],
          rootDelayMs: 0,
          rootDispersionMs: Number(error) * 1000,
        };
      });

  it.each(STAGES.filter((stage) => stage !== 'pool-kod'))('prints the sources of %s byte for byte', (stage) => {
    const commas = fixture(`${CHRONY}.${stage}.sources-c.txt`);
    const daemon = { sources: sourcesOf(commas, START_MS) } as unknown as Parameters<typeof sourcesTable>[0];
    expect(sourcesTable(daemon, START_MS, { commas: true, numeric: true })).toBe(commas);
    expect(sourcesTable(daemon, START_MS, { commas: false, numeric: true })).toBe(
      fixture(`${CHRONY}.${stage}.sources-n.txt`),
    );
  });

  it('prints the tracking of a start byte for byte', () => {
    const { hosts } = createTestHosts();
    const host = addHost(hosts, 'chrony', 'server 10.66.0.99\n');
    const daemon = (hosts.get(host.id)?.unit.daemon ?? null) as Parameters<typeof tracking>[0];
    expect(tracking(daemon, START_MS, true)).toBe(fixture(`${CHRONY}.start00.tracking-c.txt`));
    expect(tracking(daemon, START_MS, false)).toBe(fixture(`${CHRONY}.start00.tracking.txt`));
    hosts.close();
  });
});

describe('an IPv6 reference', () => {
  it('is named by the hash that the captures show', () => {
    expect(refidOf('fd00:66::12')).toBe('92.164.58.181');
    expect(refidOf('10.66.0.53')).toBe('10.66.0.53');
  });
});

describe('a host that has just started', () => {
  let test: TestHosts;
  afterEach(() => test.hosts.close());

  const upstreams = [
    server('us-west-2b.stratum-2.invalid', ['fd00:66::12']),
    server('us-west-2c.stratum-2.invalid', ['192.0.2.60']),
    server('falseticker.invalid', ['10.66.0.14'], { refid: '10.0.0.1' }),
  ];
  const config = ['169.254.169.123', 'us-west-2b.stratum-2.invalid', 'us-west-2c.stratum-2.invalid', '10.66.0.14']
    .map((name) => `server ${name} iburst minpoll 3 maxpoll 4\n`)
    .join('');

  it.each([
    ['ntpd', CLASSIC],
    ['ntpsec', NTPSEC],
  ] as const)('%s prints what was captured at its start, byte for byte', async (kind, version) => {
    test = createTestHosts({ upstreams });
    const host = addHost(test.hosts, kind, config);
    await test.seconds(0.2);
    expect(host.answer('ntpq', ['-pn']).stdout).toBe(fixture(`${version}.start00.pn.txt`));
    expect(peers(host)).toBe(fixture(`${version}.start00.pnw.txt`));
    const masked = (text: string) =>
      text.replace(/(clock|version|system|precision|clk_jitter|reftime)=("[^"]*"|[^,]*, [A-Z][^,]*|[^,\n]*)/g, '$1');
    const items = (text: string) => masked(text).replaceAll('\n', ' ').replaceAll('  ', ' ').split(', ');
    expect(items(host.answer('ntpq', ['-c', 'rv']).stdout)).toEqual(items(fixture(`${version}.start00.rv.txt`)));
  });

  it('chronyd prints what was captured at its start, byte for byte', async () => {
    test = createTestHosts({ upstreams });
    const host = addHost(test.hosts, 'chrony', config);
    await test.seconds(0.12);
    expect(peers(host)).toBe(fixture(`${CHRONY}.start00.sources-n.txt`));
    expect(host.answer('chronyc', ['-c', 'sources']).stdout).toBe(fixture(`${CHRONY}.start00.sources-c.txt`));
  });
});
