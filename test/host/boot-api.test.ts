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
      expect(stderr).toContain(`could not register with ${down.url}: podtime's watchdog will`);
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

    really.each([404, 500])('when the API answers %d', async (statusCode) => {
      lab.ntpsec();
      lab.answerFile = async () => ({ statusCode, body: NTPSEC_CONF.text });
      expect((await lab.boot()).status).toBe(1);
      lab.expectUntouched();
      expect(lab.api.requests.length).toBe(3);
    });

    really('when the API sends it elsewhere', async () => {
      lab.ntpsec();
      lab.answerFile = async () => ({ statusCode: 302, headers: { location: `${lab.api.url}/elsewhere` }, body: '' });
      expect((await lab.boot()).status).toBe(1);
      lab.expectUntouched();
      expect(lab.api.requests).not.toContain('GET /elsewhere');
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

  describe('registers', () => {
    really('a boundary server, after its daemon has its file', async () => {
      lab.ntpsec();
      const { status, stdout } = await lab.boot(BOUNDARY);
      expect(status).toBe(0);
      expect(lab.api.requests).toEqual(['GET /blue/boundary/us-west-2b/ntpsec.conf', 'POST /blue/register']);
      expect(stdout).toContain(`podtime: registered with ${lab.api.url}\n`);
    });

    really('nobody else', async () => {
      lab.ntpsec();
      await lab.boot(CLIENT);
      expect(lab.api.requests).toEqual(['GET /blue/client/us-west-2b/ntpsec.conf']);
    });

    really('in vain without the boot failing', async () => {
      lab.ntpsec();
      lab.answerRegister = async () => ({ statusCode: 503, body: '' });
      const { status, stderr } = await lab.boot(BOUNDARY);
      expect(status).toBe(0);
      expect(stderr).toContain(`could not register with ${lab.api.url}: podtime's watchdog will`);
    });
  });

  describe('is told where the API is', () => {
    really('by its argument or PODTIME_URL, with a slash at the end or without', async () => {
      lab.ntpsec();
      expect((await lab.host.run(CLIENT, [`${lab.api.url}//`])).status).toBe(0);
      expect((await lab.host.run(CLIENT, [], { PODTIME_URL: lab.api.url })).status).toBe(0);
      expect(lab.api.requests).toEqual(Array.from({ length: 2 }, () => 'GET /blue/client/us-west-2b/ntpsec.conf'));
    });

    const ends: [string, string][] = [
      ['a newline', '\n'],
      ['slashes and newlines', '//\n\n/\n'],
    ];
    really.each(ends)('also where it ends in %s', async (_, end) => {
      lab.ntpsec();
      expect((await lab.host.run(CLIENT, [`${lab.api.url}${end}`])).status).toBe(0);
      expect((await lab.host.run(CLIENT, [], { PODTIME_URL: `${lab.api.url}${end}` })).status).toBe(0);
      expect(lab.api.requests).toEqual(Array.from({ length: 2 }, () => 'GET /blue/client/us-west-2b/ntpsec.conf'));
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

  really('does nothing when it was itself cut off on its way', async () => {
    lab.ntpsec();
    const lines = BOUNDARY.split('\n');
    const call = lines.indexOf('main "$@"');
    for (let end = 5; end <= call; end += 23) await lab.host.run(lines.slice(0, end).join('\n'), [lab.api.url]);
    expect(lab.api.requests).toEqual([]);
    lab.expectUntouched();
  });
});
