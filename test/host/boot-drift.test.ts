import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { BOUNDARY, underEveryShell } from './boot-lab.ts';

underEveryShell('boot.sh and what a clock has learned', (lab, really) => {
  const chrony = (conf: string) =>
    lab.host
      .daemon('chronyd', 'chronyd (chrony) version 4.3 (+CMDMON)')
      .services('systemctl', ['chronyd'])
      .write('etc/chrony.conf', conf);
  const boot = async () => {
    const { status, stdout, stderr } = await lab.boot();
    return { status, stderr, kept: stdout.split('\n').filter((line) => line.includes('kept as')) };
  };

  describe('keeps it', () => {
    really.each([
      ["Amazon Linux's and Red Hat's", 'driftfile /var/lib/chrony/drift\nserver old.example\n'],
      ['written otherwise', ' DriftFile\t/var/lib/chrony/drift\n'],
    ])('where the file of before, %s, has another name', async (_, conf) => {
      chrony(conf).write('var/lib/chrony/drift', '-12.5 0.03\n');
      expect(await boot()).toEqual({
        status: 0,
        stderr: '',
        kept: ['podtime: /var/lib/chrony/drift is kept as /var/lib/chrony/chrony.drift'],
      });
      expect(lab.host.read('var/lib/chrony/chrony.drift')).toBe('-12.5 0.03\n');
      const [old, kept] = ['drift', 'chrony.drift'].map((name) =>
        statSync(join(lab.host.root, 'var/lib/chrony', name)),
      );
      const ownOf = (file: Stats | undefined) => [file?.uid, file?.mode, Math.trunc((file?.mtimeMs ?? 0) / 1000)];
      expect(ownOf(kept)).toEqual(ownOf(old));
      // once: afterwards the served name is the daemon's own
      lab.host.write('etc/chrony.conf', conf).write('var/lib/chrony/chrony.drift', '-12.6 0.02\n');
      expect(await boot()).toEqual({ status: 0, stderr: '', kept: [] });
      expect(lab.host.read('var/lib/chrony/chrony.drift')).toBe('-12.6 0.02\n');
    });

    really("in the folder that the daemon may write to: EPEL's ntpsec has classic ntpd's", async () => {
      lab.host
        .daemon('ntpd', 'ntpd ntpsec-1.2.3')
        .services('systemctl', ['ntpd'])
        .write('etc/ntp.conf', 'driftfile "/var/lib/ntp/drift"\n')
        .write('var/lib/ntp/drift', '-12.5\n');
      expect(await boot()).toEqual({
        status: 0,
        stderr: '',
        kept: ['podtime: /var/lib/ntp/drift is kept as /var/lib/ntpsec/ntp.drift'],
      });
      expect(readlinkSync(join(lab.host.root, 'var/lib/ntpsec'))).toBe(join(lab.host.root, 'var/lib/ntp'));
    });

    really('and gives it a folder also before anything is learned', async () => {
      lab.host
        .daemon('ntpd', 'ntpd ntpsec-1.2.3')
        .services('systemctl', ['ntpd'])
        .write('etc/ntp.conf', 'driftfile /var/lib/ntp/drift\n')
        .write('var/lib/ntp/leap', '');
      expect(await boot()).toEqual({ status: 0, stderr: '', kept: [] });
      expect(lstatSync(join(lab.host.root, 'var/lib/ntpsec')).isSymbolicLink()).toBe(true);
    });
  });

  describe('does nothing', () => {
    really.each([
      ['of the same name', 'driftfile /var/lib/chrony/chrony.drift\n'],
      ['without one', 'server old.example\n'],
      ['that is no absolute path', 'driftfile drift\n'],
      ['that climbs', 'driftfile /var/lib/chrony/../../etc/shadow\n'],
      ['commented out', '# driftfile /var/lib/chrony/drift\n#driftfile /var/lib/chrony/drift\n'],
      ['of nothing learned', 'driftfile /var/lib/chrony/empty\n'],
    ])('for a file of before %s', async (_, conf) => {
      chrony(conf)
        .write('var/lib/chrony/drift', '-12.5 0.03\n')
        .write('var/lib/chrony/empty', '')
        .write('etc/shadow', 'x');
      expect(await boot()).toEqual({ status: 0, stderr: '', kept: [] });
      expect(lab.host.list('var/lib/chrony')).toEqual(['drift', 'empty']);
    });
  });

  really('tells where it cannot, and goes on', async () => {
    chrony('driftfile /etc/drift\n').write('etc/drift', '-12.5 0.03\n');
    expect(await boot()).toEqual({
      status: 0,
      stderr:
        'podtime: /etc/drift cannot be kept as /var/lib/chrony/chrony.drift: chronyd learns anew how far this clock is off\n',
      kept: [],
    });
  });
});

underEveryShell('boot.sh of a boundary server of ntpd-rs', (lab, really) => {
  const opened = (port: string) =>
    `  sl  local_address rem_address   st\n  411: 00000000000000000000000000000000:${port} 00000000000000000000000000000000:0000 07\n`;

  really.each([
    ['has opened port 123, and is registered', opened('007B'), 0, '', ['POST /blue/register']],
    [
      'has not, and is not registered',
      opened('0035'),
      1,
      'podtime: ntpd-rs has not opened port 123, so it serves nobody: add AmbientCapabilities=CAP_NET_BIND_SERVICE to its service\npodtime: it is not registered by this run\n',
      [],
    ],
  ])('%s', async (_, sockets, status, stderr, registers) => {
    lab.host
      .daemon('ntp-daemon', 'ntp-daemon 1.4.0')
      .services('service', ['ntpd-rs'])
      .write('etc/ntpd-rs/ntp.toml', '')
      .write('proc/net/udp', '  sl  local_address rem_address   st\n   7: 00000000:0044 00000000:0000 07\n')
      .write('proc/net/udp6', sockets);
    const outcome = await lab.boot(BOUNDARY);
    expect({ status: outcome.status, stderr: outcome.stderr }).toEqual({ status, stderr });
    expect(lab.api.requests.filter((request) => request.startsWith('POST'))).toEqual(registers);
  });
});
