import { expect } from '@jest/globals';
import { OLD, underEveryShell } from './boot-lab.ts';

underEveryShell('boot.sh', (lab, really) => {
  really('waits for no tool without end, where the host has timeout', async () => {
    lab.ntpsec().command('timeout', `echo "$*" >>"${lab.host.root}/bounds"\nshift\nexec "$@"`);
    expect((await lab.boot()).status).toBe(0);
    expect(lab.host.read('bounds')?.trim().split('\n')).toEqual([
      '10 service ntpsec status',
      '10 service chrony status',
      '10 service chronyd status',
      '10 ntpd --version',
      '90 service ntpsec restart',
      ...Array(3).fill('10 service ntpsec status'),
    ]);
  });

  really('gives a service manager that was slow its time again when it asks for the process', async () => {
    lab.host.daemon('chronyd', 'chronyd (chrony) version 4.3').services('systemctl', ['chronyd']);
    lab.host.write('etc/chrony.conf', OLD).write('proc/self/stat', '').write('proc/uptime', '5.00 1.00\n');
    lab.host.command(
      'timeout',
      `cd "$PODTIME_ROOT"; echo "$*" >>bounds; shift
      IFS=. read -r up _ <proc/uptime; echo "$((up + 5)).00 1.00" >proc/uptime
      exec "$@"`,
    );
    expect((await lab.boot()).status).toBe(0);
    expect(lab.host.read('bounds')?.split('\n')).toContain('10 systemctl show -p MainPID chronyd');
  });

  really('goes on with its old file and says so when the restart takes longer than it may', async () => {
    lab.ntpsec().command('timeout', 'shift\ncase "$*" in *restart) exit 124 ;; esac\nexec "$@"');
    const { status, stderr } = await lab.boot();
    expect(status).toBe(1);
    expect(stderr).toContain('the old one is back');
    lab.expectUntouched();
  });

  const NOISE = [
    '/lib64/libcrypto.so.1.1: no version information available',
    "/lib64/libc-2.17.so: version `GLIBC_9.34' not found",
  ];

  really.each([
    ['ntpd', 'ntpd 4.2.8p15@1.3728-o', 'ntpd 4.2.8', 'ntpd'],
    ['ntpd', 'ntpd ntpsec-1.2.2', 'ntpsec 1.2.2', 'ntpsec'],
    ['chronyd', 'chronyd (chrony) version 4.3 (+CMDMON)', 'chrony 4.3', 'chronyd'],
    ['ntp-daemon', 'ntp-daemon 1.4.0', 'ntpd-rs 1.4.0', 'ntpd-rs'],
  ] as const)('takes no version of a library for that of %s: %s', async (program, words, expected, service) => {
    const noise = NOISE.map((line) => `echo "${program}: ${line.replace('`', '\\`')}" >&2\n`).join('');
    lab.host.services('service', [service]).command(program, `[ "$*" = --version ] && { ${noise}echo '${words}'; }`);
    expect((await lab.boot()).stdout.split('\n')[0]).toBe(`podtime: ${expected}, service ${service}`);
  });
});
