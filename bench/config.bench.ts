import { pathToFileURL } from 'node:url';
import type { Context } from 'aws-lambda';
import { http } from '../handlers/http/http.ts';
import { bundled } from './bundled.ts';
import type { Comparison } from './run.ts';

const context = { awsRequestId: '0a1b2c3d-0000', getRemainingTimeInMillis: () => 10_000 } as Context;
const FILES = ['ntp.conf', 'ntpsec.conf', 'chrony.conf', 'boot.sh'];

/** As API Gateway's REST proxy has it; each request is an object of its own. */
const request = (number: number) => ({
  httpMethod: 'GET',
  pathParameters: { pod: 'blue', tier: 'client', az: 'us-west-2b', file: FILES[number % FILES.length] },
  headers: { 'User-Agent': 'curl/8', 'If-None-Match': '"0123456789abcdef"' },
  multiValueHeaders: { 'User-Agent': ['curl/8'], 'If-None-Match': ['"0123456789abcdef"'] },
  body: null,
});

type Handler = (event: unknown, context: Context) => Promise<{ statusCode: number }>;

const { config } = await bundled(['config']);
const { handler } = (await import(pathToFileURL(config?.file ?? '').href)) as { handler: Handler };
const empty = http(['GET'], () => ({ type: 'text/plain', body: '' })) as unknown as Handler;

const answering = (asked: Handler) => async () => {
  for (let number = 0; number < 1000; number += 1) {
    const { statusCode } = await asked(request(number), context);
    if (statusCode !== 200) throw new Error(`answered with ${statusCode}`);
  }
};

export const comparisons: Comparison[] = [
  {
    name: 'serve 1,000 files',
    subject: answering(handler),
    against: 'an empty page by the same chain',
    baseline: answering(empty),
    // Seen: 1.3-1.7. Rendered anew for each host it was 13.
    atMost: 2,
  },
];
