import { spawnSync } from 'node:child_process';
import { describe, expect } from '@jest/globals';
import { render } from '../../src/config/files.ts';
import { gateway } from '../handlers/gateway.ts';
import { AT, BOUNDARY, CLIENT, NTPSEC_CONF, OLD, underEveryShell } from './boot-lab.ts';

underEveryShell('boot.sh and the API', (lab, really) => {
  describe('keeps the old file', () => {
    really('when the API is down', async () => {
      lab.ntpsec();
      const down = await gateway(() => null);
      await down.close();
      const { status, stderr } = await lab.boot(BOUNDARY, [down.url]);
      expect(status).toBe(1);
      expect(stderr).toContain(`${down.url} does not answer with ntpsec.conf; /etc/ntpsec/ntp.conf is left as it is`);
      expect(stderr).toContain('podtime: it is not registered by this run\n');
      lab.expectUntouched();
    });

    const { text } = NTPSEC_CONF;
    const bodies: [string, string, RegExp][] = [
      ['nothing', '', /is not ntpsec\.conf/],
      ['a page', '<html><body>It works!</body></html>\n', /is not ntpsec\.conf/],
      ['half of it', text.slice(0, text.length / 2), /is cut off/],
      ['all but its last line', text.replace(/# end\n$/, ''), /is cut off/],
      ["another AZ's", render('ntpsec.conf', { ...AT, az: 'us-west-2c', tier: 'client' }).text, /is not ntpsec\.conf/],
      ["the other tier's", render('ntpsec.conf', { ...AT, tier: 'boundary' }).text, /is not ntpsec\.conf/],
      ["another daemon's", render('chrony.conf', { ...AT, tier: 'client' }).text, /is not ntpsec\.conf/],
      ['one with a byte changed', text.replace('nomodify', 'nomodifi'), /is damaged/],
      ['one with a line more', text.replace('# end\n', 'server evil.example\n# end\n'), /is damaged/],
      ['one without a revision', text.replace(/^# revision .*\n/m, ''), /names no revision/],
      ['one whose revision is none', text.replace(/^# revision .*/m, '# revision $(reboot)'), /names no revision/],
      ['bytes', '\x00\x01\xff`reboot`', /is not ntpsec\.conf/],
    ];

    really.each(bodies)('when the API answers %s', async (_, body, why) => {
      lab.ntpsec();
      lab.answerFile = async () => ({ statusCode: 200, body });
      const { status, stderr } = await lab.boot();
      expect(status).toBe(1);
      expect(stderr).toMatch(why);
      expect(stderr).toContain('/etc/ntpsec/ntp.conf is left as it is');
      lab.expectUntouched();
    });

    really('when the API has none that its daemon can use', async () => {
      lab.ntpsec();
      lab.answerFile = async () => ({ statusCode: 409, body: NTPSEC_CONF.text });
      const { status, stderr } = await lab.boot();
      expect({ status, asked: lab.api.requests.length }).toEqual({ status: 1, asked: 1 });
      expect(stderr.split('\n').filter((line) => line.startsWith('podtime: '))).toEqual([
        `podtime: ${lab.api.url} has no ntpsec.conf that ntpsec 1.2.2 can use: it lacks what the fleet file wants; /etc/ntpsec/ntp.conf is left as it is`,
      ]);
      lab.expectUntouched();
    });

    const statuses: [number, number][] = [
      ...[400, 403, 404, 410].map((status): [number, number] => [status, 1]),
      ...[408, 429, 500, 502, 503, 504].map((status): [number, number] => [status, 5]),
    ];
    really.each(statuses)('when the API answers %d, having asked %d times', async (statusCode, times) => {
      lab.ntpsec();
      lab.answerFile = async () => ({ statusCode, body: NTPSEC_CONF.text });
      const { status, stderr } = await lab.boot();
      expect({ status, asked: lab.api.requests.length }).toEqual({ status: 1, asked: times });
      expect(stderr.split('\n').filter((line) => line.startsWith('podtime: '))).toEqual([
        `podtime: ${lab.api.url} answers ntpsec.conf with HTTP status ${statusCode}; /etc/ntpsec/ntp.conf is left as it is`,
      ]);
      lab.expectUntouched();
    });

    really('when the answer is too large', async () => {
      lab.ntpsec();
      // older curls know the size of a file only by what is announced
      const headers = { 'content-length': '70000' };
      lab.answerFile = async () => ({ statusCode: 200, headers, body: NTPSEC_CONF.text.padEnd(70_000, '#') });
      const { stderr } = await lab.boot();
      expect(stderr).toContain(
        `what ${lab.api.url} answered is too large for ntpsec.conf; /etc/ntpsec/ntp.conf is left`,
      );
      expect(lab.api.requests.length).toBe(1);
      lab.expectUntouched();
    });

    really('when the API sends it elsewhere', async () => {
      lab.ntpsec();
      lab.answerFile = async () => ({ statusCode: 302, headers: { location: `${lab.api.url}/elsewhere` }, body: '' });
      const { status, stderr } = await lab.boot();
      expect(status).toBe(1);
      expect(stderr).toContain(`${lab.api.url} answers ntpsec.conf with HTTP status 302;`);
      lab.expectUntouched();
      expect(lab.api.requests).toEqual(['GET /blue/client/us-west-2b/ntpsec.conf?version=1.2.2&revision=none']);
    });

    really('when it is damaged and only openssl can tell; cut off, when nothing can', async () => {
      lab.ntpsec().without('sha256sum').tool('openssl');
      expect((await lab.boot()).status).toBe(0);
      lab.host.write('etc/ntpsec/ntp.conf', OLD);
      lab.answerFile = async () => ({ statusCode: 200, body: text.replace('nomodify', 'nomodifi') });
      expect((await lab.boot()).stderr).toMatch(/is damaged/);
      lab.host.without('openssl');
      lab.answerFile = async () => ({ statusCode: 200, body: text.slice(0, -8) });
      expect((await lab.boot()).stderr).toMatch(/is cut off/);
      expect(lab.host.read('etc/ntpsec/ntp.conf')).toBe(OLD);
    });
  });

  describe('asks again', () => {
    /** Fails so often, then answers; the pauses that it took. */
    const pausesOver = async (failures: number, headers: Record<string, string> = {}) => {
      lab.ntpsec().command('sleep', `echo "$1" >>"$PODTIME_ROOT/pauses"`);
      const answer = lab.answerFile;
      let left = failures;
      lab.answerFile = async (...call) => {
        left -= 1;
        return left >= 0 ? { statusCode: 429, headers, body: '' } : answer(...call);
      };
      const { status } = await lab.boot();
      const pauses = (lab.host.read('pauses') ?? '').trim().split('\n').map(Number);
      return { status, asked: lab.api.requests.length, pauses: pauses.slice(0, failures) };
    };

    really('at most five times, each time later and at random', async () => {
      const { status, asked, pauses } = await pausesOver(4);
      expect({ status, asked }).toEqual({ status: 0, asked: 5 });
      for (const [index, pause] of pauses.entries()) {
        expect(pause).toBeGreaterThanOrEqual(1);
        expect(pause).toBeLessThanOrEqual(4 * 2 ** index);
      }
    });

    really('at another moment than others', async () => {
      lab.ntpsec().command('od', 'echo "  4093"');
      expect((await pausesOver(4)).pauses).toEqual([2, 6, 14, 30]);
      lab.host.write('etc/ntpsec/ntp.conf', OLD).forget('pauses').command('od', 'echo "  65535"');
      expect((await pausesOver(4)).pauses).toEqual([4, 8, 16, 32]);
      // hosts that have no od, or another one
      for (const od of ['exit 127', 'echo ?']) {
        lab.host.write('etc/ntpsec/ntp.conf', OLD).forget('pauses').command('od', od);
        const { status, pauses } = await pausesOver(4);
        expect(status).toBe(0);
        for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(1);
      }
    });

    const waits: [string, number][] = [
      ['7', 7],
      ['90', 10],
      ['08', 0],
      ['100', 0],
      ['-1', 0],
      ['Fri, 31 Dec 1999 23:59:59 GMT', 0],
      ['$(reboot)', 0],
    ];
    really.each(waits)('after a Retry-After of %s', async (after, seconds) => {
      lab.ntpsec().command('od', 'echo 0');
      // one before 7.84 does not tell it
      const tells =
        Number(spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout.match(/7\.(\d+)/)?.[1] ?? 99) >= 84;
      expect((await pausesOver(1, { 'retry-after': after })).pauses).toEqual([1 + (tells ? seconds : 0)]);
    });
  });

  describe('registers', () => {
    really('a boundary server, after its daemon has its file', async () => {
      lab.ntpsec();
      const { status, stdout } = await lab.boot(BOUNDARY);
      expect(status).toBe(0);
      expect(lab.api.requests).toEqual([
        'GET /blue/boundary/us-west-2b/ntpsec.conf?version=1.2.2&revision=none',
        'POST /blue/register',
      ]);
      expect(stdout).toContain(`podtime: asked ${lab.api.url} to register boundary servers\n`);
    });

    really('once its turn is over, so that another run need not wait for the answer', async () => {
      lab.ntpsec();
      let state: string[] = [];
      lab.answerRegister = async () => {
        state = lab.host.list('var/lib/podtime');
        return { statusCode: 200, body: '{}' };
      };
      await lab.boot(BOUNDARY);
      expect(state).toEqual(['restart.log']);
    });

    really('nobody else', async () => {
      lab.ntpsec();
      await lab.boot(CLIENT);
      expect(lab.api.requests).toEqual(['GET /blue/client/us-west-2b/ntpsec.conf?version=1.2.2&revision=none']);
    });

    really('in vain without the boot failing', async () => {
      lab.ntpsec();
      lab.answerRegister = async () => ({ statusCode: 503, body: '' });
      const { status, stderr } = await lab.boot(BOUNDARY);
      expect(status).toBe(0);
      expect(stderr).toContain(`could not register with ${lab.api.url}: podtime's watchdog will`);
    });

    really.each([
      ['has no file for its daemon', 409],
      ['does not answer', 503],
    ])('none that is on a file of its distribution, as the API %s: it may serve nobody', async (_, statusCode) => {
      lab.ntpsec();
      lab.answerFile = async () => ({ statusCode, body: '' });
      const { status, stderr } = await lab.boot(BOUNDARY);
      expect({ status, registers: lab.api.requests.filter((request) => request.startsWith('POST')) }).toEqual({
        status: 1,
        registers: [],
      });
      expect(
        stderr
          .split('\n')
          .filter((line) => line.startsWith('podtime: '))
          .slice(1),
      ).toEqual([
        `podtime: /etc/ntpsec/ntp.conf is none of podtime's files: nobody knows that ntpsec serves the pod by it`,
        'podtime: it is not registered by this run',
      ]);
      lab.expectUntouched();
    });

    really('one that keeps an older file of podtime', async () => {
      lab.ntpsec().write('etc/ntpsec/ntp.conf', `# podtime: ntpsec.conf\n# revision ${'0'.repeat(16)}\n`);
      lab.answerFile = async () => ({ statusCode: 409, body: '' });
      const { status } = await lab.boot(BOUNDARY);
      expect({ status, asked: lab.api.requests.at(-1) }).toEqual({ status: 1, asked: 'POST /blue/register' });
    });

    really('as often as it is needed, whatever the file took', async () => {
      lab.ntpsec().write('etc/ntpsec/ntp.conf', NTPSEC_CONF.text);
      lab.answerFile = async () => ({ statusCode: 503, body: '' });
      lab.answerRegister = async () => ({ statusCode: 503, body: '' });
      await lab.boot(BOUNDARY);
      expect(lab.api.requests).toEqual([
        ...Array(5).fill(`GET /blue/boundary/us-west-2b/ntpsec.conf?version=1.2.2&revision=${NTPSEC_CONF.revision}`),
        ...Array(5).fill('POST /blue/register'),
      ]);
    });
  });

  describe('is told where the API is', () => {
    really('by its argument or PODTIME_URL, with a slash at the end or without', async () => {
      lab.ntpsec();
      expect((await lab.host.run(CLIENT, [`${lab.api.url}//`])).status).toBe(0);
      expect((await lab.host.run(CLIENT, [], { PODTIME_URL: lab.api.url })).status).toBe(0);
      expect(lab.api.requests).toEqual(
        // the second run tells the file that the first has put there
        ['none', NTPSEC_CONF.revision].map(
          (has) => `GET /blue/client/us-west-2b/ntpsec.conf?version=1.2.2&revision=${has}`,
        ),
      );
    });

    const ends: [string, string][] = [
      ['a newline', '\n'],
      ['slashes and newlines', '//\n\n/\n'],
    ];
    really.each(ends)('also where it ends in %s', async (_, end) => {
      lab.ntpsec();
      expect((await lab.host.run(CLIENT, [`${lab.api.url}${end}`])).status).toBe(0);
      expect((await lab.host.run(CLIENT, [], { PODTIME_URL: `${lab.api.url}${end}` })).status).toBe(0);
      expect(lab.api.requests).toEqual(
        // the second run tells the file that the first has put there
        ['none', NTPSEC_CONF.revision].map(
          (has) => `GET /blue/client/us-west-2b/ntpsec.conf?version=1.2.2&revision=${has}`,
        ),
      );
    });

    const wrong: [string, string[]][] = [
      ['nothing', []],
      ['two lines', ['http://127.0.0.1\n/a']],
      ['an empty text', ['']],
      ['no URL', ['lab.api.example']],
      ['a file', ['file:///etc/passwd']],
      ['a URL with a space', ['http://127.0.0.1/a b']],
      ['a URL with a command', ['http://127.0.0.1/$(touch hacked)']],
      ['a URL with a quote', ["http://127.0.0.1/'"]],
      ['a URL with an option', ['http://127.0.0.1/ --output /etc/passwd']],
      ['a URL that asks', ['http://127.0.0.1/?x']],
      ['two URLs', ['http://127.0.0.1', 'http://127.0.0.2']],
    ];
    really.each(wrong)('and not by %s: wrong use', async (_, args) => {
      lab.ntpsec();
      const { status, stderr } = await lab.host.run(CLIENT, args);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: 'podtime: usage: boot.sh BASE_URL (or PODTIME_URL): the base URL of the API, http:// or https://\n',
      });
      lab.expectUntouched();
    });
  });

  really('is not asked on a host without curl', async () => {
    lab.ntpsec().without('curl');
    expect(await lab.boot(BOUNDARY)).toEqual({ status: 1, stdout: '', stderr: 'podtime: there is no curl\n' });
    lab.expectUntouched();
  });

  really('does nothing when it was itself cut off on its way', async () => {
    lab.ntpsec();
    const lines = BOUNDARY.split('\n');
    const call = lines.indexOf('main "$@"');
    for (let end = 5; end <= call; end += 23) await lab.host.run(lines.slice(0, end).join('\n'), [lab.api.url]);
    expect(lab.api.requests).toEqual([]);
    lab.expectUntouched();
  });
});
