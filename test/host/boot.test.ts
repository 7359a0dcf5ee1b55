import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { render } from '../../src/config/files.ts';
import { served } from '../builders/served-files.ts';
import type { BootHost } from './boot-host.ts';
import { AT, BOUNDARY, NTPSEC_CONF, OLD, underEveryShell } from './boot-lab.ts';

underEveryShell('boot.sh', (lab, really) => {
  describe('asks for the file of its version', () => {
    really.each([
      ['4.3', []],
      ['4.6.1', [4, 4]],
      ['4.8', [4, 8]],
    ])('chrony %s', async (version, least) => {
      lab.host
        .daemon('chronyd', `chronyd (chrony) version ${version} (+CMDMON)`)
        .services('service', ['chrony'])
        .write('etc/chrony/chrony.conf', OLD);
      const { status, stdout } = await lab.boot();
      const { text, revision } = render('chrony.conf', { ...AT, tier: 'client' }, least);
      expect({ status, stdout, conf: lab.host.read('etc/chrony/chrony.conf') }).toEqual({
        status: 0,
        stdout:
          `podtime: chrony ${version}, service chrony\n` +
          `podtime: /etc/chrony/chrony.conf is new (revision ${revision}); chrony was restarted\n`,
        conf: text,
      });
    });
  });

  describe('finds the daemon', () => {
    const hosts: [string, () => BootHost, string, string, string][] = [
      [
        "Debian's ntpsec",
        () => lab.ntpsec(),
        'ntpsec.conf?version=1.2.2&revision=none',
        'etc/ntpsec/ntp.conf',
        'ntpsec',
      ],
      [
        "EPEL's ntpsec",
        () => lab.host.daemon('ntpd', 'ntpd ntpsec-1.2.0').services('service', ['ntpd']),
        'ntpsec.conf?version=1.2.0&revision=none',
        'etc/ntp.conf',
        'ntpd',
      ],
      [
        'classic ntpd, by systemd alone',
        () =>
          lab.host.daemon('ntpd', 'ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)').services('systemctl', []),
        'ntp.conf?version=4.2.8&revision=none',
        'etc/ntp.conf',
        'ntpd',
      ],
      [
        "Debian's classic ntpd",
        () =>
          lab.host.daemon('ntpd', 'ntpd 4.2.8p12@1.3728-o').services('service', []).write('etc/debian_version', '10\n'),
        'ntp.conf?version=4.2.8&revision=none',
        'etc/ntp.conf',
        'ntp',
      ],
      [
        "Debian's chrony",
        () =>
          lab.host
            .daemon('chronyd', 'chronyd (chrony) version 4.3 (+CMDMON)')
            .services('service', ['chrony'])
            .write('etc/chrony/chrony.conf', OLD),
        'chrony.conf?version=4.3&revision=none',
        'etc/chrony/chrony.conf',
        'chrony',
      ],
      [
        "Amazon Linux's chrony",
        () =>
          lab.host
            .daemon('chronyd', 'chronyd (chrony) version 4.3 (+CMDMON)')
            .services('systemctl', ['chronyd'])
            .write('etc/chrony.conf', OLD),
        'chrony.conf?version=4.3&revision=none',
        'etc/chrony.conf',
        'chronyd',
      ],
      [
        "Amazon Linux's chrony, beside a file of Debian's place",
        () =>
          lab.host
            .daemon('chronyd', 'chronyd (chrony) version 4.3 (+CMDMON)')
            .services('systemctl', ['chronyd'])
            .write('etc/chrony.conf', OLD)
            .write('etc/chrony/chrony.conf', OLD),
        'chrony.conf?version=4.3&revision=none',
        'etc/chrony.conf',
        'chronyd',
      ],
      [
        "EPEL's ntpsec, beside a folder of Debian's place",
        () =>
          lab.host
            .daemon('ntpd', 'ntpd ntpsec-1.2.0')
            .services('service', ['ntpd'])
            .write('etc/ntp.conf', OLD)
            .write('etc/ntpsec/ntp.conf', OLD),
        'ntpsec.conf?version=1.2.0&revision=none',
        'etc/ntp.conf',
        'ntpd',
      ],
      [
        'chrony that runs beside an ntpd that does not',
        () =>
          lab.host
            .daemon('ntpd', 'ntpd ntpsec-1.2.2')
            .daemon('chronyd', 'chronyd (chrony) version 4.3')
            .services('systemctl', ['chronyd']),
        'chrony.conf?version=4.3&revision=none',
        'etc/chrony.conf',
        'chronyd',
      ],
      [
        'ntpd that runs beside a chrony that does not',
        () => lab.ntpsec().daemon('chronyd', 'chronyd (chrony) version 4.3').write('etc/chrony/chrony.conf', OLD),
        'ntpsec.conf?version=1.2.2&revision=none',
        'etc/ntpsec/ntp.conf',
        'ntpsec',
      ],
      [
        'ntpd that runs beside a chrony that runs too',
        () => lab.ntpsec().daemon('chronyd', 'chronyd (chrony) version 4.3').services('service', ['ntpsec', 'chronyd']),
        'ntpsec.conf?version=1.2.2&revision=none',
        'etc/ntpsec/ntp.conf',
        'ntpsec',
      ],
      [
        'ntpd-rs that runs beside a chrony that does not',
        () =>
          lab.host
            .without('ntpd')
            .daemon('chronyd', 'chronyd (chrony) version 4.3')
            .daemon('ntp-daemon', 'ntp-daemon 1.4.0')
            .services('service', ['ntpd-rs'])
            .write('etc/ntpd-rs/ntp.toml', OLD),
        'ntpd-rs.toml?version=1.4.0&revision=none',
        'etc/ntpd-rs/ntp.toml',
        'ntpd-rs',
      ],
      [
        'ntpd-rs that does not run',
        () =>
          lab.host
            .without('ntpd')
            .daemon('ntp-daemon', 'ntp-daemon 1.4.0')
            .services('service', [])
            .write('etc/ntpd-rs/ntp.toml', OLD),
        'ntpd-rs.toml?version=1.4.0&revision=none',
        'etc/ntpd-rs/ntp.toml',
        'ntpd-rs',
      ],
    ];

    really.each(hosts)('%s', async (name, prepare, asked, target, service) => {
      prepare();
      const [file] = asked.split('?');
      const { status, stderr } = await lab.boot();
      expect({
        status,
        served: lab.host.read(target),
        restarts: lab.host.restarts,
        requests: lab.api.requests,
      }).toEqual({
        status: 0,
        served: served(file as 'ntp.conf', { ...AT, tier: 'client' }).text,
        restarts: [`restart ${service}`],
        requests: [`GET /blue/client/us-west-2b/${asked}`],
      });
      if (name.includes('that runs beside'))
        expect(stderr).toMatch(
          / is installed beside (ntpd|chronyd|ntp-daemon), which gets the configuration: leave one of them\n$/,
        );
      else expect(stderr).toBe('');
    });

    const refused: [string, (h: BootHost) => BootHost, string][] = [
      [
        'ntpd 4.2.6p5',
        (h) => h.daemon('ntpd', 'ntpd - NTP daemon program - Ver. 4.2.6p5'),
        'ntpd 4.2.6 is too old: ntp.conf wants 4.2.8 or later',
      ],
      ['ntpd 4.2.7', (h) => h.daemon('ntpd', 'ntpd 4.2.7p400@1.2483'), 'ntpd 4.2.7 is too old'],
      [
        'chrony 2.1',
        (h) => h.without('ntpd').daemon('chronyd', 'chronyd (chrony) version 2.1.1'),
        'chrony 2.1.1 is too old: chrony.conf wants 2.4',
      ],
      ['ntpsec 0.9', (h) => h.daemon('ntpd', 'ntpd ntpsec-0.9.7'), 'ntpsec 0.9.7 is too old: ntpsec.conf wants 1.1.0'],
      ['one that tells no version', (h) => h.daemon('ntpd', 'usage: ntpd'), 'ntpd does not tell its version'],
      ['none', (h) => h.without('ntpd'), 'no time daemon is installed'],
    ];

    really.each(refused)(
      'and refuses %s: nothing is fetched, nothing changed, nobody registered',
      async (_, prepare, sentence) => {
        prepare(lab.ntpsec());
        const { status, stderr } = await lab.boot(BOUNDARY);
        expect({ status, requests: lab.api.requests }).toEqual({ status: 1, requests: [] });
        expect(stderr).toContain(sentence);
        lab.expectUntouched();
      },
    );
  });

  describe('puts the file in its place', () => {
    really('from a temporary file of the same folder, by one move, and keeps the one before, also by one', async () => {
      lab.ntpsec().command('sleep', 'echo "$1" >>"$PODTIME_ROOT/pauses"');
      const { status, stdout } = await lab.boot();
      expect(status).toBe(0);
      expect(lab.host.moves.map((move) => move.replace(/\.podtime\.\w{6}/, 'NEW'))).toEqual([
        'mv -f /etc/ntpsec/NEW /etc/ntpsec/ntp.conf.previous',
        'mv -f /etc/ntpsec/NEW /etc/ntpsec/ntp.conf.podtime-restart',
        'mv -f /etc/ntpsec/NEW /etc/ntpsec/ntp.conf',
      ]);
      expect(lab.host.list('var/lib/podtime')).toEqual(['restart.log']);
      // three looks, a second apart, whether the daemon stays up
      expect(lab.host.read('pauses')).toBe('1\n'.repeat(3));
      expect(lab.host.list('etc/ntpsec')).toEqual(['ntp.conf', 'ntp.conf.previous']);
      expect(lab.host.read('etc/ntpsec/ntp.conf.previous')).toBe(OLD);
      expect(statSync(join(lab.host.root, 'etc/ntpsec/ntp.conf')).mode & 0o777).toBe(0o644);
      expect(stdout).toBe(
        'podtime: ntpsec 1.2.2, service ntpsec\n' +
          `podtime: /etc/ntpsec/ntp.conf is new (revision ${NTPSEC_CONF.revision}); ntpsec was restarted\n`,
      );
    });

    really('and restarts nobody when it stands there already', async () => {
      lab.ntpsec();
      await lab.boot();
      const again = await lab.boot();
      expect(again).toEqual({
        status: 0,
        stdout:
          'podtime: ntpsec 1.2.2, service ntpsec\n' +
          `podtime: /etc/ntpsec/ntp.conf is right already (revision ${NTPSEC_CONF.revision}); ntpsec is not restarted\n`,
        stderr: '',
      });
      expect(lab.host.restarts).toEqual(['restart ntpsec']);
    });

    describe('after a run that was cut short between the move and the restart', () => {
      const cutShort = () =>
        lab
          .ntpsec()
          .write('etc/ntpsec/ntp.conf', NTPSEC_CONF.text)
          .write('etc/ntpsec/ntp.conf.previous', OLD)
          .write('etc/ntpsec/ntp.conf.podtime-restart', `# a file stood here before\n${NTPSEC_CONF.text}`);

      really('it restarts, and keeps the file of before', async () => {
        cutShort();
        expect((await lab.boot()).status).toBe(0);
        expect(lab.host.restarts).toEqual(['restart ntpsec']);
        expect(lab.host.list('etc/ntpsec')).toEqual(['ntp.conf', 'ntp.conf.previous']);
        expect(lab.host.read('etc/ntpsec/ntp.conf.previous')).toBe(OLD);
      });

      really('it puts the file of before back when the daemon does not start, and calls nothing right', async () => {
        cutShort().services('service', ['ntpsec'], 'broken');
        for (const restarts of [2, 4]) {
          const { status, stderr } = await lab.boot();
          expect(status).toBe(1);
          expect(stderr).toContain('the old one is back');
          expect(lab.host.read('etc/ntpsec/ntp.conf')).toBe(OLD);
          expect(lab.host.restarts.length).toBe(restarts);
        }
      });
    });

    really('and takes it away again when there was none before and the daemon does not start with it', async () => {
      lab.ntpsec().forget('etc/ntpsec/ntp.conf').write('etc/ntpsec/ntp.conf.previous', 'of long ago');
      lab.host.services('service', ['ntpsec'], 'broken');
      const { status, stderr } = await lab.boot();
      expect(status).toBe(1);
      expect(stderr).toContain(
        'the new /etc/ntpsec/ntp.conf (Job for ntpsec.service failed.): it was removed again, as there was none before\n',
      );
      expect(lab.host.list('etc/ntpsec')).toEqual(['ntp.conf.previous']);
      expect(lab.host.read('etc/ntpsec/ntp.conf.previous')).toBe('of long ago');
    });

    really('and puts the old one back when the daemon does not start with it; the next run tries again', async () => {
      lab.ntpsec().services('service', ['ntpsec'], 'broken');
      for (const restarts of [2, 4]) {
        const { status, stderr } = await lab.boot();
        expect(status).toBe(1);
        expect(stderr).toContain(
          'with the new /etc/ntpsec/ntp.conf (Job for ntpsec.service failed.): the old one is back\n',
        );
        expect(lab.host.restarts.length).toBe(restarts);
        expect(lab.host.read('etc/ntpsec/ntp.conf')).toBe(OLD);
        expect(lab.host.list('etc/ntpsec')).toEqual(['ntp.conf']);
      }
    });

    really('and takes it away again where there is no service manager to restart the daemon', async () => {
      lab.host.daemon('ntpd', 'ntpd ntpsec-1.2.2').write('etc/ntpsec/ntp.conf', OLD);
      const { status, stderr } = await lab.boot();
      expect({ status, stderr, conf: lab.host.read('etc/ntpsec/ntp.conf') }).toEqual({
        status: 1,
        stderr:
          'podtime: ntpsec could not be restarted with the new /etc/ntpsec/ntp.conf: the old one is back\n' +
          'podtime: ntpsec does not start as it was before either\n',
        conf: OLD,
      });
    });

    really('and says so when the daemon then reads another', async () => {
      lab.ntpsec().write('run/ntpsec/ntp.conf.dhcp', '');
      const { status, stderr } = await lab.boot();
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr:
          'podtime: ntpsec reads /run/ntpsec/ntp.conf.dhcp instead of /etc/ntpsec/ntp.conf: ' +
          'say IGNORE_DHCP="yes" in /etc/default/ntpsec and restart it\n',
      });
      lab.host.write('etc/default/ntpsec', 'NTPD_OPTS="-g -N"\nIGNORE_DHCP="yes"\n');
      expect((await lab.boot()).status).toBe(0);
    });

    really('and says so when no daemon runs on it', async () => {
      lab.ntpsec().write('etc/ntpsec/ntp.conf', NTPSEC_CONF.text);
      lab.host.stop('ntpsec');
      const { status, stderr } = await lab.boot();
      expect({ status, stderr, restarts: lab.host.restarts }).toEqual({
        status: 1,
        stderr: 'podtime: ntpsec does not run, and boot.sh starts no daemon that was stopped\n',
        restarts: [],
      });
    });

    really('nowhere, where it cannot write', async () => {
      lab.host
        .daemon('ntpd', 'ntpd ntpsec-1.2.2')
        .services('service', [])
        .without('mktemp')
        .command('mktemp', 'exit 1');
      const { status, stderr } = await lab.boot();
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: 'podtime: cannot write to /etc (is its disk full, or read-only?); /etc/ntp.conf is left as it is\n',
      });
    });
  });
});
