import { describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { captured, Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { LAYOUTS, layout, withChrony, withClassic, withNtpsec } from './layouts.ts';

const SECTIONS = {
  ntpd: ['classic-4.2.8p6.client-settled.rv', 'classic-4.2.8p6.client-settled.pnw'],
  ntpsec: ['ntpsec-1.2.2.nine-sources.rv', 'ntpsec-1.2.2.client-settled.pnw'],
  chrony: ['chrony-4.3.client-settled.tracking-c', 'chrony-4.3.client-settled.sources-c'],
} as const;

const newHost = (shell: (typeof SHELLS)[number]) => kept(new Host(shell));

/** ntpd and chrony, both active. */
function withBoth(host: Host): Host {
  host.on('service ntpd status', '').on('service chronyd status', '');
  withClassic(host);
  withChrony(host);
  return host;
}

/** The captures without the table's rule and the line that holds no variable. */
function sections(kind: keyof typeof SECTIONS): string {
  const [state, rows] = SECTIONS[kind].map(captured);
  const tool = kind === 'chrony' ? 'chronyc' : 'ntpq';
  return `system ${tool}\n${state}sources ${tool}\n${rows?.replace(/^=+\n/m, '')}end\n`;
}

describe.each(SHELLS)('collect under %s', (shell) => {
  it.each(LAYOUTS)('reads $name', ({ lay, head, kind }) => {
    const host = newHost(shell);
    lay(host);

    const { stdout, stderr, status } = host.run('collect');

    expect(stdout).toBe(`${head.join('\n')}\n${sections(kind)}`);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const collected = parseCollected(stdout);
    expect(collected).toMatchObject({
      daemon: { kind },
      ageSeconds: 1234,
      cycledSecondsAgo: null,
      truncated: false,
      faults: [],
    });
    expect(collected?.sources).toHaveLength(3);
  });

  it('says what was asked and what is installed when no daemon runs', () => {
    const host = newHost(shell).tools('service', 'ntpq', 'chronyc');
    host.file('/usr/sbin/chronyd', '').file('/var/lib/podtime/cycled', `${host.now - 500}\n`);
    expect(host.run('collect').stdout).toBe(
      'podtime-collect 1\nfound none asked service for ntpsec ntp ntpd chrony chronyd; installed: nothing\nage -\ncycled 500\nrevision -\nend\n',
    );
  });

  it.each([
    ['Ubuntu 22.04', 'classic-4.2.8p6.no-assoc.pn', "sources ntpq\nNo association ID's returned\nend\n"],
    [
      'Debian 12, ntpsec',
      'ntpsec-1.2.2.no-assoc.pn',
      'sources ntpq\nserver=localhost No association IDs returned\nend\n',
    ],
  ])('%s without any source prints what ntpq says', (start, capture, end) => {
    const host = newHost(shell);
    layout(start).lay(host);
    host.on('ntpq -pnw', captured(capture));
    const { stdout } = host.run('collect');
    expect(stdout.endsWith(end)).toBe(true);
    expect(parseCollected(stdout)).toMatchObject({ sources: [], faults: [] });
  });

  it('asks an ntpq that knows no -w without it', () => {
    const host = newHost(shell);
    layout('Amazon Linux 2, ntpd').lay(host);
    host.on('ntpq -pnw', { stderr: 'ntpq: illegal option -- w\nntpq - standard NTP query program - Ver. 4.2.6p5\n' });
    expect(host.run('collect').stdout).toContain(captured('classic-4.2.8p6.client-settled.pn').replace(/^=+\n/m, ''));
  });

  it('asks an ntpd before 4.2.6 for what it knows by other names', () => {
    const host = newHost(shell);
    layout('Amazon Linux 2, ntpd').lay(host);
    host
      .on('ntpq -c rv 0 leap,stratum,refid,offset,rootdelay,rootdisp,sys_jitter,frequency', {
        stderr: '***A request variable was unknown to the server\n',
      })
      .on(
        'ntpq -c rv 0 leap,stratum,refid,offset,rootdelay,rootdispersion,jitter,frequency',
        'leap=00, stratum=3, refid=192.0.2.1, offset=0.311, rootdelay=12.300,\nrootdispersion=20.125, jitter=0.400, frequency=-12.100\n',
      );
    const { stdout } = host.run('collect');
    expect(stdout).not.toContain('trouble');
    expect(parseCollected(stdout)?.system).toMatchObject({
      leap: 'none',
      stratum: 3,
      offsetMs: 0.311,
      rootDelayMs: 12.3,
      rootDispersionMs: 20.125,
      jitterMs: 0.4,
      frequencyPpm: -12.1,
    });
  });

  it.each([
    ['/etc/ntp.conf', 'found ntpd 4.2.8p6 service=ntpd file=/etc/ntp.conf\nalso chrony\n'],
    ['/etc/chrony.conf', 'found chrony 4.3 service=chronyd file=/etc/chrony.conf\nalso ntpd\n'],
    ['/etc/none', 'found ntpd 4.2.8p6 service=ntpd file=-\nalso chrony\n'],
  ])('of two daemons takes the one that names podtime servers in %s', (path, lines) => {
    const host = withBoth(newHost(shell)).file(path, 'server ntp.az-a.pod\n');
    const { stdout } = host.run('collect');
    expect(stdout).toContain(`\n${lines}`);
    expect(parseCollected(stdout)?.otherDaemons).toHaveLength(1);
  });

  it('of two daemons takes the one whose file is of podtime, also where it names upstreams alone', () => {
    const host = withBoth(newHost(shell)).file('/etc/ntp.conf', 'server time.example\n');
    host.file('/etc/chrony.conf', '# revision 0123456789abcdef\nserver time.example\n');
    expect(host.run('collect').stdout).toContain(
      '\nfound chrony 4.3 service=chronyd file=/etc/chrony.conf\nalso ntpd\n',
    );
  });

  it("takes the daemon's process from whichever line systemd names it in", () => {
    const host = newHost(shell);
    withChrony(host, '/etc/none');
    host.on('systemctl is-active chronyd', 'active\n').file('/etc/chrony.conf', '').file('/proc/self/stat', '');
    host.on('systemctl show -p MainPID chronyd', 'Running in chroot\nMainPID=1234\nId=chronyd\n');
    host.file('/proc/1234/stat', `1234 (chronyd) S 1 ${'0 '.repeat(17)}123400 86331392 1356\n`);
    host.file('/proc/uptime', '5000.50 9000.00\n');
    expect(host.run('collect').stdout).toContain('\nage 3766\n');
  });

  it("tells chrony's version though the loader complains of a library's", () => {
    const host = newHost(shell);
    layout('RHEL 9').lay(host);
    const stderr = 'chronyc: /lib64/libnettle.so.8: no version information available (required by chronyc)\n';
    host.on('chronyc -v', { stdout: `${stderr}chronyc (chrony) version 4.3 (+READLINE)\n` });
    expect(host.run('collect').stdout).toContain('\nfound chrony 4.3 service');
  });

  it.each([
    ['by its process, in ticks since boot', '/proc/uptime', '5000.50 9000.00\n', 'age 3766'],
    ['by the time of its pid file', '/etc/other', '', 'age 1234'],
  ])("tells chrony's age %s", (_, path, text, line) => {
    const host = newHost(shell);
    layout('RHEL 9').lay(host);
    host.file('/proc/1234/stat', `1234 (chronyd) S 1 ${'0 '.repeat(17)}123400 86331392 1356\n`).file(path, text);
    expect(host.run('collect').stdout).toContain(`\n${line}\n`);
  });

  it.each([
    ['500 s ago', (now: number) => `${now - 500}\n`, 'cycled 500'],
    ['in the future, by a clock since set back', (now: number) => `${now + 300}\n`, 'cycled 300'],
    ['by a run that was cut short', () => '', 'cycled -'],
    ['by something else', () => '$(reboot)\n', 'cycled -'],
    ['by something else, in numbers', () => `${'7'.repeat(20)}\n`, 'cycled -'],
  ])('reads a stamp written %s', (_, stamp, line) => {
    const host = newHost(shell);
    layout('RHEL 9').lay(host);
    host.file('/var/lib/podtime/cycled', stamp(host.now));
    expect(host.run('collect').stdout).toContain(`\n${line}\n`);
  });
});

describe('bytes of collect, of which SSM keeps 2,400', () => {
  const zone = 'timekeeping-eu-north-1.internal.example.com';
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `ntp.az-${letter}.${zone}`);
  const literals = ['169.254.169.123', 'fd00:ec2:1111:2222:3333:4444:5555:6123'];
  const conf = [...literals, ...names].map((host) => `server ${host} iburst\n`).join('');
  const head = '# revision 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n';

  it('stay under the cut for nine sources with full IPv6 addresses, of ntpsec and of chrony, as captured', () => {
    const ntpsec = newHost(SHELLS[0] ?? 'bash');
    withNtpsec(ntpsec);
    ntpsec.on('service ntpsec status', '').file('/etc/ntpsec/ntp.conf', head + conf);
    ntpsec.on('ntpq -pnw', captured('ntpsec-1.2.2.nine-sources.pnw')).file('/var/lib/podtime/cycled', '1');
    const chrony = newHost(SHELLS[0] ?? 'bash');
    withChrony(chrony);
    chrony
      .on('service chronyd status', '')
      .file('/etc/chrony.conf', head + conf)
      .file('/var/lib/podtime/cycled', '1');
    chrony.on('chronyc -n -c sources', captured('chrony-4.3.nine-sources.sources-c'));
    chrony.on('chronyc -c tracking', captured('chrony-4.3.nine-sources.tracking-c'));

    const outputs = [ntpsec, chrony].map((host) => host.run('collect').stdout);

    expect(outputs.map((output) => parseCollected(output)?.sources.length)).toEqual([9, 9]);
    expect(outputs.map((output) => Buffer.byteLength(output) < 2_000)).toEqual([true, true]);
  });

  it('stay under the cut for a classic ntpd whose columns are all full', () => {
    const host = newHost(SHELLS[0] ?? 'bash');
    withClassic(host);
    const rows = Array.from(
      { length: 9 },
      (_, index) =>
        `+fd12:3456:789a:bcde:f012:3456:789a:bc0${index}\n${' '.repeat(17)}169.254.169.123 16 u 1023 1024  377  999.999  -3500.07 999.999\n`,
    );
    const table = captured('classic-4.2.8p6.client-settled.pnw').split('\n').slice(0, 2).join('\n');
    host
      .on('service ntpd status', '')
      .file('/etc/ntp.conf', head + conf)
      .file('/var/lib/podtime/cycled', '1');
    host.on('ntpq -pnw', `${table}\n${rows.join('')}`);
    // an answer to a question of eight variables, at their widest
    host.on(
      'ntpq -c rv 0 leap,stratum,refid,offset,rootdelay,rootdisp,sys_jitter,frequency',
      'leap=11, stratum=16, refid=169.254.169.123, offset=-123456.789012,\nrootdelay=12345.678, rootdisp=12345.678, sys_jitter=1234.567890,\nfrequency=-500.000\n',
    );

    const { stdout } = host.run('collect');

    expect(parseCollected(stdout)).toMatchObject({ truncated: false, faults: [] });
    expect(parseCollected(stdout)?.sources).toHaveLength(9);
    expect(Buffer.byteLength(stdout)).toBeLessThan(2_400);
  });

  it('are not spent on the heads of pools', () => {
    const host = newHost(SHELLS[0] ?? 'bash');
    withClassic(host);
    host.on('service ntpd status', '').file('/etc/ntp.conf', head + conf.replaceAll('server', 'pool'));
    const heads = names.map(
      (name) => ` ${name}\n${' '.repeat(17)}.POOL.          16 p    -   64    0    0.000    0.000   0.000\n`,
    );
    host.on('ntpq -pnw', `${captured('classic-4.2.8p6.client-settled.pnw')}${heads.join('').repeat(3)}`);
    const { stdout } = host.run('collect');
    expect(parseCollected(stdout)).toMatchObject({ truncated: false, faults: [] });
    expect(stdout).not.toContain('POOL');
  });
});
