import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { hostNumber } from '../fleet.ts';
import { ROOT, succeeded } from '../functions.ts';
import { hosts, type Measure, seconds } from '../measure.ts';
import { StandIn } from '../stand-in.ts';

/** Clients that start together, beside the calls to EC2 that they may cost: for each batch one. */
const BURSTS = [
  { events: 100, ec2Calls: 1 },
  { events: 10_000, ec2Calls: 5 },
];
const FIRST_CLIENT = 100;
const SIZE = FIRST_CLIENT + Math.max(...BURSTS.map(({ events }) => events));
const TIMEOUT_SECONDS = 180;
/** Lambda takes no larger payload (quota of a synchronous invocation). */
const MOST_PAYLOAD_BYTES = 6 * 2 ** 20;

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

/** What Lambda calls the function with for so many clients that start together. */
function payloads(clients: number): object[] {
  const events = Array.from({ length: clients }, (_, number) => startEvent(FIRST_CLIENT + number));
  const size = batchSize();
  if (size === null) return events;
  const batches: object[] = [];
  for (let from = 0; from < events.length; from += size) {
    const batch = { Records: events.slice(from, from + size).map(record) };
    if (JSON.stringify(batch).length > MOST_PAYLOAD_BYTES) throw new Error(`${size} events are more than Lambda takes`);
    batches.push(batch);
  }
  return batches;
}

export const startEvents: Measure = {
  name: 'events',
  async *rows({ functions }) {
    const standIn = new StandIn(SIZE);
    const lambda = await functions.start('handlers/instances', { endpoint: await standIn.start() });
    try {
      for (const { events, ec2Calls: most } of BURSTS) {
        let cpuMs = 0;
        const batches = payloads(events);
        for (const batch of batches) cpuMs += (await succeeded(lambda.invoke(batch, TIMEOUT_SECONDS), 'a batch')).cpuMs;
        const calls = standIn.takeCalls();
        const ec2Calls = calls.filter(({ service }) => service === 'ec2').length;
        yield {
          measure: `start events of ${hosts(events)} clients`,
          goal: `<= ${most === 1 ? '1 call' : `${most} calls`} to EC2`,
          now: `${ec2Calls} to EC2, ${calls.length} in all, ${batches.length === 1 ? '1 run' : `${batches.length} runs`}, ${seconds(cpuMs)} of CPU`,
          holds: ec2Calls <= most,
          countsHold: ec2Calls <= most,
        };
      }
    } finally {
      await lambda.end();
      standIn.stop();
    }
  },
};
