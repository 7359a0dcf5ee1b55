import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { isNamed } from '../../handlers/http/etag.ts';
import { type Call, http, type Page } from '../../handlers/http/http.ts';
import { Problem } from '../../handlers/http/problem.ts';
import { AwsCallError } from '../../src/aws/errors.ts';
import { anyText } from '../builders/any-text.ts';
import { CONTEXT, proxyEvent } from './gateway.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

function answering(page: Page | Error) {
  return http(['GET', 'HEAD', 'POST'], () => {
    if (page instanceof Error) throw page;
    return page;
  });
}

describe('an answer', () => {
  const page: Page = { type: 'application/json', body: '{}', tag: 'abc' };

  it('is never kept by a cache unless the handler says so', async () => {
    expect(await answering({ type: 'application/json', body: '{}' })(proxyEvent('GET', {}), CONTEXT)).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: '{}',
    });
  });

  it('to a POST is whole, whatever the caller has', async () => {
    const { statusCode } = await answering(page)(proxyEvent('POST', {}, { 'if-none-match': '*' }), CONTEXT);
    expect(statusCode).toBe(200);
  });

  it('that is not 200 is whole too', async () => {
    const answer = await answering({ ...page, status: 202 })(proxyEvent('GET', {}, { 'if-none-match': '*' }), CONTEXT);
    expect(answer).toMatchObject({ statusCode: 202, body: '{}' });
  });
});

describe('a handler', () => {
  it('sees parameters as the gateway decoded them', async () => {
    const seen: Call[] = [];
    const handler = http(['POST'], (call) => {
      seen.push(call);
      return { type: 'text/plain', body: '' };
    });
    const events = [
      { ...proxyEvent('POST', { pod: 'b/ue' }), queryStringParameters: { after: '1' } },
      proxyEvent('POST', null),
    ];
    for (const event of events) await handler(event, CONTEXT);
    expect(seen).toEqual([
      { path: { pod: 'b/ue' }, query: { after: '1' }, event: events[0] },
      { path: {}, query: {}, event: events[1] },
    ]);
  });

  it.each([
    ['a', 304],
    ['b', 304],
    ['x', 200],
  ])('answers who has %s, by a header in any case that was sent twice, with %i', async (tag, status) => {
    const event = proxyEvent('GET', {}, { 'If-None-Match': '"x"', 'X-One-and-More': '"c"' });
    event.multiValueHeaders = { 'X-One-and-More': ['"c"'], 'If-NONE-match': ['"a"', '"b"'] };
    const { statusCode } = await answering({ type: 'text/plain', body: '', tag })(event, CONTEXT);
    expect(statusCode).toBe(status);
  });
});

describe('an error', () => {
  it('of the caller is answered as it stands, with its headers, and not logged', async () => {
    const log = jest.spyOn(console, 'error').mockImplementation(() => {});
    const answer = await answering(new Problem(429, 'Too often.', { 'retry-after': '5' }))(
      proxyEvent('GET', {}),
      CONTEXT,
    );
    expect(answer).toEqual({
      statusCode: 429,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'retry-after': '5' },
      body: '{"title":"Too Many Requests","status":429,"detail":"Too often."}\n',
    });
    expect(log).not.toHaveBeenCalled();
  });

  it('that nobody foresaw is a 500 that tells nothing; the log tells, by the request id', async () => {
    const log = jest.spyOn(console, 'error').mockImplementation(() => {});
    const error = new Error('the table secrets is gone', { cause: new Error('socket') });
    const { statusCode, body } = await answering(error)(proxyEvent('GET', { pod: 'blue' }), CONTEXT);
    expect({ statusCode, body }).toEqual({
      statusCode: 500,
      body: `${JSON.stringify({
        title: 'Internal Server Error',
        status: 500,
        detail: `podtime failed at this request. Its log has request ${CONTEXT.awsRequestId}.`,
      })}\n`,
    });
    expect(log.mock.calls).toEqual([
      [
        {
          pod: 'blue',
          tickId: '111111112222',
          requestId: CONTEXT.awsRequestId,
          failed: error.message,
          stack: error.stack,
          cause: 'Error: socket',
        },
      ],
    ]);
  });

  it('to HEAD has no body', async () => {
    const answer = await answering(new Problem(404, 'Nothing.'))(proxyEvent('HEAD', {}), CONTEXT);
    expect(answer).toMatchObject({ statusCode: 404, body: '' });
  });

  it('of a handler that Lambda would soon end is a 504', async () => {
    jest.spyOn(console, 'error').mockImplementation(() => {});
    const slow = http(['GET'], () => new Promise<Page>(() => {}));
    const answer = await slow(proxyEvent('GET', {}), { ...CONTEXT, getRemainingTimeInMillis: () => 20 });
    expect(answer).toMatchObject({ statusCode: 504, headers: { 'content-type': 'application/problem+json' } });
  });
});

describe('a call to AWS that failed', () => {
  it.each([
    ['AccessDenied', 502],
    ['TimeoutError', 504],
    ['NoTimeLeft', 504],
  ])("with %s is a %i in podtime's words: the service's own go to the log", async (code, status) => {
    jest.spyOn(console, 'error').mockImplementation(() => {});
    const cause = new Error('User: arn:aws:sts::123456789012:assumed-role/podtime is not authorized');
    const error = new AwsCallError('reading pod blue', `${code} (log entry 0a1b.1)`, code, { cause });
    const { statusCode, body } = await answering(error)(proxyEvent('GET', {}), CONTEXT);
    expect([statusCode, JSON.parse(body).detail]).toEqual([status, `Reading pod blue: ${code} (log entry 0a1b.1).`]);
    expect(body).not.toContain('123456789012');
  });
});

describe('If-None-Match', () => {
  const tag = fc.stringMatching(/^[!#-~]{0,12}$/).map((text) => `"${text}"`);

  it('names a tag that stands in its list, weak or strong', () => {
    fc.assert(
      fc.property(fc.array(tag), fc.array(tag), tag, fc.boolean(), (before, after, etag, weak) => {
        const list = [...before, weak ? `W/${etag}` : etag, ...after].join(', ');
        expect(isNamed(etag, list)).toBe(true);
      }),
    );
  });

  it('names no tag that does not', () => {
    fc.assert(
      fc.property(fc.array(tag), tag, (list, etag) => {
        fc.pre(!list.includes(etag));
        expect(isNamed(etag, list.join(','))).toBe(false);
      }),
    );
  });

  it('of any text is read without a throw', () => {
    fc.assert(fc.property(anyText(), (text) => typeof isNamed('"a"', text) === 'boolean'));
    expect(isNamed('"a"', '"'.repeat(8000))).toBe(false);
    expect(isNamed('"a"', undefined)).toBe(false);
  });
});
