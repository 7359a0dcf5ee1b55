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
});
