import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { handler as answering } from '../../handlers/config.ts';
import { FILES, render } from '../../src/config/files.ts';
import { type Fleet, findPod, type Pod } from '../../src/fleet/fleet.ts';
import { anyText } from '../builders/any-text.ts';
import { served } from '../builders/served-files.ts';
import fleet from '../builders/shipped-fleet.ts';
import { CONTEXT, proxyEvent } from './gateway.ts';
import { holding } from './openapi.ts';

const handler = holding(answering);

const blue = findPod(fleet, 'blue') as Pod;

function get(pod: string, tier: string, az: string, file: string, headers: Record<string, string> = {}) {
  return handler(proxyEvent('GET', { pod, tier, az, file }, headers), CONTEXT);
}

function problem(status: number, title: string, detail: string) {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: `${JSON.stringify({ title, status, detail })}\n`,
  };
}

describe('GET /{pod}/{tier}/{az}/{file}', () => {
  it.each(FILES)('serves %s as it is rendered, under its revision', async (file) => {
    const { text, revision } = served(file, { fleet, pod: blue, tier: 'client', az: 'us-west-2e' });
    expect(await get('blue', 'client', 'us-west-2e', file)).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache', etag: `"${revision}"` },
      body: text,
    });
  });

  it('takes an AZ by its name, its DNS name and its letter, and means the same', async () => {
    const named = await get('blue', 'boundary', 'us-west-2e', 'ntp.conf');
    expect(await get('blue', 'boundary', 'az-e', 'ntp.conf')).toEqual(named);
    expect(await get('blue', 'boundary', 'e', 'ntp.conf')).toEqual(named);
  });

  it('answers 304 to who has it, with nothing but its ETag', async () => {
    const { headers } = await get('blue', 'client', 'e', 'ntp.conf');
    const etag = String(headers?.etag);
    const notModified = { statusCode: 304, headers: { 'cache-control': 'no-cache', etag }, body: '' };
    for (const named of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      expect(await get('blue', 'client', 'e', 'ntp.conf', { 'If-None-Match': named })).toEqual(notModified);
    }
    for (const other of ['"x"', etag.replaceAll('"', ''), '', `${etag} nonsense`]) {
      expect((await get('blue', 'client', 'e', 'ntp.conf', { 'If-None-Match': other })).statusCode).toBe(200);
    }
  });

  it('answers HEAD with the headers of GET, the length of its body, and none', async () => {
    const whole = await get('blue', 'client', 'e', 'chrony.conf');
    const path = { pod: 'blue', tier: 'client', az: 'e', file: 'chrony.conf' };
    const headers = { ...whole.headers, 'content-length': String(Buffer.byteLength(whole.body)) };
    expect(await handler(proxyEvent('HEAD', path), CONTEXT)).toEqual({ ...whole, headers, body: '' });
  });
});

describe('GET /{pod}/{tier}/{az}/{file}?version=', () => {
  const asked = (file: string, version: string, az = 'e') => {
    const path = { pod: 'blue', tier: 'client', az, file };
    return handler(proxyEvent('GET', path, {}, '/{pod}/{tier}/{az}/{file}', { version }), CONTEXT);
  };
  const target = { fleet, pod: blue, tier: 'client', az: 'us-west-2e' } as const;

  it.each([
    ['4.3', []],
    ['4.4', [4, 4]],
    ['4.6.1', [4, 4]],
    ['4.8', [4, 8]],
    ['5.0-pre1', [4, 8]],
  ])('%s: the file of its class, under its own revision', async (version, least) => {
    const { text, revision } = render('chrony.conf', target, least);
    const answer = {
      statusCode: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache', etag: `"${revision}"` },
      body: text,
    };
    expect(await asked('chrony.conf', version)).toEqual(answer);
    // the second answer is one that was kept
    expect(await asked('chrony.conf', version)).toEqual(answer);
  });

  it('of a file that is one for all versions: that one', async () => {
    for (const file of ['ntp.conf', 'ntpsec.conf', 'boot.sh']) {
      expect(await asked(file, '4.8')).toEqual(await get('blue', 'client', 'e', file));
    }
  });

  it.each(['', 'x', '4.6 ', '4..6', '<script>', '4.6.1.2.3', '9'.repeat(100)])('%j: 400', async (version) => {
    expect(await asked('chrony.conf', version)).toEqual(
      problem(
        400,
        'Bad Request',
        "version is no version; give the daemon's as it tells it, such as version=4.6.1, or none.",
      ),
    );
  });

  it('of what is not there: 404', async () => {
    expect((await asked('chrony.cfg', '4.6')).statusCode).toBe(404);
  });
});

describe('GET /{pod}/{tier}/{az}/{file}?, of what is read by nobody', () => {
  const path = { pod: 'blue', tier: 'client', az: 'e', file: 'chrony.conf' };
  const asked = (...query: string[]) =>
    handler(
      proxyEvent('GET', path, {}, undefined, Object.fromEntries(query.map((name) => [name, 'boundary']))),
      CONTEXT,
    );
  const KNOWN = 'Of the query what may be asked with is version, revision.';

  it.each([
    ['verison', 'version'],
    ['versoin', 'version'],
    ['vresion', 'version'],
    ['ersion', 'version'],
    ['versio', 'version'],
    ['versions', 'version'],
    ['vercion', 'version'],
    ['Version', 'version'],
    ['VERSION ', 'version'],
    ['teir', 'tier, which stands in the path'],
    ['tier', 'tier, which stands in the path'],
    ['flie', 'file, which stands in the path'],
  ])('%s: 400, with what may be meant', async (name, meant) => {
    const sentence = `${JSON.stringify(name)} is no parameter: did you mean ${meant}? ${KNOWN}`;
    expect(await asked(name)).toEqual(problem(400, 'Bad Request', sentence));
    expect(await asked('v', name)).toEqual(problem(400, 'Bad Request', sentence));
  });

  it('is the file where it stands for nothing, such as what keeps caches from answering', async () => {
    const file = await handler(proxyEvent('GET', path), CONTEXT);
    expect(file.statusCode).toBe(200);
    const others = ['_', 't', 'ts', 'v', 'ver', 'time', 'cb', 'nocache', 'az', 'pod', 'pid', '', 'x'.repeat(9999)];
    for (const name of others) expect(await asked(name)).toEqual(file);
    expect(await asked(...others)).toEqual(file);
  });

  it('is the file or one sentence, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(anyText(), async (name) => {
        fc.pre(name !== 'version' && name !== '__proto__');
        expect([200, 400]).toContain((await asked(name)).statusCode);
      }),
    );
  });
});

describe('what is not there', () => {
  it('is not served for slashes that make a path of what is', async () => {
    await get('blue', 'client', 'e', 'ntp.conf');
    const parts: Record<string, string>[] = [
      { pod: 'blue/client', tier: 'e', az: 'ntp.conf' },
      { pod: 'blue', tier: 'client/e/ntp.conf' },
      { pod: '', tier: 'blue', az: 'client', file: 'e/ntp.conf' },
    ];
    for (const path of parts) expect((await handler(proxyEvent('GET', path), CONTEXT)).statusCode).toBe(404);
  });

  it.each([
    ['a pod', ['red', 'client', 'e', 'ntp.conf'], 'There is no such pod; the pods are blue, green.'],
    ['a tier', ['blue', 'server', 'e', 'ntp.conf'], 'There is no such tier; the tiers are boundary, client.'],
    [
      'an AZ',
      ['green', 'client', 'us-west-2e', 'ntp.conf'],
      'Pod green has no such AZ; its AZs are us-west-2a, us-west-2b, us-west-2c, also as az-a, az-b, az-c or the letter alone.',
    ],
    [
      'a file',
      ['blue', 'client', 'e', 'ntp.cfg'],
      'There is no such file; the files are ntp.conf, ntpsec.conf, chrony.conf, ntpd-rs.toml, boot.sh.',
    ],
    [
      'anything',
      ['../etc', 'root', '$(reboot)', '__proto__'],
      'There is no such pod; the pods are blue, green. There is no such tier; the tiers are boundary, client. ' +
        'There is no such file; the files are ntp.conf, ntpsec.conf, chrony.conf, ntpd-rs.toml, boot.sh.',
    ],
  ])('%s: 404, and what is there instead', async (_, [pod, tier, az, file], detail) => {
    expect(await get(pod as string, tier as string, az as string, file as string)).toEqual(
      problem(404, 'Not Found', detail),
    );
  });

  it('is never a 5xx, and never comes back in the answer, whatever the URL', async () => {
    const hostile = fc.oneof(anyText(), fc.constantFrom('blue', 'client', 'e', 'ntp.conf', 'toString'));
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, hostile, async (pod, tier, az, file) => {
        const { statusCode, body } = await get(pod, tier, az, `${file}<script>`);
        expect(statusCode).toBe(404);
        expect(body).not.toContain('<script>');
      }),
    );
  });
});

describe('what cannot be asked', () => {
  it('by another method: 405', async () => {
    const { statusCode, headers, body } = await handler(proxyEvent('POST', { pod: 'blue' }), CONTEXT);
    expect({ statusCode, allow: headers?.allow, body }).toEqual({
      statusCode: 405,
      allow: 'GET, HEAD',
      body: '{"title":"Method Not Allowed","status":405,"detail":"This path answers GET, HEAD."}\n',
    });
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'blue'],
    ['a list', [1]],
    ['no method', { pathParameters: {} }],
    ['parameters that are no text', { httpMethod: 'GET', pathParameters: { pod: { a: 1 } } }],
    ['headers that are no group', { httpMethod: 'GET', headers: 'x', pathParameters: {} }],
    ['header lists that are none', { httpMethod: 'GET', multiValueHeaders: { a: 'b' }, pathParameters: {} }],
  ])('by an event that is %s: 400', async (_, event) => {
    const detail =
      'This function answers API Gateway proxy events: httpMethod, headers and pathParameters as the gateway sends them.';
    expect(await handler(event, CONTEXT)).toEqual(problem(400, 'Bad Request', detail));
  });

  it('without path parameters: 404', async () => {
    expect((await handler(proxyEvent('GET', null), CONTEXT)).statusCode).toBe(404);
  });

  it('answers 409 to a boundary server of ntpd-rs where it could ask no upstream as the fleet file says', async () => {
    const [upstream] = fleet.upstreams as [Fleet['upstreams'][number]];
    const before = upstream.poll;
    upstream.poll = { min: 8, max: 12 };
    try {
      expect(await get('blue', 'boundary', 'us-west-2f', 'ntpd-rs.toml')).toEqual(
        problem(
          409,
          'Conflict',
          'ntpd-rs has one pair of limits for the polls of all its sources, and the upstreams have several (us-west-2b.stratum-2.invalid 8 to 12 and us-west-2c.stratum-2.invalid 6 to 10): no boundary server can run it.',
        ),
      );
    } finally {
      upstream.poll = before;
    }
  });

  it('answers 409 to a boundary server whose daemon has no NTS where upstreams are asked with it', async () => {
    const [upstream] = fleet.upstreams as [Fleet['upstreams'][number]];
    const status = async (tier: string, file: string, version: string) => {
      const path = { pod: 'blue', tier, az: 'us-west-2g', file };
      return (await handler(proxyEvent('GET', path, {}, undefined, { version }), CONTEXT)).statusCode;
    };
    upstream.nts = true;
    try {
      expect(await get('blue', 'boundary', 'us-west-2g', 'ntp.conf')).toEqual(
        problem(
          409,
          'Conflict',
          'There is no ntp.conf for boundary servers: the classic ntpd has no NTS. Boundary servers ask us-west-2b.stratum-2.invalid with NTS, as the fleet file says; chrony 4.0, ntpsec 1.2.0 or ntpd-rs, or later, can.',
        ),
      );
      expect([
        await status('boundary', 'chrony.conf', '3.5'),
        await status('boundary', 'chrony.conf', '4.0'),
        await status('boundary', 'chrony.conf', '3.5'),
        await status('client', 'ntp.conf', '4.2.8'),
      ]).toEqual([409, 200, 409, 200]);
    } finally {
      upstream.nts = false;
    }
  });

  it('answers 409 to a boundary server whose daemon cannot keep one time with the others of its pod', async () => {
    const pod = fleet.pods.find(({ name }) => name === 'blue') as Fleet['pods'][number];
    const status = async (tier: string, file: string, version: string) => {
      const path = { pod: 'blue', tier, az: 'us-west-2f', file };
      return (await handler(proxyEvent('GET', path, {}, undefined, { version }), CONTEXT)).statusCode;
    };
    pod.together = true;
    try {
      expect([
        await status('boundary', 'ntpsec.conf', '1.2.2'),
        await status('boundary', 'chrony.conf', '4.7'),
        await status('boundary', 'chrony.conf', '4.8'),
        await status('client', 'ntpsec.conf', '1.2.2'),
      ]).toEqual([409, 409, 200, 200]);
    } finally {
      pod.together = false;
    }
  });
});
