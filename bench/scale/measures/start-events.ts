import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { hostNumber } from '../fleet.ts';
import { ROOT, succeeded } from '../functions.ts';
import type { Measure } from '../measure.ts';
import { StandIn } from '../stand-in.ts';

const SIZE = 1000;
const EVENTS = 100;
const FIRST_CLIENT = 100;
const TIMEOUT_SECONDS = 180;

interface SqsSource {
  batchSize?: number;
}

/** How the function gets EC2's events: one by one, or by a queue in batches of so many. */
function batchSize(): number | null {
  const service = parse(readFileSync(join(ROOT, 'serverless.yml'), 'utf8')) as {
    functions: Record<string, { events?: { sqs?: SqsSource }[] }>;
  };
  const source = service.functions.instances?.events?.find(({ sqs }) => sqs)?.sqs;
  return source ? (source.batchSize ?? 10) : null;
}

const startEvent = (number: number) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '123456789012',
  time: '2026-11-29T08:00:00Z',
  region: 'us-west-2',
  resources: [],
  detail: { 'instance-id': hostNumber(number).instanceId, state: 'running' },
});

const record = (event: object) => ({
  messageId: randomUUID(),
  receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
  body: JSON.stringify(event),
  attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) },
  messageAttributes: {},
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-west-2:123456789012:podtime-bench-instances',
  awsRegion: 'us-west-2',
});

/** What Lambda calls the function with for a hundred clients that start together. */
function payloads(): object[] {
  const events = Array.from({ length: EVENTS }, (_, number) => startEvent(FIRST_CLIENT + number));
  const size = batchSize();
  if (size === null) return events;
  const batches: object[] = [];
  for (let from = 0; from < events.length; from += size) {
    batches.push({ Records: events.slice(from, from + size).map(record) });
  }
  return batches;
}

export const startEvents: Measure = {
  name: 'events',
  async *rows({ functions }) {
    const standIn = new StandIn(SIZE);
    const lambda = await functions.start('handlers/instances', { endpoint: await standIn.start() });
    try {
      for (const payload of payloads()) await succeeded(lambda.invoke(payload, TIMEOUT_SECONDS), 'an event');
      const calls = standIn.takeCalls();
      const ec2Calls = calls.filter(({ service }) => service === 'ec2').length;
      yield {
        measure: `start events of ${EVENTS} clients`,
        goal: '<= 1 call to EC2',
        now: `${ec2Calls} to EC2, ${calls.length} in all`,
        holds: ec2Calls <= 1,
      };
    } finally {
      await lambda.end();
      standIn.stop();
    }
  },
};
