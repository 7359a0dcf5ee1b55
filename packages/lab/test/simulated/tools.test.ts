import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { addHost, createTestHosts, fixture, peers, row, rows, START_MS, server, type TestHosts } from './test-hosts.ts';

const upstreams = [server('one.invalid', ['192.0.2.60']), server('two.invalid', ['192.0.2.61'])];
const CONFIG = 'server 192.0.2.60 iburst\nserver 192.0.2.61 iburst\n';

let test: TestHosts;
afterEach(() => test.hosts.close());

async function settled(kind: Parameters<typeof addHost>[1], more: Parameters<typeof addHost>[3] = {}) {
  test = createTestHosts({ upstreams });
  const host = addHost(test.hosts, kind, CONFIG, more);
  await test.seconds(60);
  return host;
}

describe('query tools that fail', () => {
  it.each([
    ['ntpd', 'classic-4.2.8p6.not-running.pn.txt'],
    ['ntpsec', 'ntpsec-1.2.2.not-running.pn.txt'],
  ] as const)('ntpq says of %s that it does not run, and exits 0', async (kind, capture) => {
    const host = await settled(kind);
    test.hosts.stopDaemon(host.id);
    const [, , , , ...stderr] = fixture(`${capture}.meta`).split('\n');
    expect(host.answer('ntpq', ['-pn'])).toEqual({
      exitCode: 0,
      stdout: fixture(capture),
      stderr: stderr.join('\n'),
      waitMs: 0,
    });
  });

  it('chronyc cannot talk to a daemon that does not run, and exits 1', async () => {
    const host = await settled('chrony');
    test.hosts.stopDaemon(host.id);
    expect(host.answer('chronyc', ['-n', 'sources'])).toMatchObject({
      exitCode: 1,
      stdout: fixture('chrony-4.3.not-running.sources.txt'),
    });
  });

  it('a daemon that hangs keeps ntpq waiting for 10 s, and serves nobody', async () => {
    const host = await settled('ntpsec');
    test.hosts.hangDaemon(host.id);
    expect(host.answer('ntpq', ['-pnw'])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '***Request timed out\n',
      waitMs: 10_000,
    });
    test.hosts.mend(host.id);
    expect(rows(peers(host))).toHaveLength(2);
  });

  it('administration over UDP is not authorised', async () => {
    const host = await settled('chrony');
    expect(host.answer('chronyc', ['-h', '127.0.0.1', 'refresh'])).toMatchObject({
      exitCode: 1,
      stdout: '501 Not authorised\n',
    });
    expect(host.answer('chronyc', ['nonsense'])).toMatchObject({ exitCode: 1, stderr: 'Unrecognized command\n' });
    expect(host.answer('chronyc', ['burst', '4/x'])).toMatchObject({ exitCode: 1 });
  });

  it('an unknown variable or command is told on stderr', async () => {
    const host = await settled('ntpsec');
    expect(host.answer('ntpq', ['-c', 'rv 0 nosuch'])).toMatchObject({
      stdout: '',
      stderr: '***Server error code UNKNOWNVAR\n',
    });
    expect(host.answer('ntpq', ['-c', 'dance'])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: "***Command `dance' unknown\n",
    });
  });

  it('a tool that the host lacks does not exist', async () => {
    const host = await settled('chrony');
    expect(host.answer('ntpq', ['-pn'])).toMatchObject({ exitCode: 127 });
  });
});

describe('rv with names', () => {
  it('answers in the order asked (classic), or in its own (ntpsec)', async () => {
    const names = 'rv 0 frequency,leap,stratum,ss_uptime';
    const classic = await settled('ntpd');
    expect(classic.answer('ntpq', ['-c', names]).stdout).toBe('frequency=0.000, leap=00, stratum=3, ss_uptime=60\n');
    test.hosts.close();
    const ntpsec = await settled('ntpsec');
    expect(ntpsec.answer('ntpq', ['-c', names]).stdout).toBe('leap=00, stratum=3, frequency=0.0, ss_uptime=60\n');
  });

  it('runs several commands one after another, and knows options in any form', async () => {
    const host = await settled('ntpsec');
    const both = host.answer('ntpq', ['-n', '-w', '-c', 'rv 0 leap', '-c', 'peers']).stdout;
    expect(both).toBe(`leap=00\n${host.answer('ntpq', ['-pnw']).stdout}`);
    expect(host.answer('ntpq', ['--version']).stdout).toBe('ntpq ntpsec-1.2.2\n');
  });
});

describe('services', () => {
  it('service restarts, stops and tells, and knows only its own', async () => {
    const host = await settled('ntpd');
    expect(host.answer('service', ['ntpd', 'status'])).toMatchObject({ exitCode: 0 });
    expect(host.answer('service', ['ntpsec', 'status'])).toMatchObject({
      exitCode: 1,
      stderr: 'ntpsec: unrecognized service\n',
    });
    host.answer('service', ['ntpd', 'stop']);
    expect(host.answer('service', ['ntpd', 'status'])).toMatchObject({ exitCode: 3 });
    expect(host.answer('service', ['ntpd', 'condrestart']).exitCode).toBe(0);
    expect(host.unit.running).toBe(false);
    expect(host.answer('service', ['ntpd', 'start']).exitCode).toBe(0);
    expect(peers(host)).toContain('.INIT.');
  });

  it('a service without a file does not start', async () => {
    test = createTestHosts({ upstreams });
    const host = test.hosts.add({
      id: 'i-empty',
      pod: 'blue',
      tier: 'client',
      az: 'us-west-2a',
      daemon: 'chrony',
      ipv4: '10.0.0.1',
      bootSeconds: 0,
    });
    await test.seconds(1);
    expect(host.answer('systemctl', ['restart', 'chrony']).exitCode).toBe(1);
    expect(host.answer('systemctl', ['is-active', 'chrony'])).toMatchObject({ exitCode: 3, stdout: 'inactive\n' });
    expect(test.hosts.startDaemon('i-empty')).toBe(false);
  });

  it('leaves a pid file of the simulated time', async () => {
    const host = await settled('chrony');
    const pidFile = join(host.root, 'run/chrony/chronyd.pid');
    expect(Number(readFileSync(pidFile, 'utf8'))).toBe(host.unit.processId);
    expect(statSync(pidFile).mtimeMs).toBe(START_MS);
    host.unit.stop();
    expect(existsSync(pidFile)).toBe(false);
  });
});

describe('date and sleep', () => {
  it('are of the simulated time', async () => {
    const host = await settled('ntpd');
    expect(host.answer('date', ['+%s']).stdout).toBe(`${START_MS / 1000 + 60}\n`);
    expect(host.answer('date', ['-u', '+%Y-%m-%dT%H:%M:%SZ %%']).stdout).toBe('2026-11-22T21:01:00Z %\n');
    expect(host.answer('sleep', ['1m', '2.5'])).toEqual({ exitCode: 0, stdout: '', stderr: '', waitMs: 62_500 });
    expect(host.answer('sleep', ['soon']).exitCode).toBe(1);
  });
});

describe('what an operator breaks', () => {
  it('plays a captured output until mended, with a system state that fits it', async () => {
    const host = await settled('ntpsec');
    const capture = fixture('ntpsec-1.2.2.settled-falseticker.pnw.txt');
    test.hosts.play(host.id, capture);
    expect(host.answer('ntpq', ['-pnw']).stdout).toBe(capture);
    expect(host.answer('ntpq', ['-c', 'rv 0 leap,stratum,refid']).stdout).toBe(
      'leap=00, stratum=3, refid=169.254.169.123\n',
    );
    test.hosts.play(host.id, fixture('ntpsec-1.2.2.start00.rv.txt'));
    expect(host.answer('ntpq', ['-c', 'rv 0 leap,stratum']).stdout).toBe('leap=11, stratum=16\n');
    expect(test.hosts.list()[0]?.sentence).toContain('plays a captured output');
    test.hosts.mend();
    expect(host.answer('ntpq', ['-pnw']).stdout).not.toBe(capture);
  });

  it('plays a start as the alarm, and chrony by either of its forms', async () => {
    const ntp = await settled('ntpd');
    test.hosts.play(ntp.id, fixture('classic-4.2.8p6.start00.pn.txt'));
    expect(ntp.answer('ntpq', ['-c', 'rv 0 leap']).stdout).toBe('leap=11\n');
    test.hosts.close();
    const chrony = await settled('chrony');
    test.hosts.play(chrony.id, fixture('chrony-4.3.settled-falseticker.sources-c.txt'));
    expect(chrony.answer('chronyc', ['-c', 'tracking']).stdout).toMatch(/^7F7F0101,fd00:66::12,3,.*,Normal\n$/);
    test.hosts.play(chrony.id, fixture('chrony-4.3.iburst-5s.sources-c.txt'));
    expect(chrony.answer('chronyc', ['-c', 'sources']).stdout).toBe(fixture('chrony-4.3.iburst-5s.sources-c.txt'));
  });

  it('refuses to play what is none of the daemon', async () => {
    const host = await settled('chrony');
    expect(() => test.hosts.play(host.id, fixture('classic-4.2.8p6.start00.pn.txt'))).toThrow(
      'output of ntpq -p, but the host runs chrony',
    );
    expect(() => test.hosts.play(host.id, 'hello\n')).toThrow('no output of ntpq or chronyc');
    expect(() => test.hosts.play('i-nobody', '')).toThrow('there is no host i-nobody');
  });

  it('announces a leap second down to the clients', async () => {
    const host = await settled('ntpd');
    test.hosts.announceLeap('one.invalid', 1);
    test.hosts.announceLeap('two.invalid', 1);
    await test.seconds(200);
    expect(host.answer('ntpq', ['-c', 'rv 0 leap']).stdout).toBe('leap=01\n');
  });

  it('takes a source added by hand, a reference clock and a symmetric peer', async () => {
    const host = await settled('ntpd');
    test.hosts.addSource(host.id, 'server 169.254.169.123 iburst');
    test.hosts.addSource(host.id, 'server 127.127.20.0 minpoll 4 maxpoll 4');
    test.hosts.addSource(host.id, 'peer 10.0.9.9');
    await test.seconds(60);
    expect(row(host, '169.254.169.123')?.reach).toBe('1');
    expect(row(host, '127.127.20.0')).toMatchObject({ refid: '.GPS.', stratum: 0 });
    expect(host.answer('ntpq', ['-pn']).stdout).toMatch(/^ 10\.0\.9\.9 +\.INIT\. +16 s /m);
  });

  it('lets only the undisciplined local clock remain when nothing else does', async () => {
    test = createTestHosts({ upstreams });
    const host = addHost(test.hosts, 'ntpd', `${CONFIG}server 127.127.1.0 minpoll 4 maxpoll 4\n`);
    test.hosts.cut(host.id);
    await test.seconds(120);
    expect(row(host, '127.127.1.0')).toMatchObject({ tally: '*', refid: '.LOCL.', stratum: 5 });
  });

  it('says what is wrong with a target or a host that does not exist', async () => {
    const host = await settled('ntpd');
    expect(() => test.hosts.cut('moon')).toThrow(
      `there is no moon to cut; there are ${host.id}, blue/us-west-2a, one.invalid, two.invalid, time-service`,
    );
    expect(() => test.hosts.drift('i-nobody', 5)).toThrow('there is no host i-nobody');
    expect(() => addHost(test.hosts, 'ntpd', '', { id: host.id })).toThrow(`there is a host ${host.id} already`);
    expect(() => addHost(test.hosts, 'ntpd', '', { ipv4: '10.0.0.300' })).toThrow('10.0.0.300 is not an address');
    expect(() => addHost(test.hosts, 'ntpd', '', { ipv4: host.spec.ipv4 })).toThrow(
      `another host has the address ${host.spec.ipv4}`,
    );
  });
});

describe('two daemons on one host', () => {
  it('both run, and each has its tool', async () => {
    const host = await settled('ntpsec', { alsoRuns: 'chrony' });
    expect(host.answer('systemctl', ['is-active', 'chrony']).exitCode).toBe(0);
    expect(host.answer('service', ['ntpsec', 'status']).exitCode).toBe(0);
    expect(host.answer('chronyc', ['-n', '-c', 'sources']).stdout).toMatch(/^\^,\*,169\.254\.169\.123,/);
  });
});
