import { describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { layout, withChrony } from './layouts.ts';
import { withNtpdRs } from './other-layouts.ts';

/** Of chrony 4.3: the certificate of one had expired, of one it was not valid yet; one has no NTS. */
const AUTHDATA = `good.example,NTS,1,15,256,7,0,0,8,100
expired.example,NTS,0,0,0,4294967295,1,0,0,0
early.example,NTS,2,15,256,86400,3,1,0,100
plain.example,-,0,0,0,4294967295,0,0,0,0
`;
const ASK = 'chronyc -c -N authdata';

describe.each(SHELLS)('under %s, collect of chrony', (shell) => {
  const newHost = (conf: string) => {
    const host = kept(new Host(shell));
    layout('RHEL 9').lay(host);
    return host.file('/etc/chrony.conf', conf).on(ASK, AUTHDATA);
  };

  it('tells which sources could not be authenticated', () => {
    const { stdout } = newHost('Server good.example iburst NTS\nserver plain.example iburst\n').run('collect');
    expect(stdout).toContain(
      '\nauthenticated 1\nunauthenticated expired.example 1 0 -\nunauthenticated early.example 3 1 86400\nsystem chronyc\n',
    );
    expect(parseCollected(stdout)).toMatchObject({
      authentication: {
        authenticated: 1,
        unauthenticated: [
          { name: 'expired.example', attempts: 1, naks: 0, exchangedSecondsAgo: null },
          { name: 'early.example', attempts: 3, naks: 1, exchangedSecondsAgo: 86400 },
        ],
      },
      faults: [],
    });
  });

  it.each([
    'server good.example iburst\n# server other.example nts\nserver nts iburst\n',
    'ntsdumpdir /var/lib/chrony\nkeyfile nts\n',
  ])('asks nothing of it where the file has no source with NTS: %j', (conf) => {
    const host = newHost(conf);
    const { stdout } = host.run('collect');
    expect(host.calls()).not.toContain(ASK);
    expect(stdout).not.toContain('authenticated');
    expect(parseCollected(stdout)).not.toHaveProperty('authentication');
  });

  it('asks nothing of it where no file is found, whatever its standard input holds', () => {
    const host = kept(new Host(shell)).on('systemctl is-active chronyd', 'active\n').on(ASK, AUTHDATA);
    withChrony(host);
    host.input = 'server good.example iburst nts\n';
    expect(host.run('collect').stdout).toContain('\nfound chrony 4.3 service=chronyd file=-\n');
    expect(host.calls()).not.toContain(ASK);
  });

  it('tells the rest where chronyc does not know the question', () => {
    const host = newHost('server good.example nts\n').on(ASK, { stdout: 'Unrecognized command\n', status: 1 });
    const { stdout } = host.run('collect');
    expect(stdout).not.toContain('authenticated');
    expect(stdout).toMatch(/\nsources chronyc\n\^[\s\S]*\nend\n$/);
  });

  it('leaves lines of NTS out before any row where it would not fit what SSM keeps', () => {
    const names = Array.from({ length: 14 }, (_, index) => `time-${index}.a-rather-long-name-of-a-server.example`);
    const host = newHost(names.map((name) => `server ${name} iburst nts\n`).join(''));
    host.on(ASK, names.map((name) => `${name},NTS,0,0,0,4294967295,12,0,0,0\n`).join(''));
    const row = (index: number) =>
      `^,?,2001:db8:1111:2222:3333:4444:5555:${index + 1000},0,6,377,4294967295,0.000000000,0.000000000,0.000000000\n`;
    host.on('chronyc -n -c sources', names.map((_, index) => row(index)).join(''));
    const { stdout } = host.run('collect');
    expect(stdout.length).toBeLessThan(2400);
    const collected = parseCollected(stdout);
    expect(collected).toMatchObject({ truncated: false, authentication: { authenticated: 0 } });
    expect(collected?.sources.length).toBe(14);
  });
});

/** Of ntpd-rs 1.4.0, as far as it counts here. */
const STATUS = `ntp_uptime_seconds{version="1.4.0",build_commit="-",build_commit_date="-"} 25.011002795
ntp_source_poll_interval_seconds{name="good.example:4460",address="10.77.0.1:123",id="2"} 64.00000001490116
ntp_source_poll_interval_seconds{name="plain.example:123",address="10.77.0.4:123",id="1"} 64.00000001490116
ntp_source_nts_cookies_available{name="good.example:4460",address="10.77.0.1:123",id="2"} 8
`;

const RS_SOURCES = [
  ['nts', 'good.example'],
  ['nts', 'Expired.example'],
  ['server', 'plain.example'],
].map(([mode, name]) => `[[source]]\nmode = "${mode}"\naddress = "${name}"\n`);
// as others write it: it is not taken for one of the source above it
const RS_OTHER =
  '[[source]]\nmode = "nts"\naddress = "early.example"\n[[source]]\naddress = "other.example"\nmode = "server"\n';

describe.each(SHELLS)('under %s, collect of ntpd-rs', (shell) => {
  it('tells which names that are asked with NTS are no source', () => {
    const host = kept(new Host(shell));
    withNtpdRs(host)
      .file('/etc/ntpd-rs/ntp.toml', RS_SOURCES.join('') + RS_OTHER)
      .on(`ntp-ctl -c ${host.at('/etc/ntpd-rs/ntp.toml')} status -f prometheus`, STATUS);
    const { stdout } = host.run('collect');
    expect(stdout).toContain(
      '\nauthenticated 1\nunauthenticated expired.example - - -\nunauthenticated early.example - - -\nsystem ntp-ctl\n',
    );
    expect(parseCollected(stdout)?.authentication?.unauthenticated).toEqual(
      ['expired.example', 'early.example'].map((name) => ({
        name,
        attempts: null,
        naks: null,
        exchangedSecondsAgo: null,
      })),
    );
  });
});

describe('what a host tells of NTS', () => {
  const read = (...lines: string[]) =>
    parseCollected(
      ['podtime-collect 1', 'found chrony 4.3', ...lines, 'system chronyc', 'sources chronyc', 'end', ''].join('\n'),
    );

  it('costs the field that cannot be read, and the line that names no host', () => {
    expect(
      read('authenticated x', 'unauthenticated A.example 1 -1', 'unauthenticated -b 1 0 -', 'authenticated 2'),
    ).toMatchObject({
      authentication: {
        authenticated: null,
        unauthenticated: [{ name: 'a.example', attempts: 1, naks: null, exchangedSecondsAgo: null }],
      },
      faults: [
        { line: 6, field: null, reason: 'a second authenticated line' },
        { line: 4, field: 'naks' },
        { line: 4, field: 'exchangedSecondsAgo' },
        { line: 5, field: 'unauthenticated', reason: 'not a name of a host' },
        { line: 3, field: 'authenticated' },
      ],
    });
  });

  it('may be of sources without cookies alone', () => {
    expect(read('unauthenticated a.example 2 0 90')).toMatchObject({
      authentication: {
        authenticated: null,
        unauthenticated: [{ name: 'a.example', attempts: 2, naks: 0, exchangedSecondsAgo: 90 }],
      },
      faults: [],
    });
  });

  it('shows of a field that cannot be read what stands there, which may be nothing', () => {
    expect(read('authenticated', 'unauthenticated a.example x 1.5')?.faults).toEqual(
      [
        { line: 4, field: 'attempts', text: 'x' },
        { line: 4, field: 'naks', text: '1.5' },
        { line: 4, field: 'exchangedSecondsAgo', text: '' },
        { line: 3, field: 'authenticated', text: '' },
      ].map((fault) => ({ ...fault, reason: 'not a whole number' })),
    );
  });

  it.each(['a', '_x', 'time-1.a_b.example', 'a'.repeat(253)])('may be of a host called %s', (name) => {
    const { authentication, certificates, faults } =
      read(`unauthenticated ${name} - - -`, `certificate ${name} 5 9`) ?? {};
    expect({ authentication, certificates, faults }).toEqual({
      authentication: {
        authenticated: null,
        unauthenticated: [{ name, attempts: null, naks: null, exchangedSecondsAgo: null }],
      },
      certificates: [{ name, secondsLeft: 5, lifeSeconds: 9 }],
      faults: [],
    });
  });

  it('is of no host where it names none', () => {
    const text = 'unauthenticated';
    expect(read(text)).toMatchObject({
      authentication: { authenticated: null, unauthenticated: [] },
      faults: [{ line: 3, field: 'unauthenticated', text, reason: 'not a name of a host' }],
    });
  });

  it.each(['-a', 'a-', 'a/b', '.a', 'a.example;', 'a'.repeat(254)])('is of no host called %s', (name) => {
    const lines = [`unauthenticated ${name} - - -`, `certificate ${name} 5 9`];
    const { authentication, certificates, faults } = read(...lines) ?? {};
    expect({ authentication, certificates, faults: faults?.map(({ line, field }) => [line, field]) }).toEqual({
      authentication: { authenticated: null, unauthenticated: [] },
      certificates: undefined,
      faults: [
        [3, 'unauthenticated'],
        [4, 'certificate'],
      ],
    });
  });
});

describe('a line of a certificate', () => {
  const read = (line: string) => {
    const text = ['podtime-collect 1', 'found chrony 4.3', line, 'system chronyc', 'sources chronyc', 'end', ''];
    const { certificates, faults } = parseCollected(text.join('\n')) ?? {};
    return { certificates, faults };
  };

  it.each([
    ['90', 90],
    ['0', 0],
    ['-0', 0],
    ['-7', -7],
    ['4294967296', 2 ** 32],
    ['-4294967296', -(2 ** 32)],
  ])('has %s s left', (left, secondsLeft) => {
    expect(read(`certificate b.example ${left} 90`)).toEqual({
      certificates: [{ name: 'b.example', secondsLeft, lifeSeconds: 90 }],
      faults: [],
    });
  });

  it.each([
    'certificate',
    'certificate b.example',
    'certificate b.example 5',
    'certificate -b 5 9',
    'certificate b.example x 9',
    'certificate b.example - 9',
    'certificate b.example 5- 9',
    'certificate b.example --5 9',
    'certificate b.example 4294967297 9',
    'certificate b.example -4294967297 9',
    'certificate b.example 5 x',
    'certificate b.example 5 0',
    'certificate b.example 5 -9',
    'certificate b.example x x',
  ])('that says %j costs itself', (text) => {
    const reason = 'not a certificate: NAME SECONDS_LEFT SECONDS_IN_ALL';
    expect(read(text)).toEqual({ certificates: undefined, faults: [{ line: 3, field: 'certificate', text, reason }] });
  });
});
