import { spawnSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { captured, Host, SHELLS } from './host.ts';
import { LAYOUTS, layout, withChrony, withClassic, withNtpsec } from './layouts.ts';

const SECTIONS = {
  ntpd: ['classic-4.2.8p6.client-settled.rv', 'classic-4.2.8p6.client-settled.pnw'],
  ntpsec: ['ntpsec-1.2.2.nine-sources.rv', 'ntpsec-1.2.2.client-settled.pnw'],
  chrony: ['chrony-4.3.client-settled.tracking-c', 'chrony-4.3.client-settled.sources-c'],
} as const;

const hosts: Host[] = [];
const newHost = (shell: (typeof SHELLS)[number]) => {
  const host = new Host(shell);
  hosts.push(host);
  return host;
};
afterEach(() => {
  for (const host of hosts.splice(0)) host.remove();
});

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

  it('tells a query tool that gets no answer, and asks it once', () => {
    const host = newHost(shell);
    layout('Debian 12, ntpsec').lay(host);
    host.on('ntpq -c rv 0 version', { stderr: '***Request timed out\n' });

    const { stdout } = host.run('collect');

    expect(stdout).toContain('\nfound ntpsec - service=ntpsec file=/etc/ntpsec/ntp.conf\nage -\n');
    expect(stdout).toMatch(/\ntrouble \*\*\*Request timed out\nend\n$/);
    expect(host.calls().filter((call) => call.startsWith('ntpq'))).toEqual(['ntpq -c rv 0 version']);
    expect(parseCollected(stdout)).toMatchObject({
      daemon: { kind: 'ntpsec', version: null },
      sources: [],
      system: null,
    });
  });

  it.each([
    ['506 Cannot talk to daemon\n', 'trouble 506 Cannot talk to daemon'],
    ['', 'trouble chronyc printed nothing'],
  ])('tells what chronyc said when it failed: %j', (stdout, line) => {
    const host = newHost(shell);
    layout('RHEL 9').lay(host);
    host.on('chronyc -c tracking', { stdout, status: 1 });
    expect(host.run('collect').stdout).toMatch(new RegExp(`\\n${line}\\nend\\n$`));
  });

  it('keeps the rows that came before the daemon fell silent', () => {
    const host = newHost(shell);
    layout('Ubuntu 22.04').lay(host);
    const rows = captured('classic-4.2.8p6.client-settled.pnw');
    host.on('ntpq -pnw', {
      stdout: rows,
      stderr: 'localhost: timed out with incomplete data\n***Response from server was incomplete\n',
    });
    const { stdout } = host.run('collect');
    expect(stdout).toContain('\ntrouble ***Response from server was incomplete\nsystem ntpq\n');
    expect(parseCollected(stdout)?.sources).toHaveLength(3);
    expect(stdout).not.toMatch(/\n\*\*\*/);
  });

  it.each([
    ['503 No such source\n', '503 No such source'],
    // ended by `timeout` between two rows
    ['', 'chronyc did not answer any more'],
  ])('keeps what chronyc told before it failed with %j', (last, trouble) => {
    const host = newHost(shell);
    layout('RHEL 9').lay(host);
    const rows = captured('chrony-4.3.client-settled.sources-c');
    host.on('chronyc -n -c sources', { stdout: `${rows}${last}`, status: 1 });
    const { stdout } = host.run('collect');
    expect(stdout).toContain(`\ntrouble ${trouble}\nsystem chronyc\n`);
    const collected = parseCollected(stdout);
    expect(collected?.system).toMatchObject({ leap: 'none' });
    expect(collected?.sources).toHaveLength(3);
    expect(collected?.faults).toEqual([
      { line: expect.any(Number), field: null, text: trouble, reason: `the query tool failed: ${trouble}` },
    ]);
  });

  it("keeps chronyc's own state when it lists no source", () => {
    const host = newHost(shell);
    layout('RHEL 9').lay(host);
    host.on('chronyc -n -c sources', { stdout: '503 No such source\n', status: 1 });
    const { stdout } = host.run('collect');
    expect(stdout).toMatch(/\ntrouble 503 No such source\nsystem chronyc\n.*\nend\n$/);
    expect(parseCollected(stdout)).toMatchObject({ system: { leap: 'none' }, sources: [] });
  });

  it('answers in time where the service manager and the daemons hang', () => {
    const manager = shell === 'dash' ? 'service' : 'systemctl';
    const host = newHost(shell).limits({ STATUS_SECONDS: 1, ANSWER_SECONDS: 4, QUERY_SECONDS: 2 });
    layout('RHEL 9').lay(host);
    spawnSync('mkfifo', [host.at('.world/never')]);
    rmSync(host.file('/proc/uptime', '').at('/proc/uptime'));
    symlinkSync('/proc/uptime', host.at('/proc/uptime'));
    for (const tool of [manager, 'ntpq', 'chronyc'])
      host.standIn(tool, `echo "${tool} $*" >>"$WORLD/calls"; read -r _ <"$WORLD/never"`);
    const beganMs = Date.now();
    const { stdout, status } = host.run('collect');
    const seconds = (Date.now() - beganMs) / 1000;
    // of 5 services a second each, of two query tools two, and what a busy machine takes
    expect(seconds).toBeLessThan(5 + 4 + 6);
    expect({ stdout, status }).toEqual({
      stdout: expect.stringMatching(
        /^podtime-collect 1\nfound none asked \w+ for .*\nage -\ncycled -\nrevision -\nend\n$/,
      ),
      status: 0,
    });
    expect(host.calls().filter((call) => call.startsWith(manager))).toHaveLength(5);
  });

  it('asks the daemon nothing when its time is up', () => {
    const host = newHost(shell).limits({ ANSWER_SECONDS: 0 });
    layout('RHEL 9').lay(host);
    expect(host.run('collect')).toMatchObject({
      stdout: expect.stringMatching(/\nfound chrony .*\nend\n$/s),
      status: 0,
    });
    expect(host.calls().filter((call) => call.startsWith('chronyc'))).toEqual([]);
  });

  it('reads of several folders of one confdir the first that has a file of a name, as chronyd does', () => {
    const host = newHost(shell);
    layout('RHEL 9').lay(host);
    host
      .file('/etc/chrony.conf', 'confdir /etc/one /etc/two\nconfdir /etc/three\nsourcedir /etc/one /etc/two\n')
      .file('/etc/one/a.conf', 'server one-a.example\n')
      .file('/etc/two/a.conf', 'server two-a.example\n')
      .file('/etc/two/b.conf', 'server two-b.example\n')
      .file('/etc/three/a.conf', 'server three-a.example\n')
      .file('/etc/one/c.sources', 'server one-c.example\n')
      .file('/etc/two/c.sources', 'server two-c.example\n');
    expect(host.run('collect').stdout).toContain('\nnames one-a.example two-b.example three-a.example one-c.example\n');
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

  it.each([
    ['/etc/ntp.conf', 'found ntpd 4.2.8p6 service=ntpd file=/etc/ntp.conf\nalso chrony\n'],
    ['/etc/chrony.conf', 'found chrony 4.3 service=chronyd file=/etc/chrony.conf\nalso ntpd\n'],
    ['/etc/none', 'found ntpd 4.2.8p6 service=ntpd file=-\nalso chrony\n'],
  ])('of two daemons takes the one that names podtime servers in %s', (path, lines) => {
    const host = newHost(shell);
    host.on('service ntpd status', '').on('service chronyd status', '');
    withClassic(host);
    withChrony(host);
    host.file(path, 'server ntp.az-a.pod\n');
    const { stdout } = host.run('collect');
    expect(stdout).toContain(`\n${lines}`);
    expect(parseCollected(stdout)?.otherDaemons).toHaveLength(1);
  });

  it('reads the file that the daemon was started with, where the host tells', () => {
    const host = newHost(shell);
    layout('Debian 12, ntpsec').lay(host);
    host.file('/run/ntpd.pid', ' 4242\n').file('/proc/4242/stat', '4242 (ntpd) S 1 0 0\n');
    host.file('/proc/4242/cmdline', '/usr/sbin/ntpd\0-p\0/run/ntpd.pid\0-c\0/run/ntpsec/ntp.conf.dhcp\0-g\0');
    host.file('/run/ntpsec/ntp.conf.dhcp', 'server 10.0.0.2\n');
    expect(host.run('collect').stdout).toContain(
      ' file=/run/ntpsec/ntp.conf.dhcp\nage 1234\ncycled -\nrevision -\nliterals 10.0.0.2\nsystem ',
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

  it('does not believe a pid file that outlived its daemon', () => {
    const host = newHost(shell);
    layout('Debian 12, ntpsec').lay(host);
    host.file('/run/ntpd.pid', '4242\n').file('/proc/4242/stat', '4242 (bash) S 1 0 0\n');
    host.file('/proc/4242/cmdline', 'bash\0-c\0/etc/passwd\0');
    expect(host.run('collect').stdout).toContain(' file=/etc/ntpsec/ntp.conf\n');
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
  ])('reads a stamp written %s', (_, stamp, line) => {
    const host = newHost(shell);
    layout('RHEL 9').lay(host);
    host.file('/var/lib/podtime/cycled', stamp(host.now));
    expect(host.run('collect').stdout).toContain(`\n${line}\n`);
  });

  it('lets nothing hostile through: names, tool output, file names', () => {
    const host = newHost(shell);
    layout('Debian 12, ntpsec').lay(host);
    host.on('ntpq -c rv 0 version', 'version="ntpd ntpsec-$(touch owned);`id`"\n');
    host.file(
      '/etc/ntpsec/ntp.conf',
      'server $(reboot)\nserver ;id\nserver "ntp.az-a.pod"\nserver `id`\nincludefile $(touch owned)\nserver\n',
    );
    const { stdout } = host.run('collect');
    expect(stdout).toContain('found ntpsec - service=ntpsec');
    expect(stdout).toContain('\nnames ntp.az-a.pod ntp.az-d.pod\nsystem');
    expect(host.read('owned')).toBeNull();
  });

  it('survives a configuration that includes itself, and an unreadable one', () => {
    const host = newHost(shell);
    layout('Ubuntu 22.04').lay(host);
    host.file(
      '/etc/ntp.conf',
      'server ntp.az-a.pod\nincludefile /etc/ntp.conf\nincludefile /etc/missing\nincludefile /etc\n',
    );
    expect(host.run('collect').stdout).toContain('\nnames ntp.az-a.pod\nsystem');
  });

  it('reads the files after one that cannot be read', () => {
    const host = newHost(shell);
    layout('Amazon Linux 2023').lay(host);
    host.file('/etc/chrony.d/a.conf', 'server ntp.az-a.pod\n').file('/etc/chrony.d/z.conf', 'server ntp.az-z.pod');
    // its permissions admit root, and reading it is an error of input
    symlinkSync('/proc/self/mem', host.at('/etc/chrony.d/b.conf'));
    expect(host.run('collect').stdout).toContain('\nnames ntp.az-a.pod ntp.az-b.pod ntp.az-z.pod ntp.az-c.pod\n');
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
});
