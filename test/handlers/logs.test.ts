import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { http } from '../../handlers/http/http.ts';
import { invocation } from '../../handlers/invocation/invocation.ts';
import { PayloadError } from '../../handlers/invocation/payload.ts';
import { CONTEXT, proxyEvent } from './gateway.ts';

const TICK = '111111112222';
type Level = 'info' | 'warn' | 'error';

let lines: [Level, unknown[]][];

beforeEach(() => {
  lines = [];
  for (const level of ['info', 'warn', 'error'] as const) {
    jest.spyOn(console, level).mockImplementation((...said) => void lines.push([level, said]));
  }
});
afterEach(() => {
  jest.restoreAllMocks();
});

/**
 * What CloudWatch gets of a line: Lambda's JSON format puts the one argument of a call, when it is the only one, under
 * `message` as it is (aws-lambda-ric 3.3.0, formatJsonMessage); several would be run together to text.
 */
function logged(): { level: Level; message: Record<string, unknown> }[] {
  return lines.map(([level, said]) => {
    expect(said).toHaveLength(1);
    return JSON.parse(JSON.stringify({ level, message: said[0] }));
  });
}

const answering = invocation(async () => ({ sentences: ['Done.'] }));
const failing = invocation(async () => {
  throw new Error('EC2 did not answer', { cause: new Error('ETIMEDOUT') });
});
const refusing = invocation(async () => {
  throw new PayloadError(['pod is missing.']);
});
const SCHEDULED = { pod: 'blue', scheduled: true };
const DNS_CHANGED = { source: 'podtime', 'detail-type': 'DNS changed', detail: { pod: 'green', names: [] } };

describe('a line of the log', () => {
  it.each([
    ['of a schedule', SCHEDULED, 'blue'],
    ['of an event', DNS_CHANGED, 'green'],
  ])('%s has pod and tick id as fields', async (_, payload, pod) => {
    await answering(payload, CONTEXT);
    expect(logged()).toEqual([{ level: 'info', message: { pod, tickId: TICK, sentences: ['Done.'] } }]);
  });

  it('has them when the run fails, with the cause, and the failure goes on to Lambda', async () => {
    await expect(failing(SCHEDULED, CONTEXT)).rejects.toThrow('EC2 did not answer');
    expect(logged()).toEqual([
      {
        level: 'error',
        message: { pod: 'blue', tickId: TICK, failed: 'EC2 did not answer', cause: 'Error: ETIMEDOUT' },
      },
    ]);
  });

  it('has them when a payload is refused', async () => {
    await refusing(DNS_CHANGED, CONTEXT);
    expect(logged()).toEqual([
      { level: 'warn', message: { pod: 'green', tickId: TICK, refused: ['pod is missing.'] } },
    ]);
  });

  it.each([null, 'text', 7, {}, { detail: null }])('names no pod where the payload %p tells none', async (payload) => {
    await answering(payload, CONTEXT);
    expect(logged()).toEqual([{ level: 'info', message: { tickId: TICK, sentences: ['Done.'] } }]);
  });

  it('has them when an answer of the API fails', async () => {
    const broken = http(['GET'], () => {
      throw new TypeError('no such thing');
    });
    await broken(proxyEvent('GET', { pod: 'blue' }), CONTEXT as Context);
    expect(logged()).toEqual([
      {
        level: 'error',
        message: expect.objectContaining({ pod: 'blue', tickId: TICK, failed: 'no such thing' }),
      },
    ]);
  });

  /** A log event of CloudWatch (CloudWatch Logs quotas). */
  const LOG_EVENT_BYTES = 262_144;
  const bytesOf = (line: unknown) => Buffer.byteLength(JSON.stringify(line));

  it('has an end, whatever a payload holds and an error says', async () => {
    const long = '"\u{1f600}'.repeat(500_000);
    const explaining = invocation(async () => {
      throw new Error('EC2 refused', { cause: new Error(long) });
    });
    const complaining = invocation(async () => {
      throw new PayloadError(Array.from({ length: 50_000 }, (_, index) => `Field ${index} ${long.slice(0, 100)}`));
    });
    const talking = invocation(async () => ({ sentences: Array.from({ length: 50_000 }, () => long.slice(0, 300)) }));
    await answering({ pod: long }, CONTEXT);
    await answering({ pod: { name: long } }, CONTEXT);
    const { sentences } = (await talking(SCHEDULED, CONTEXT)) as { sentences: string[] };
    expect(sentences.at(-1)).toMatch(/^\d+ more sentences are left out\.$/);
    await complaining(SCHEDULED, CONTEXT);
    await expect(explaining(SCHEDULED, CONTEXT)).rejects.toThrow('EC2 refused');
    const broken = http(['GET'], () => {
      throw new TypeError('no such thing', { cause: long });
    });
    await broken(proxyEvent('GET', { pod: 'blue' }), CONTEXT as Context);
    const written = logged();
    expect(written).toHaveLength(6);
    expect(written.map(bytesOf).filter((bytes) => bytes > LOG_EVENT_BYTES)).toEqual([]);
    expect(written[0]?.message.pod).toMatch(/^\\u\{22\}\\u\{1f600\}/);
    expect(written[1]?.message).not.toHaveProperty('pod');
    expect(written[3]?.message.refused).toContain('49801 more sentences are left out.');
  });
});
