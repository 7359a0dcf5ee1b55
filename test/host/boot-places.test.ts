import { existsSync, lstatSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { served } from '../builders/served-files.ts';
import type { BootHost } from './boot-host.ts';
import { AT, NTPSEC_CONF, OLD, underEveryShell } from './boot-lab.ts';

const CHRONY_CONF = served('chrony.conf', { ...AT, tier: 'client' }).text;
const CONF = 'etc/ntpsec/ntp.conf';

underEveryShell('where boot.sh puts the file', (lab, really) => {
  const chrony = (manager: 'service' | 'systemctl' = 'systemctl') =>
    lab.host.daemon('chronyd', 'chronyd (chrony) version 4.3').services(manager, ['chronyd']);
  const runningWith = (host: BootHost, program: string, ...words: string[]) =>
    host
      .write('proc/self/stat', '')
      .write('proc/812/stat', `812 (${program}) S 1`)
      .write('proc/812/cmdline', [`/usr/sbin/${program}`, ...words, ''].join('\0'));

  describe('the daemon reads it', () => {
    const hosts: [string, string, () => BootHost][] = [
      [
        'by its command line, by its pid file',
        'etc/time/chrony.conf',
        () => runningWith(chrony(), 'chronyd', '-f', '/etc/time/chrony.conf').write('run/chrony/chronyd.pid', '812\n'),
      ],
      [
        'by its command line, by systemd',
        'etc/time/chrony.conf',
        () => runningWith(chrony(), 'chronyd', '-4', '-f/etc/time/chrony.conf').write('pid', '812'),
      ],
      [
        'by its unit',
        'etc/time/chrony.conf',
        () => chrony().write('unit', '[Service]\nExecStart=/usr/sbin/chronyd -f /etc/time/chrony.conf $OPTIONS\n'),
      ],
      [
        "by the options of Red Hat's kin",
        'etc/time/chrony.conf',
        () =>
          chrony().write(
            'etc/sysconfig/chronyd',
            `# OPTIONS="-f /etc/no.conf"\nOPTIONS="-F 2 -f /etc/time/chrony.conf"\n`,
          ),
      ],
      [
        "by the options of Debian's kin",
        'etc/time/chrony.conf',
        () => chrony('service').write('etc/default/chronyd', "DAEMON_OPTS='-f /etc/time/chrony.conf'\n"),
      ],
      [
        'by nothing that tells, where the folder of its package is not there',
        'etc/chrony.conf',
        () => lab.host.daemon('chronyd', 'chronyd (chrony) version 4.3').services('service', ['chrony']),
      ],
      [
        "by what is built into the program, beside Debian's file",
        'etc/chrony.conf',
        () =>
          chrony()
            .command('chronyd', 'echo chronyd 4.3 # /etc/chrony.conf')
            .write('etc/chrony/chrony.conf', OLD)
            .write('etc/time/.keep', ''),
      ],
      [
        "by what is built into Debian's program, beside the others' file",
        'etc/chrony/chrony.conf',
        () =>
          chrony()
            .command('chronyd', 'echo chronyd 4.3 # /etc/chrony/chrony.conf')
            .write('etc/chrony/.keep', '')
            .write('etc/chrony.conf', OLD),
      ],
    ];
    really.each(hosts)('%s', async (_, place, prepare) => {
      mkdirSync(join(lab.host.root, 'etc/time'));
      const other = place === 'etc/chrony.conf' ? 'etc/chrony/chrony.conf' : 'etc/chrony.conf';
      const before = prepare().read(other);
      const { status, stderr } = await lab.boot();
      expect({ status, stderr, conf: lab.host.read(place) }).toEqual({ status: 0, stderr: '', conf: CHRONY_CONF });
      expect(lab.host.read(other)).toBe(before);
    });

    really('and fails where the daemon then reads another one', async () => {
      const host = lab.ntpsec();
      runningWith(host, 'ntpd', '-c', '/etc/ntpsec/ntp.conf').write('run/ntpd.pid', '812\n');
      host.command('service', `[ "$2" != restart ] || echo 813 >"$PODTIME_ROOT/run/ntpd.pid"`);
      host.write('proc/813/stat', '813 (ntpd) S 1').write('proc/813/cmdline', 'ntpd\0--configfile=/etc/other.conf\0');
      const { status, stderr } = await lab.boot();
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr:
          'podtime: ntpsec reads /etc/other.conf instead of /etc/ntpsec/ntp.conf: let it start with /etc/ntpsec/ntp.conf\n',
      });
    });

    really('not below /run, where a file is made anew at each start', async () => {
      runningWith(lab.ntpsec(), 'ntpd', '-c', '/run/ntpsec/ntp.conf.dhcp').write('run/ntpd.pid', '812\n');
      lab.host.write('run/ntpsec/ntp.conf.dhcp', OLD);
      const { status, stderr } = await lab.boot();
      expect({ status, stderr, conf: lab.host.read(CONF), dhcp: lab.host.read('run/ntpsec/ntp.conf.dhcp') }).toEqual({
        status: 1,
        stderr:
          'podtime: ntpsec reads /run/ntpsec/ntp.conf.dhcp instead of /etc/ntpsec/ntp.conf: ' +
          'say IGNORE_DHCP="yes" in /etc/default/ntpsec and restart it\n',
        conf: NTPSEC_CONF.text,
        dhcp: OLD,
      });
    });

    really("whatever DHCP writes for ntpd, where it is chrony's", async () => {
      chrony().write('etc/chrony.conf', OLD).write('run/ntp.conf.dhcp', '');
      const { status, stderr } = await lab.boot();
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    });
  });

  really.each([
    ['etc/chrony/chrony.conf', 'chrony'],
    ['etc/chrony.conf', 'chronyd'],
  ])('a chrony that does not run, whose file is %s, is started as %s', async (place, service) => {
    lab.host.daemon('chronyd', 'chronyd (chrony) version 4.3').services('service', []).write(place, OLD);
    const { status, stderr } = await lab.boot();
    expect({ status, stderr, conf: lab.host.read(place), restarts: lab.host.restarts }).toEqual({
      status: 0,
      stderr: '',
      conf: CHRONY_CONF,
      restarts: [`restart ${service}`],
    });
  });

  describe('a link', () => {
    const linked = (link: string) => {
      lab.ntpsec().forget(CONF).write('etc/time/real.conf', OLD);
      symlinkSync(link, join(lab.host.root, CONF));
    };

    really.each(['../time/real.conf', '/etc/time/real.conf'])(
      'to %s stays one, and the file behind it is replaced',
      async (link) => {
        linked(link);
        const { status, stdout } = await lab.boot();
        expect(status).toBe(0);
        expect(stdout).toMatch(/real\.conf is new/);
        expect({
          link: readlinkSync(join(lab.host.root, CONF)),
          conf: lab.host.read(CONF.replace('ntpsec/ntp.conf', 'time/real.conf')),
          kept: lab.host.list('etc/time'),
          beside: lab.host.list('etc/ntpsec'),
        }).toEqual({
          link,
          conf: NTPSEC_CONF.text,
          kept: ['real.conf', 'real.conf.previous'],
          beside: ['ntp.conf'],
        });
      },
    );

    really('that leads nowhere gets its file, and loses it again when the daemon refuses it', async () => {
      linked('../time/new.conf');
      lab.host.services('service', ['ntpsec'], 'refuses').write('reads', `${CONF}\n`);
      expect((await lab.boot()).status).toBe(1);
      expect(lab.host.list('etc/time')).toEqual(['real.conf']);
      lab.host.forget('refuses');
      expect((await lab.boot()).status).toBe(0);
      expect(lab.host.read('etc/time/new.conf')).toBe(NTPSEC_CONF.text);
      expect(lstatSync(join(lab.host.root, CONF)).isSymbolicLink()).toBe(true);
    });

    really('into a folder that is not there', async () => {
      linked('../none/new.conf');
      const { status, stderr } = await lab.boot();
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringMatching(
          /^podtime: cannot write to \S+\/none \(is its disk full, or read-only\?\); \S+\/new\.conf is left as it is\n$/,
        ),
      });
    });

    really('that leads in a circle', async () => {
      linked('ntp.conf');
      const { status, stderr } = await lab.boot();
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: 'podtime: its links lead in a circle; /etc/ntpsec/ntp.conf is left as it is\n',
      });
    });
  });

  describe('what is no file stays what it is', () => {
    really.each([CONF, `${CONF}.previous`, `${CONF}.podtime-restart`])('a folder %s', async (place) => {
      lab.ntpsec();
      if (place === CONF) lab.host.forget(CONF);
      mkdirSync(join(lab.host.root, place));
      const { status, stderr } = await lab.boot();
      expect({ status, stderr, asked: lab.api.requests, restarts: lab.host.restarts }).toEqual({
        status: 1,
        stderr: `podtime: /${place} is not a regular file; /${CONF} is left as it is\n`,
        asked: [],
        restarts: [],
      });
      expect(lstatSync(join(lab.host.root, place)).isDirectory()).toBe(true);
      expect(lab.host.list(place)).toEqual([]);
    });
  });

  really('temporary files of dead runs go, and nothing else does', async () => {
    lab
      .ntpsec()
      .write('etc/ntpsec/.podtime.aB3xYz', 'half of')
      .write('etc/ntpsec/.podtime.conf', 'an operator')
      .write('etc/ntpsec/.other.aB3xYz', '');
    expect((await lab.boot()).status).toBe(0);
    expect(lab.host.list('etc/ntpsec')).toEqual(['.other.aB3xYz', '.podtime.conf', 'ntp.conf', 'ntp.conf.previous']);
    expect(existsSync(join(lab.host.root, 'var/lib/podtime/boot.lock'))).toBe(false);
  });
});
