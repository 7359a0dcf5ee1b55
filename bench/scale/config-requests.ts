import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { handler as serveConfig } from '../../handlers/config.ts';
import { OWN_TIMEOUT } from '../../handlers/lambda/middy.ts';
import { median } from './measure.ts';

const REQUESTS = 10_000;
const ROUNDS = 31;

/** What every function of podtime's begins with, and nothing in it. */
const empty = middy(OWN_TIMEOUT).handler(async () => ({ statusCode: 200, body: '' }));

const context = { awsRequestId: '11111111-2222-4333-8444-555555555555', getRemainingTimeInMillis: () => 25_000 };

type Handler = (event: object, context: Context) => Promise<{ statusCode: number }>;

/** CPU of one request, us. */
async function usOf(handle: Handler, event: object): Promise<number> {
  const before = process.cpuUsage();
  for (let request = 0; request < REQUESTS; request += 1) {
    // the chain writes into its event
    const { statusCode } = await handle({ ...event }, context as Context);
    if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / REQUESTS;
}

export async function handler(event: object): Promise<{ configUs: number; emptyUs: number }> {
  const configUs: number[] = [];
  const emptyUs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    emptyUs.push(await usOf(empty as unknown as Handler, event));
    configUs.push(await usOf(serveConfig as unknown as Handler, event));
  }
  return { configUs: median(configUs), emptyUs: median(emptyUs) };
}
