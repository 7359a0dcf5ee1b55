import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { layout } from './layouts.ts';

// What collect tells of the clock beside the daemon's own words: lines of their own, each left out where there is nothing to tell.

const STATISTICS = 'ntpq -c rv 0 ss_uptime,ss_received,ss_limited,kstflags';
const CLOCK_SOURCE = '/sys/devices/system/clocksource/clocksource0/current_clocksource';
const LINES = /^(drift|served|kernel|clocksource)( |$)/;

const linesOf = (text: string) => text.split('\n').filter((line) => LINES.test(line));

describe.each(SHELLS)('the clock of a host under %s', (shell) => {
  const hostOf = (start: string) => {
    const host = kept(new Host(shell));
    layout(start).lay(host);
    return host;
  };
  const clockOf = (host: Host) => linesOf(host.run('collect').stdout);

  it('of classic ntpd: its drift file, what it received and dropped, the flag of the kernel, what the kernel counts by', () => {
    const host = hostOf('Ubuntu 22.04')
      .file('/etc/ntp.conf', 'server ntp.az-a.pod\ndriftfile /var/lib/ntp/ntp.drift # where it remembers\n')
      .file('/var/lib/ntp/ntp.drift', '-12.345\n')
      .file(CLOCK_SOURCE, 'tsc\n')
      .on(STATISTICS, 'ss_uptime=7200, ss_received=340000, ss_limited=40800,\nkstflags="pll unsync nano"\n');
    const { stdout, stderr } = host.run('collect');
    expect(stderr).toBe('');
    expect(linesOf(stdout)).toEqual(['drift -12.345', 'served 340000 40800', 'kernel unsync', 'clocksource tsc']);
    expect(stdout).toMatch(/\nnames ntp\.az-a\.pod\ndrift .*\nserved .*\nkernel .*\nclocksource .*\nsystem ntpq\n/);
    expect(parseCollected(stdout)).toMatchObject({
      ageSeconds: 7200,
      driftPpm: -12.345,
      driftSkewPpm: null,
      clockSource: 'tsc',
      kernelUnsynchronised: true,
      packetsReceived: 340_000,
      packetsDropped: 40_800,
      faults: [],
    });
  });

  it('of chrony: frequency and skew, in the sign of the correction, and what clients sent where it has any', () => {
    const host = hostOf('RHEL 9')
      .file('/etc/chrony.conf', 'server ntp.az-a.pod\nDriftFile /var/lib/chrony/drift\ninclude /etc/chrony.d/*.conf\n')
      .file('/etc/chrony.d/served.conf', 'Allow 10.0.0.0/16\n')
      .file('/var/lib/chrony/drift', '           12.345678             0.067890\n')
      .file(CLOCK_SOURCE, 'kvm-clock\n')
      .on('chronyc -c serverstats', '9000,45,12,0,0,0,0,0,0,0,0\n');
    const { stdout } = host.run('collect');
    expect(linesOf(stdout)).toEqual(['drift 12.345678 0.067890', 'clocksource kvm-clock', 'served 9000 45']);
    expect(parseCollected(stdout)).toMatchObject({
      driftPpm: -12.345678,
      driftSkewPpm: 0.06789,
      clockSource: 'kvm-clock',
      kernelUnsynchronised: null,
      packetsReceived: 9000,
      packetsDropped: 45,
      faults: [],
    });
  });

  it('of chrony also by a file that has a blank in its name', () => {
    const host = hostOf('RHEL 9')
      .file('/etc/chrony.conf', 'include /etc/chrony.d/*.conf\n')
      .file('/etc/chrony.d/our own.conf', 'server a.example iburst nts\ndriftfile /var/lib/chrony/drift\n')
      .file('/var/lib/chrony/drift', '12.5 0.5\n')
      .on('chronyc -c -N authdata', 'a.example,NTS,1,15,256,7,0,0,8,100\n');
    const { stdout } = host.run('collect');
    expect(stdout.match(/^(drift|authenticated) .*$/gm)).toEqual(['drift 12.5 0.5', 'authenticated 1']);
  });

  it('of a host without a daemon is nothing', () => {
    expect(clockOf(kept(new Host(shell)).tools('service', 'ntpq', 'chronyc').file(CLOCK_SOURCE, 'tsc\n'))).toEqual([]);
  });

  it('of a chrony that serves nobody asks for no statistics, and of one that may not tell prints none', () => {
    const client = hostOf('RHEL 9').on('chronyc -c serverstats', '0,0,1,0,0\n');
    expect(clockOf(client)).toEqual([]);
    expect(client.calls()).not.toContain('chronyc -c serverstats');
    const server = hostOf('RHEL 9').file('/etc/chrony.conf', 'server 192.0.2.1\nallow\n');
    server.on('chronyc -c serverstats', { stdout: '501 Not authorised\n', status: 1 });
    const { stdout } = server.run('collect');
    expect(linesOf(stdout)).toEqual([]);
    expect(parseCollected(stdout)).toMatchObject({ packetsReceived: null, packetsDropped: null, faults: [] });
  });

  it.each([
    ['"unsync"', 'unsync'],
    ['"pll nano"', 'sync'],
    ['"pll, unsync"', 'unsync'],
    ['64', 'unsync'],
    ['8193', 'sync'],
    ['8257', 'unsync'],
    ['0', 'sync'],
  ])('reads kstflags=%s as %s', (flags, word) => {
    const host = hostOf('Debian 12, ntpsec').on(STATISTICS, `ss_uptime=5, ss_received=2, kstflags=${flags}\n`);
    expect(clockOf(host)).toEqual([`kernel ${word}`]);
  });

  it.each(['""', '', '-1', '099', '$(reboot)', '9'.repeat(30)])(
    'knows nothing of the kernel by kstflags=%s',
    (flags) => {
      const host = hostOf('Debian 12, ntpsec').on(STATISTICS, `ss_uptime=5, kstflags=${flags}\n`);
      expect(clockOf(host)).toEqual([]);
      expect(host.run('collect').stdout).toContain('\nage 5\n');
    },
  );

  it.each([
    [
      'the last of two',
      'driftfile /a\ndriftfile "/b c/d"\ndriftfile /b\n',
      { '/a': '1.5\n', '/b': '2.5\n' },
      ['drift 2.5'],
    ],
    ['without a line feed', 'driftfile "/b"', { '/b': '2.5' }, ['drift 2.5']],
    ['with a second number that is no skew', 'driftfile /b\n', { '/b': '-2.500 1\n' }, ['drift -2.500']],
    ['that no file names', 'server ntp.az-a.pod\n', { '/var/lib/ntpsec/ntp.drift': '1.5\n' }, []],
    ['that is not there', 'driftfile /var/lib/ntpsec/ntp.drift\n', {}, []],
    ['by a path that only the daemon knows', 'driftfile drift\n', { '/drift': '1.5\n' }, []],
    ['that is empty', 'driftfile /b\n', { '/b': '' }, ['drift ?']],
    ['that holds something else', 'driftfile /b\n', { '/b': '$(reboot) <b>\n' }, ['drift ?']],
    ['that holds too much', 'driftfile /b\n', { '/b': `${'1'.repeat(100)}\n` }, ['drift ?']],
  ] as const)('reads a drift file %s', (_, config, files, lines) => {
    const host = hostOf('Debian 12, ntpsec').file('/etc/ntpsec/ntp.conf', config);
    for (const [path, text] of Object.entries(files)) host.file(path, text);
    const { stdout } = host.run('collect');
    expect(linesOf(stdout)).toEqual(lines);
    const faults = parseCollected(stdout)?.faults.map(({ field, text }) => ({ field, text }));
    expect(faults).toEqual(stdout.includes('drift ?') ? [{ field: 'driftPpm', text: '?' }] : []);
  });

  it('hangs on no pipe that a configuration names for its drift file', () => {
    const host = hostOf('Debian 12, ntpsec').file('/etc/ntpsec/ntp.conf', 'driftfile /pipe\n');
    execFileSync('mkfifo', [host.at('/pipe')]);
    expect(clockOf(host)).toEqual([]);
  });

  it.each(['$(reboot)', 'a'.repeat(33), '', 'tsc xen'])('takes "%s" for no clock source', (name) => {
    expect(clockOf(hostOf('RHEL 9').file(CLOCK_SOURCE, `${name}\n`))).toEqual([]);
  });

  describe('where the answer is too long', () => {
    const host = new Host(shell);
    layout('Debian 12, ntpsec').lay(host);
    host
      .file('/etc/ntpsec/ntp.conf', 'server ntp.az-a.pod\ndriftfile /drift\n')
      .file('/drift', '1.500\n')
      .file(CLOCK_SOURCE, 'tsc\n')
      .on(STATISTICS, 'ss_uptime=5, ss_received=22, ss_limited=0, kstflags="pll"\n');
    afterAll(() => host.remove());
    const whole = host.run('collect').stdout;

    it.each([
      [0, ['drift 1.500', 'served 22 0', 'kernel sync', 'clocksource tsc']],
      [1, ['drift 1.500', 'served 22 0', 'kernel sync']],
      ['clocksource tsc\n'.length + 1, ['drift 1.500', 'served 22 0']],
      ['clocksource tsc\nkernel sync\n'.length + 1, ['drift 1.500']],
      ['clocksource tsc\nkernel sync\nserved 22 0\n'.length + 1, []],
    ] as const)('by %s bytes, the least of these lines go first, and nothing else', (bytes, lines) => {
      const answer = host.limits({ ANSWER_BYTES: whole.length - bytes }).run('collect').stdout;
      expect(linesOf(answer)).toEqual(lines);
      expect(answer.split('\n').filter((line) => !LINES.test(line))).toEqual(
        whole.split('\n').filter((line) => !LINES.test(line)),
      );
    });
  });
});

describe('what a host tells of its clock', () => {
  const read = (line: string) => {
    const { clockSource, kernelUnsynchronised, faults } =
      parseCollected(`podtime-collect 1\nfound none asked\n${line}\nend\n`) ?? {};
    return { clockSource, kernelUnsynchronised, faults };
  };

  it.each([
    ['clocksource tsc', { clockSource: 'tsc' }],
    ['clocksource hyperv_clocksource_tsc_page', { clockSource: 'hyperv_clocksource_tsc_page' }],
    [`clocksource ${'a'.repeat(32)}`, { clockSource: 'a'.repeat(32) }],
    ['kernel sync', { kernelUnsynchronised: false }],
    ['kernel unsync', { kernelUnsynchronised: true }],
  ])('%s', (line, facts) => {
    expect(read(line)).toEqual({ clockSource: null, kernelUnsynchronised: null, faults: [], ...facts });
  });

  it.each([
    ...['', '/tsc', 'tsc;', 'a'.repeat(33)].map((word) => ['clocksource', word]),
    ...['', 'unsynced', 'sy', 'x-sync'].map((word) => ['kernel', word]),
  ])('%s %j is a fault, which costs nothing else', (start, text) => {
    const [field, reason] =
      start === 'kernel'
        ? ['kernelUnsynchronised', 'neither sync nor unsync']
        : ['clockSource', 'not a name of a clock source'];
    expect(read(`${start} ${text}`)).toEqual({
      clockSource: null,
      kernelUnsynchronised: null,
      faults: [{ line: 3, field, text, reason }],
    });
  });
});
