import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { NEWER_PROGRAMS } from '../../packages/lab/src/real/newer-daemons.ts';
import { render, whyNoFile } from '../../src/config/files.ts';
import { revisionReader } from '../../src/config/revision.ts';
import type { Target } from '../../src/config/target.ts';
import { type Fleet, type Pod, TIERS } from '../../src/fleet/fleet.ts';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';
import fleet from '../builders/shipped-fleet.ts';
import { run, whyNot } from './namespace.ts';

const [blue, green] = fleet.pods as [Pod, Pod];
const CLIENT: Target = { fleet, pod: blue, tier: 'client', az: 'us-west-2e' };
const BOUNDARY: Target = { ...CLIENT, tier: 'boundary' };
const SECONDS = 1000;
/** A terminal's colours, as ntpd-rs logs them. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

const withUpstreams = (...upstreams: Parameters<typeof readUpstream>[0][]): Fleet => ({
  ...fleet,
  upstreams: upstreams.map(readUpstream),
});
const REFERENCE: Fleet = { ...fleet, timeService: readTimeService('reference') };
const textOf = (target: Target) => render('ntpd-rs.toml', target).text;
/** What a key is set to, as it is written; one for each line of it. */
const settings = (target: Target, key: string) =>
  textOf(target)
    .split('\n')
    .flatMap((line) => (line.startsWith(`${key} = `) ? [line.slice(key.length + 3)] : []));

describe('ntpd-rs.toml', () => {
  it('polls what other daemons do, of the time service one address, each as a server', () => {
    const pooled: Target = { fleet, pod: green, tier: 'client', az: 'us-west-2c' };
    expect([CLIENT, BOUNDARY, pooled].map((target) => settings(target, 'address'))).toEqual([
      ['"169.254.169.123"', ...['e', 'a', 'b', 'c', 'd', 'f', 'g'].map((letter) => `"ntp.az-${letter}.pod"`)],
      ['"169.254.169.123"', '"us-west-2b.stratum-2.invalid"', '"us-west-2c.stratum-2.invalid"'],
      ['"169.254.169.123"', ...['c', 'a', 'b'].map((letter) => `"ntp.az-${letter}.green.pod"`)],
    ]);
    expect(new Set([CLIENT, BOUNDARY, pooled].flatMap((target) => settings(target, 'mode')))).toEqual(
      new Set(['"server"']),
    );
  });

  it('leaves out what it could ask by an IPv6 address alone, says so, and wants fewer to agree', () => {
    const ipv6Only = { ...blue, networks: ['2001:db8:20::/56'] };
    const mixed = withUpstreams('a.invalid', 'b.invalid', 'c.invalid', '2001:db8::7', '192.0.2.7');
    const fileOf = (given: Partial<Target>) => {
      const target = { ...BOUNDARY, ...given };
      const [addresses, agreeing] = ['address', 'minimum-agreeing-sources'].map((key) => settings(target, key));
      const why = /ntpd-rs asks no .*?left out\./.exec(textOf(target).replaceAll('\n# ', ' '));
      return { addresses, agreeing, why: why?.[0] };
    };
    expect({
      client: fileOf({ tier: 'client', pod: ipv6Only }),
      both: fileOf({ fleet: mixed, pod: ipv6Only }),
      literal: fileOf({ fleet: mixed }),
      alone: fileOf({ fleet: withUpstreams('2001:db8::7', { host: '2001:db8::8', poll: { min: 9 } }) }),
      none: fileOf({ fleet: withUpstreams('a.invalid', '192.0.2.7') }),
    }).toEqual({
      client: {
        addresses: ['e', 'a', 'b', 'c', 'd', 'f', 'g'].map((letter) => `"ntp.az-${letter}.pod"`),
        agreeing: ['1'],
        why: 'ntpd-rs asks no server by an IPv6 address that stands in its file, so the AWS time service is left out.',
      },
      both: {
        addresses: ['"a.invalid"', '"b.invalid"', '"c.invalid"', '"192.0.2.7"'],
        agreeing: ['2'],
        why: 'ntpd-rs asks no server by an IPv6 address that stands in its file, so the AWS time service and 2001:db8::7 are left out.',
      },
      literal: {
        addresses: ['"169.254.169.123"', '"a.invalid"', '"b.invalid"', '"c.invalid"', '"192.0.2.7"'],
        agreeing: ['3'],
        why: 'ntpd-rs asks no server by an IPv6 address that stands in its file, so 2001:db8::7 is left out.',
      },
      alone: {
        addresses: ['"169.254.169.123"'],
        agreeing: ['1'],
        why: 'ntpd-rs asks no server by an IPv6 address that stands in its file, so 2001:db8::7 and 2001:db8::8 are left out.',
      },
      none: { addresses: ['"169.254.169.123"', '"a.invalid"', '"192.0.2.7"'], agreeing: ['2'], why: undefined },
    });
  });

  it('is refused where nothing is left that it could ask', () => {
    const why =
      'ntpd-rs asks no server by an IPv6 address that stands in its file, and boundary servers have no other source: ' +
      'none can run it. Give an upstream by its name.';
    const literal = withUpstreams('2001:db8::7', '2001:db8::8');
    const ipv6Only = { ...blue, networks: ['2001:db8:20::/56'] };
    const refusal = (given: Partial<Target>) => whyNoFile('ntpd-rs.toml', { ...BOUNDARY, ...given });
    expect({
      reference: refusal({ fleet: { ...literal, timeService: REFERENCE.timeService } }),
      ipv6Only: refusal({ fleet: literal, pod: ipv6Only }),
      timeService: refusal({ fleet: literal }),
      client: refusal({ fleet: literal, pod: ipv6Only, tier: 'client' }),
    }).toEqual({ reference: why, ipv6Only: why, timeService: null, client: null });
  });

  it('leaves a reference out, and says so: it could only follow it', () => {
    const target = { ...CLIENT, fleet: REFERENCE };
    expect(settings(target, 'address').filter((address) => !address.startsWith('"ntp.az-'))).toEqual([]);
    expect(textOf(target)).toContain(
      "# The boundary servers of every AZ, this host's own first. The AWS time service is left out: ntpd-rs\n" +
        '# watches no source without following it.\n',
    );
  });

  it.each([
    // boundary servers, AZs, whether the time service is followed, sources that must agree
    [1, 7, false, 1],
    [2, 7, false, 1],
    [2, 7, true, 1],
    // one may be silent
    [3, 3, false, 1],
    // three in each of two AZs, and the time service, are three sources
    [6, 7, true, 1],
    // more than a name answers with stand under two
    [9, 7, false, 1],
    [9, 7, true, 2],
    [56, 7, true, 4],
  ])(
    'with %i boundary servers in %i AZs, the time service followed: %j, wants %i to agree',
    (servers, azs, followed, agreeing) => {
      const pod = { ...blue, boundaryServers: servers, azs: blue.azs.slice(0, azs) };
      expect(settings({ ...CLIENT, fleet: followed ? fleet : REFERENCE, pod }, 'minimum-agreeing-sources')).toEqual([
        String(agreeing),
      ]);
    },
  );

  it("counts a boundary server's upstreams, and the time service where it is followed", () => {
    const agreeing = (target: Target) => settings(target, 'minimum-agreeing-sources');
    const four = withUpstreams('a.invalid', 'b.invalid', 'c.invalid', 'd.invalid');
    expect([BOUNDARY, { ...BOUNDARY, fleet: REFERENCE }, { ...BOUNDARY, fleet: four }].map(agreeing)).toEqual([
      ['2'],
      ['1'],
      ['3'],
    ]);
  });

  it("polls by one pair of limits: the pod's, and public servers never below 64 s", () => {
    const limits = (tier: Target['tier'], poll: Pod['poll']) =>
      settings({ ...CLIENT, tier, pod: { ...blue, poll } }, 'poll-interval-limits')[0];
    expect([
      limits('client', { min: null, max: null }),
      limits('client', { min: 5, max: 7 }),
      limits('client', { min: null, max: 3 }),
      limits('client', { min: 12, max: null }),
      limits('boundary', { min: null, max: null }),
      limits('boundary', { min: 4, max: 5 }),
    ]).toEqual([
      '{ min = 4, max = 10 }',
      '{ min = 5, max = 7 }',
      '{ min = 3, max = 3 }',
      '{ min = 12, max = 12 }',
      '{ min = 6, max = 10 }',
      '{ min = 6, max = 6 }',
    ]);
  });

  it('says that it does not poll the time service as other daemons do, where it follows it', () => {
    const refusalOf = (given: Partial<Target>) =>
      / no source has limits of its own\.(.*?)\n\[source-defaults\]/.exec(
        textOf({ ...CLIENT, ...given }).replaceAll('\n# ', ' '),
      )?.[1];
    const unkept = (polls: string) => ` So the AWS time service is not polled each ${polls}, as other daemons do.`;
    const slow = { ...fleet, timeService: readTimeService({ boundary: 'source', client: 'source', poll: { max: 6 } }) };
    expect({
      client: refusalOf({}),
      boundary: refusalOf({ tier: 'boundary', fleet: slow }),
      reference: refusalOf({ fleet: REFERENCE }),
      same: refusalOf({ pod: { ...blue, poll: { min: 4, max: 4 } } }),
    }).toEqual({ client: unkept('16 s'), boundary: unkept('16 to 64 s'), reference: '', same: '' });
  });

  it('is refused, by a sentence, to boundary servers of upstreams with polls of their own', () => {
    const several = withUpstreams('a.invalid', { host: 'b.invalid', poll: { min: 8, max: 12 } });
    const why =
      'ntpd-rs has one pair of limits for the polls of all its sources, and the upstreams have several ' +
      '(a.invalid 6 to 10 and b.invalid 8 to 12): no boundary server can run it.';
    const target = { ...BOUNDARY, fleet: several };
    expect({
      boundary: whyNoFile('ntpd-rs.toml', target),
      client: whyNoFile('ntpd-rs.toml', { ...target, tier: 'client' }),
      others: whyNoFile('chrony.conf', target),
    }).toEqual({ boundary: why, client: null, others: null });
    expect(() => render('ntpd-rs.toml', target)).toThrow(why);
    expect(revisionReader(several, blue)({ tier: 'boundary', az: 'us-west-2e' }, 'ntpd-rs', '1.4.0')).toBeNull();
    // one pair that all of them have is no trouble
    const same = withUpstreams(
      { host: 'a.invalid', poll: { min: 8, max: 12 } },
      { host: 'b.invalid', poll: { min: 8, max: 12 } },
    );
    expect(whyNoFile('ntpd-rs.toml', { ...BOUNDARY, fleet: same })).toBeNull();
    expect(settings({ ...BOUNDARY, fleet: same }, 'poll-interval-limits')).toEqual(['{ min = 8, max = 12 }']);
  });
});

describe('ntpd-rs itself', () => {
  const reason = whyNot('ntpd-rs');
  const really = reason === null ? it : it.skip;
  const because = reason === null ? '' : ` (skipped: ${reason})`;

  /** What `ntp-ctl validate` says of a file, without its colours and times. */
  function validated(text: string): string[] {
    const folder = mkdtempSync(join(tmpdir(), 'podtime-ntpd-rs-'));
    const file = join(folder, 'ntp.toml');
    writeFileSync(file, text);
    const { stdout, stderr, status } = spawnSync(NEWER_PROGRAMS.ntpCtl, ['-c', file, 'validate'], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    const plain = `${stdout}${stderr}`.replaceAll(COLOUR, '').split('\n').filter(Boolean);
    return [`exit ${status}`, ...plain.filter((line) => !line.includes(' INFO '))];
  }

  const every: Target[] = [
    ...fleet.pods.flatMap((pod) => TIERS.map((tier) => ({ fleet, pod, tier, az: 'us-west-2b' }))),
    ...TIERS.map((tier) => ({
      fleet: REFERENCE,
      pod: { ...blue, networks: ['2001:db8:20::/56'] },
      tier,
      az: 'us-west-2b',
    })),
    ...[
      { min: null, max: 4 },
      { min: 4, max: 17 },
      { min: 17, max: null },
    ].map((poll) => ({ ...CLIENT, pod: { ...blue, poll } })),
    ...[CLIENT, BOUNDARY].map((target) => ({
      ...target,
      pod: {
        ...blue,
        step: { thresholdSeconds: 0.5, limit: 3, panicSeconds: 1000 },
        leapFile: '/usr/share/zoneinfo/leap-seconds.list',
        extra: { ...blue.extra, 'ntpd-rs': ['[keyset]', 'stale-key-count = 7'] },
      },
    })),
  ];

  really(`takes every file without a word of complaint${because}`, () => {
    expect(every.map((target) => validated(textOf(target)))).toEqual(every.map(() => ['exit 0', 'Config looks good']));
  });

  really(`takes no limits of polls for one source, which is why there are none${because}`, () => {
    const text = textOf(CLIENT).replace('"169.254.169.123"', '$&\npoll-interval-limits = { min = 4, max = 4 }');
    expect(validated(text).filter((line) => line.startsWith('unknown field'))).toEqual([
      expect.stringContaining('unknown field `poll-interval-limits`'),
    ]);
  });

  really(`complains of files that are spoilt, so that its silence means something${because}`, () => {
    const good = textOf(BOUNDARY);
    const spoilt: [string, string][] = [
      ['mode = "server"', 'mode = "sever"'],
      ['min = 6', 'min = "6"'],
      ['minimum-agreeing-sources = 2', 'minimum-agreeing-sources = 4'],
      ['/56"', '/560"'],
      ['action = "ignore"', 'action = "ignored"'],
    ];
    for (const [from, to] of spoilt) {
      expect(good).toContain(from);
      expect({ to, words: validated(good.replace(from, to)) }).not.toEqual({
        to,
        words: ['exit 0', 'Config looks good'],
      });
    }
  });

  const probe = join(import.meta.dirname, 'probe.cjs');
  const questions = [
    'client,10.20.0.5,10.20.0.5',
    'client,2001:db8:20::5,2001:db8:20::5',
    'client,172.31.9.5,10.20.0.5',
    'client,2001:db8:ffff::5,2001:db8:20::5',
    'control,10.20.0.5,10.20.0.5',
  ];
  const asking = `"${process.execPath}" "${probe}" ${questions.join(' ')}`;

  really(
    `as a boundary server answers the pod in both families and strangers never${because}`,
    async () => {
      const { answers } = await run('ntpd-rs', textOf(BOUNDARY), asking);
      expect(answers).toEqual(['answered', 'answered', 'nothing', 'nothing', 'nothing']);
    },
    60 * SECONDS,
  );

  really(
    `as a boundary server of a pod of one family answers that${because}`,
    async () => {
      const pod = { ...blue, networks: ['10.20.0.0/16'] };
      const { answers } = await run('ntpd-rs', textOf({ ...BOUNDARY, pod }), asking);
      expect(answers).toEqual(['answered', 'nothing', 'nothing', 'nothing', 'nothing']);
    },
    60 * SECONDS,
  );

  // what the file is to say without, and with which it asks nobody: should a later one ask, this tells
  really(
    `asks a server by its name at an IPv6 address, and at the address itself never${because}`,
    async () => {
      const server = 'local stratum 2\\nallow all\\nbindcmdaddress /\\npidfile /run/server.pid\\n';
      const neighbour = [
        'ip addr add 2001:db8:20::8/56 dev v1 nodad',
        'ip link set v1 up',
        'conf=$(dirname "$0")/server.conf',
        `printf '${server}' >"$conf"`,
        `"${NEWER_PROGRAMS.chronyd}" -x -u root -f "$conf"`,
      ].join('\n');
      const spellings = ['2001:db8:20::8', '[2001:db8:20::8]:123', 'six.invalid'];
      const conf = [
        '[observability]',
        'observation-path = "/var/run/ntpd-rs/observe"',
        '[synchronization]',
        'minimum-agreeing-sources = 1',
        ...spellings.flatMap((address) => ['[[source]]', 'mode = "server"', `address = "${address}"`]),
      ].join('\n');
      const status = `"${NEWER_PROGRAMS.ntpCtl}" -c "$(dirname "$0")/conf" status`;
      const { answers } = await run(
        'ntpd-rs',
        conf,
        [
          `for _ in $(seq 60); do ${status} 2>/dev/null | grep -q '^Stratum: 3$' && break; sleep 1; done`,
          // the literals had as long as the name
          `${status} | sed -n 's/^\\([^ ]*\\)\\/.*/\\1/p'`,
        ].join('\n'),
        neighbour,
        '2001:db8:20::8 six.invalid\n',
      );
      expect(answers).toEqual(['six.invalid:123']);
    },
    120 * SECONDS,
  );

  really(
    `as a client answers nobody, and keeps time by two servers that agree${because}`,
    async () => {
      // the pod's servers are one chrony of local time on two addresses; with polls of 2 s it takes seconds
      const server = 'local stratum 2\\nallow all\\nbindcmdaddress /\\npidfile /run/server.pid\\n';
      const neighbour = [
        ...['10.20.0.8', '10.20.0.9'].map((address) => `ip addr add ${address}/16 dev v1`),
        'ip link set v1 up',
        'conf=$(dirname "$0")/server.conf',
        `printf '${server}' >"$conf"`,
        `"${NEWER_PROGRAMS.chronyd}" -x -u root -f "$conf"`,
      ].join('\n');
      const pod = { ...blue, boundaryServers: 3, poll: { min: 1, max: 1 } };
      const status = `"${NEWER_PROGRAMS.ntpCtl}" -c "$(dirname "$0")/conf" status`;
      const { answers } = await run(
        'ntpd-rs',
        textOf({ ...CLIENT, fleet: REFERENCE, pod }),
        [
          asking,
          `for _ in $(seq 60); do ${status} 2>/dev/null | grep -q '^Stratum: 3$' && break; sleep 1; done`,
          `${status} | grep '^Stratum'`,
        ].join('\n'),
        neighbour,
        '10.20.0.8 ntp.az-a.pod\n10.20.0.9 ntp.az-b.pod\n',
      );
      expect(answers).toEqual([...questions.map(() => 'nothing'), 'Stratum: 3']);
    },
    120 * SECONDS,
  );
});
