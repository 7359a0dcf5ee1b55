import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { MappingDefinition } from '../src/sqs/definition.ts';
import { EMPTY_STACK, type Stack } from '../src/stack.ts';
import { addHost, type Bench, hostId, startBench } from '../src/testing/index.ts';

let bench: Bench;
afterEach(() => bench.close());

const MAPPING: MappingDefinition = {
  functionName: 'instances',
  queueName: 'events',
  batchSize: 5,
  windowSeconds: 10,
  maximumConcurrency: 2,
  reportsFailures: true,
};
const stackOf = (mapping: Partial<MappingDefinition> = {}): Stack => ({
  ...EMPTY_STACK,
  queues: [{ name: 'events', visibilitySeconds: 130, retentionSeconds: 300, delaySeconds: 0, waitSeconds: 0 }],
  mappings: [{ ...MAPPING, ...mapping }],
  rules: [
    {
      name: 'states',
      enabled: true,
      pattern: { source: ['aws.ec2'], detail: { state: ['terminated'] } },
      schedule: null,
      targets: [{ queueName: 'events', input: null, inputPath: null }],
    },
  ],
});

interface Batch {
  Records: { messageId: string; body: string; attributes: Record<string, string> }[];
}

/** Keeps the bodies of each batch, and answers by the last one's. */
async function given(stack: Stack, answer: (batch: Batch) => unknown = () => ({ batchItemFailures: [] })) {
  const batches: string[][] = [];
  bench = await startBench({
    stack,
    invoke: async (_, payload) => {
      const batch = payload as Batch;
      batches.push(batch.Records.map(({ body }) => body).toSorted());
      return answer(batch);
    },
  });
  return batches;
}
const send = (...bodies: string[]) =>
  Promise.all(
    bodies.map((MessageBody) =>
      bench.sqs.send(new SendMessageCommand({ QueueUrl: 'http://x/123456789012/events', MessageBody })),
    ),
  );

describe('an event source mapping', () => {
  it('waits for the window from the first message on, and hands all over together', async () => {
    const batches = await given(stackOf());
    await send('a');
    await bench.clock.advance(6_000);
    await send('b', 'c');
    await bench.clock.advance(3_000);
    expect(batches).toEqual([]);
    await bench.clock.advance(1_000);
    expect(batches).toEqual([['a', 'b', 'c']]);
    await bench.clock.advance(400_000);
    expect(batches).toHaveLength(1);
  });

  it('does not wait when the batch is full', async () => {
    const batches = await given(stackOf());
    await send('a', 'b', 'c', 'd', 'e');
    await bench.clock.advance(0);
    expect(batches).toEqual([['a', 'b', 'c', 'd', 'e']]);
  });

  it('runs no more at one time than it may', async () => {
    const ends: (() => void)[] = [];
    const batches = await given(stackOf(), () => new Promise<void>((resolve) => ends.push(resolve)));
    await send(...Array.from({ length: 15 }, (_, at) => String(at)));
    await bench.clock.advance(20_000);
    expect(batches).toHaveLength(2);
    ends.shift()?.();
    await bench.clock.advance(20_000);
    expect(batches).toHaveLength(3);
    for (const end of ends) end();
  });

  it('hands over again what is named as failed, and nothing else, when its visibility timeout is over', async () => {
    const batches = await given(stackOf(), ({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => body === 'b').map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    }));
    await send('a', 'b');
    await bench.clock.advance(10_000);
    await bench.clock.advance(139_000);
    expect(batches).toEqual([['a', 'b']]);
    await bench.clock.advance(1_000);
    expect(batches).toEqual([['a', 'b'], ['b']]);
    // three attempts within the retention of five minutes, and then it is gone
    await bench.clock.advance(1_000_000);
    expect(batches).toEqual([['a', 'b'], ['b'], ['b']]);
  });

  it.each<[string, () => unknown]>([
    ['throws', () => Promise.reject(new Error('down'))],
    ['names what is no message of the batch', () => ({ batchItemFailures: [{ itemIdentifier: 'x' }] })],
    ['names nothing by an empty id', () => ({ batchItemFailures: [{ itemIdentifier: '' }] })],
  ])('hands over all of it again when the function %s, and tells it', async (_, answer) => {
    const batches = await given(stackOf(), answer);
    await send('a', 'b');
    await bench.clock.advance(10_000);
    await bench.clock.advance(140_000);
    expect(batches).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(bench.events.filter(({ kind }) => kind === 'function failed')).toHaveLength(2);
  });

  it('takes no answer for all done, also without ReportBatchItemFailures', async () => {
    const batches = await given(stackOf({ reportsFailures: false, windowSeconds: 0 }), () => null);
    await send('a');
    await bench.clock.advance(400_000);
    expect(batches).toEqual([['a']]);
  });

  it('gets what a rule sends to its queue: the event as the message', async () => {
    const batches = await given(stackOf());
    addHost(bench, hostId(1));
    bench.endpoint.instances.terminate(hostId(1));
    await bench.clock.advance(60_000);
    const [[body = '{}'] = []] = batches;
    expect(JSON.parse(body)).toMatchObject({
      source: 'aws.ec2',
      detail: { 'instance-id': hostId(1), state: 'terminated' },
    });
  });

  it('whose queue is none of the template stops the start', async () => {
    bench = await startBench();
    await expect(startBench({ stack: stackOf({ queueName: 'none' }) })).rejects.toThrow(
      'the mapping of instances: its queue is none of the template',
    );
  });
});
