import { spawn } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { CLIENT, NTPSEC_CONF, OLD, underEveryShell } from './boot-lab.ts';

const CONF = 'etc/ntpsec/ntp.conf';

underEveryShell('boot.sh in trouble', (lab, really) => {
  describe('with the daemon', () => {
    really.each([0, 1, 2])('one that ends after %d looks is told, and the old file comes back', async (looks) => {
      lab.ntpsec().write('dies', `${looks}\n`);
      const { status, stderr } = await lab.boot();
      expect(status).toBe(1);
      expect(stderr).toContain(
        'podtime: ntpsec does not stay up with the new /etc/ntpsec/ntp.conf: the old one is back\n',
      );
      expect(stderr).toContain('podtime: ntpsec does not start as it was before either\n');
      expect({ conf: lab.host.read(CONF), folder: lab.host.list('etc/ntpsec') }).toEqual({
        conf: OLD,
        folder: ['ntp.conf'],
      });
    });

    really("the service manager's words are told, one line of them", async () => {
      lab.ntpsec().services('service', ['ntpsec'], 'broken');
      const { stderr } = await lab.boot();
      expect(stderr).toContain(
        'ntpsec could not be restarted with the new /etc/ntpsec/ntp.conf (Job for ntpsec.service failed.): the old one is back\n',
      );
    });

    really('a restart without end is ended, on a host without timeout', async () => {
      lab.ntpsec().without('timeout').tool('sleep');
      lab.host.command('service', '[ "$2" != restart ] || exec sleep 1000');
      const { status, stderr } = await lab.host.run(CLIENT.replace(/^RESTART_SECONDS=.*$/m, 'RESTART_SECONDS=1'), [
        lab.api.url,
      ]);
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /ntpsec could not be restarted with the new \/etc\/ntpsec\/ntp\.conf.*: the old one is back/,
      );
      lab.expectUntouched();
    });

    really('a service manager that is slow is heard out, also after a restart that took long', async () => {
      lab.ntpsec().write('proc/uptime', '5.00 1.00\n');
      lab.host.command(
        'service',
        `cd "$PODTIME_ROOT" || exit 1
        case $2 in
          restart) echo 95.00 1.00 >proc/uptime && : >busy ;;
          status) [ ! -e busy ] || { rm busy && /bin/sleep 2; } ;;
        esac`,
      );
      expect(await lab.boot()).toMatchObject({ status: 0, stderr: '' });
    });

    really('also after a file that took long to fetch and is there already', async () => {
      lab.ntpsec().write(CONF, NTPSEC_CONF.text).write('proc/uptime', '5.00 1.00\n');
      lab.host.command('service', '[ ! -e "$PODTIME_ROOT/busy" ] || /bin/sleep 2');
      const answer = lab.answerFile;
      lab.answerFile = (...call) => {
        lab.host.write('proc/uptime', '95.00 1.00\n').write('busy', '');
        return answer(...call);
      };
      expect(await lab.boot()).toMatchObject({ status: 0, stderr: '' });
    });

    really('and nothing is left that watched for its end', async () => {
      lab.ntpsec().without('timeout').command('sleep', 'echo $PPID >>"$PODTIME_ROOT/watchers"\nexec /bin/sleep "$1"');
      const [program = '', ...leading] = lab.host.program;
      const words = [...leading, join(lab.host.write('boot.sh', CLIENT).root, 'boot.sh'), lab.api.url];
      // whose output is nobody's waits for no watcher
      const child = spawn(program, words, { env: lab.host.environment, stdio: 'ignore' });
      expect(await new Promise((ended) => child.on('exit', ended))).toBe(0);
      // the parent of one whose watcher has ended already is 1
      const watchers = (lab.host.read('watchers') ?? '').split('\n').filter((pid) => Number(pid) > 1);
      expect(new Set(watchers).size).toBeGreaterThan(3);
      const alive = () => watchers.filter((pid) => existsSync(`/proc/${pid}`));
      // they look once a second; those that were left would sleep for ten seconds and more
      for (let looks = 0; looks < 300 && alive().length > 0; looks += 1)
        await new Promise((done) => setTimeout(done, 100));
      expect(alive()).toEqual([]);
    });

    really('what it was cut off in is made good though the API is down', async () => {
      lab.ntpsec().services('service', ['ntpsec'], 'refuses').write('reads', `${CONF}\n`);
      lab.host
        .write(CONF, NTPSEC_CONF.text)
        .write(`${CONF}.previous`, OLD)
        .write(`${CONF}.podtime-restart`, `# a file stood here before\n${NTPSEC_CONF.text}`);
      lab.answerFile = async () => ({ statusCode: 404, body: '' });
      const { status, stdout, stderr } = await lab.boot();
      expect({ status, conf: lab.host.read(CONF), runsOn: lab.host.read('running/ntpsec') }).toEqual({
        status: 1,
        conf: OLD,
        runsOn: OLD,
      });
      expect(stdout).toContain('a run before this one was cut off: ntpsec is restarted on /etc/ntpsec/ntp.conf');
      expect(stderr).toContain('the old one is back');
    });

    really('a file that lost its copy stays, since nothing else is left', async () => {
      lab.ntpsec().services('service', ['ntpsec'], 'broken');
      lab.host
        .write(CONF, NTPSEC_CONF.text)
        .write(`${CONF}.podtime-restart`, `# a file stood here before\n${NTPSEC_CONF.text}`);
      const { stderr } = await lab.boot();
      expect(stderr).toContain('the old one, /etc/ntpsec/ntp.conf.previous, cannot be put back');
      expect(lab.host.read(CONF)).toBe(NTPSEC_CONF.text);
    });

    really('an edit made while the daemon was restarted stays', async () => {
      lab.ntpsec().command('service', `[ "$2" != restart ] || { echo edited >"$PODTIME_ROOT/${CONF}"; exit 1; }`);
      const { status, stderr } = await lab.boot();
      expect({ status, conf: lab.host.read(CONF) }).toEqual({ status: 1, conf: 'edited\n' });
      expect(stderr).toContain('somebody else has written it since, so it is left as it is');
      expect(lab.host.read(`${CONF}.previous`)).toBe(OLD);
    });

    really('a mark of an older boot.sh, which is empty, costs a restart and no file', async () => {
      lab.ntpsec().write(`${CONF}.podtime-restart`, '').write(`${CONF}.previous`, 'of long ago');
      lab.host.services('service', ['ntpsec'], 'broken');
      lab.answerFile = async () => ({ statusCode: 404, body: '' });
      const { stderr } = await lab.boot();
      expect(stderr).toContain('podtime: ntpsec could not be restarted with /etc/ntpsec/ntp.conf\n');
      expect({ conf: lab.host.read(CONF), restarts: lab.host.restarts.length }).toEqual({ conf: OLD, restarts: 1 });
      expect(lab.host.list('etc/ntpsec')).toEqual(['ntp.conf', 'ntp.conf.previous']);
    });
  });

  really('a file gets the label of its place where the host has labels', async () => {
    lab.ntpsec().command('restorecon', 'echo "$@" >>"$PODTIME_ROOT/labelled"');
    expect((await lab.boot()).status).toBe(0);
    expect(lab.host.read('labelled')).toBe(`${lab.host.root}/${CONF}\n`);
  });

  describe('with the disk', () => {
    really('a full one is told as that while the file is fetched', async () => {
      // curl cannot write to /dev/full
      lab
        .ntpsec()
        .command(
          'mktemp',
          `ln -s /dev/full "$PODTIME_ROOT/etc/ntpsec/.podtime.abcdef" 2>/dev/null; echo "$PODTIME_ROOT/etc/ntpsec/.podtime.abcdef"`,
        );
      const { status, stderr } = await lab.boot();
      expect(status).toBe(1);
      expect(stderr).toContain(
        'podtime: cannot write to /etc/ntpsec (is its disk full, or read-only?); /etc/ntpsec/ntp.conf is left as it is\n',
      );
      expect(stderr).not.toContain('does not answer');
      expect(lab.api.requests.length).toBe(1);
      lab.expectUntouched();
    });

    const steps: [string, string, string][] = [
      ['the file before is copied', 'cp', '*'],
      ['that copy is moved', 'mv', '*.previous'],
      ['the mark is moved', 'mv', '*.podtime-restart'],
      ['the file is moved', 'mv', '*/ntp.conf'],
      ['the file gets its mode', 'chmod', '*'],
    ];
    really.each(steps)('or fails when %s', async (_, tool, last) => {
      lab.ntpsec().command(tool, `for word; do :; done\ncase $word in ${last}) exit 1 ;; esac\nexec /bin/${tool} "$@"`);
      const { status, stderr } = await lab.boot();
      expect({ status, conf: lab.host.read(CONF), restarts: lab.host.restarts }).toEqual({
        status: 1,
        conf: OLD,
        restarts: [],
      });
      expect(stderr).toContain(
        'podtime: cannot write to /etc/ntpsec (is its disk full, or read-only?); /etc/ntpsec/ntp.conf is left',
      );
      expect(lab.host.list('etc/ntpsec').filter((name) => !name.endsWith('.previous'))).toEqual(['ntp.conf']);
    });

    really('the words of the service manager, which cannot be kept, stop nothing', async () => {
      lab.ntpsec().write('var/lib/podtime/restart.log/.keep', '');
      expect(await lab.boot()).toMatchObject({ status: 0, stderr: '' });
    });

    really('a state folder that cannot be made is told, and nothing is fetched', async () => {
      lab.ntpsec().write('var/lib/podtime', 'a file');
      const { status, stderr } = await lab.boot();
      expect({ status, stderr, asked: lab.api.requests }).toEqual({
        status: 1,
        stderr:
          'podtime: cannot write to /var/lib/podtime (is its disk full, or read-only?); /etc/ntpsec/ntp.conf is left as it is\n',
        asked: [],
      });
    });
  });

  describe('with another run', () => {
    really('gives way to one that is alive, and says so', async () => {
      lab.ntpsec().write('var/lib/podtime/.keep', '').command('sleep', `echo "$1" >>"$PODTIME_ROOT/pauses"`);
      symlinkSync(`${process.pid}.${Math.floor(Date.now() / 1000)}`, join(lab.host.root, 'var/lib/podtime/boot.lock'));
      const { status, stderr } = await lab.boot();
      expect({ status, stderr, asked: lab.api.requests }).toEqual({
        status: 1,
        stderr: 'podtime: another run of boot.sh is at work on this host; /etc/ntpsec/ntp.conf is left as it is\n',
        asked: [],
      });
      lab.expectUntouched();
      expect(lab.host.list('var/lib/podtime')).toEqual(['.keep', 'boot.lock']);
      expect(lab.host.read('pauses')).toBe('1\n'.repeat(10));
    });

    really('of three at once the daemon is restarted by one', async () => {
      lab.ntpsec();
      const runs = await Promise.all([1, 2, 3].map(() => lab.boot()));
      expect(lab.host.restarts).toEqual(['restart ntpsec']);
      expect(lab.host.read(CONF)).toBe(NTPSEC_CONF.text);
      for (const { status, stderr } of runs)
        expect(`${status} ${stderr}`).toMatch(/^(0 |1 podtime: another run of boot\.sh is at work)/);
      expect(lab.host.list('var/lib/podtime')).toEqual(['restart.log']);
    });
  });

  describe('with whoever started it', () => {
    /** `boot.sh | head -1`, both outputs into it; the pipe is closed once a line was read. */
    const readByHead = async (command: string, ...words: string[]) => {
      const child = spawn('/bin/sh', ['-c', command, 'sh', ...words], { env: lab.host.environment });
      await new Promise((ended) => child.on('close', ended));
    };
    const shell = () => lab.host.program.map((word) => `'${word}'`).join(' ');

    really.each(['refuses', null] as const)('a reader that goes ends no run (%s)', async (fault) => {
      lab.ntpsec().services('service', ['ntpsec'], fault).write('reads', `${CONF}\n`).write('boot.sh', CLIENT);
      await readByHead(`${shell()} "$1" "$2" 2>&1 | /usr/bin/head -n 1`, join(lab.host.root, 'boot.sh'), lab.api.url);
      expect(lab.host.read(CONF)).toBe(fault === null ? NTPSEC_CONF.text : OLD);
      expect(lab.host.read('running/ntpsec')).toBe(fault === null ? NTPSEC_CONF.text : OLD);
      expect(lab.host.list('etc/ntpsec').filter((name) => !name.endsWith('.previous'))).toEqual(['ntp.conf']);
      expect(lab.host.list('var/lib/podtime')).toEqual(['restart.log']);
    });

    really.each(['HUP', 'INT', 'QUIT', 'ALRM', 'TERM', 'USR1', 'USR2'])(
      'SIG%s leaves nothing lying about',
      async (signal) => {
        lab.ntpsec().command('service', `[ "$2" != restart ] || kill -${signal} "$(cat "$PODTIME_ROOT/boot.pid")"`);
        lab.host.command('timeout', 'shift; exec "$@"');
        const script = CLIENT.replace(/^main "\$@"$/m, () => 'echo $$ >"$PODTIME_ROOT/boot.pid"\nmain "$@"');
        const { status } = await lab.host.run(script, [lab.api.url]);
        expect(status).toBe(1);
        expect(lab.host.list('etc/ntpsec')).toEqual(['ntp.conf', 'ntp.conf.podtime-restart', 'ntp.conf.previous']);
        expect(lab.host.list('var/lib/podtime')).toEqual(['restart.log']);
        lab.host.services('service', ['ntpsec']);
        expect((await lab.boot()).status).toBe(0);
        expect(lab.host.list('etc/ntpsec')).toEqual(['ntp.conf', 'ntp.conf.previous']);
      },
    );

    really('its environment steers nothing', async () => {
      lab.ntpsec().forget(CONF).write('etc/time.conf', OLD);
      symlinkSync('/etc/time.conf', join(lab.host.root, CONF));
      const junk = Object.fromEntries([...CLIENT.matchAll(/\b([a-z_]+)=/g)].map(([, name = '']) => [name, 'junk']));
      const { status, stdout, stderr } = await lab.host.run(CLIENT, [lab.api.url], junk);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('ntpsec was restarted');
    });

    really.each([['-u'], ['-e'], ['-eu']])('started with %s it does the same', async (options) => {
      lab.ntpsec();
      expect(await lab.host.run(CLIENT, [lab.api.url], {}, [options])).toMatchObject({ status: 0, stderr: '' });
      lab.host.services('service', ['ntpsec'], 'broken').write(CONF, OLD);
      const { status, stderr } = await lab.host.run(CLIENT, [lab.api.url], {}, [options]);
      expect(status).toBe(1);
      expect(stderr).toContain('the old one is back');
      expect(lab.host.read(CONF)).toBe(OLD);
    });
  });
});
