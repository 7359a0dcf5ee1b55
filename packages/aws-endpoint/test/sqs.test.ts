import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { QueueDefinition } from '../src/sqs/definition.ts';
import { EMPTY_STACK } from '../src/stack.ts';
import { type Bench, refusalOf, startBench } from '../src/testing/index.ts';

const QUEUE: QueueDefinition = {
  name: 'events',
  visibilitySeconds: 130,
  retentionSeconds: 300,
  delaySeconds: 0,
  waitSeconds: 0,
};

let bench: Bench;
let QueueUrl: string;
beforeEach(async () => {
  bench = await startBench({ stack: { ...EMPTY_STACK, queues: [QUEUE] } });
  const answer = await bench.sqs.send(new GetQueueUrlCommand({ QueueName: 'events' }));
  QueueUrl = answer.QueueUrl ?? '';
});
afterEach(() => bench.close());

const send = (MessageBody: string, more = {}) =>
  bench.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (more = {}) => {
  const { Messages = [] } = await bench.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }),
  );
  return Messages;
};
const bodies = async () => (await receive()).map(({ Body }) => Body);

describe('a queue', () => {
  it('hands a message over, hides it for the visibility timeout, and hands it over again until it is deleted', async () => {
    const { MessageId } = await send('one');
    const [first] = await receive({ MessageSystemAttributeNames: ['All'] });
    expect(first).toMatchObject({ MessageId, Body: 'one', Attributes: { ApproximateReceiveCount: '1' } });
    expect(await bodies()).toEqual([]);
    await bench.clock.advance(130_000);
    const [second] = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(second).toMatchObject({ Body: 'one', Attributes: { ApproximateReceiveCount: '2' } });
    await bench.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle ?? '' }));
    await bench.clock.advance(130_000);
    expect(await bodies()).toEqual([]);
  });

  it('forgets a message when its retention is over, also one under way', async () => {
    await send('one');
    await bench.clock.advance(200_000);
    expect(await bodies()).toEqual(['one']);
    await bench.clock.advance(130_000);
    expect(await bodies()).toEqual([]);
  });

  it('hands over no more than are asked for, and a delayed one later', async () => {
    await send('a');
    await send('b');
    await send('c', { DelaySeconds: 20 });
    expect(await receive({ MaxNumberOfMessages: undefined })).toHaveLength(1);
    expect(await receive()).toHaveLength(1);
    await bench.clock.advance(20_000);
    expect(await bodies()).toEqual(['c']);
  });

  it('makes one visible at once, or later, when it is told to', async () => {
    await send('one');
    const [first] = await receive();
    const ReceiptHandle = first?.ReceiptHandle ?? '';
    await bench.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    expect(await bodies()).toEqual(['one']);
  });

  it('deletes several, each by itself', async () => {
    await send('a');
    await send('b');
    const [one, two] = await receive();
    const answer = await bench.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: '1', ReceiptHandle: one?.ReceiptHandle ?? '' },
          { Id: '2', ReceiptHandle: two?.ReceiptHandle ?? '' },
          { Id: '3', ReceiptHandle: 'none' },
        ],
      }),
    );
    expect(answer.Successful).toEqual([{ Id: '1' }, { Id: '2' }]);
    expect(answer.Failed).toMatchObject([{ Id: '3', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
  });

  it('says how many it holds, and what it is', async () => {
    await send('a');
    await send('b');
    await send('c', { DelaySeconds: 20 });
    await receive({ MaxNumberOfMessages: 1 });
    const { Attributes } = await bench.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
      VisibilityTimeout: '130',
      MessageRetentionPeriod: '300',
      QueueArn: 'arn:aws:sqs:us-west-2:123456789012:events',
    });
  });

  it('lets a receiver wait for a message', async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await send('late');
    await bench.clock.advance(1000);
    expect((await waiting).map(({ Body }) => Body)).toEqual(['late']);
    const vain = receive({ WaitTimeSeconds: 1 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await bench.clock.advance(1000);
    expect(await vain).toEqual([]);
  });

  it('is measured by the age of its oldest message', async () => {
    await send('one');
    await bench.clock.advance(70_000);
    expect(bench.endpoint.metrics()).toMatchObject([
      { namespace: 'AWS/SQS', name: 'ApproximateAgeOfOldestMessage', dimensions: { QueueName: 'events' }, maximum: 60 },
    ]);
  });
});

describe('SQS refuses', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    ['another queue', () => send('x', { QueueUrl: 'http://localhost/123456789012/none' }), 'QueueDoesNotExist'],
    ['an empty message', () => send(''), 'InvalidParameterValue'],
    ['eleven at once', () => receive({ MaxNumberOfMessages: 11 }), 'InvalidParameterValue'],
    [
      'a handle that it did not give',
      () => bench.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'none' })),
      'ReceiptHandleIsInvalid',
    ],
    [
      'an attribute that there is not',
      () => bench.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Nothing' as 'All'] })),
      'InvalidAttributeName',
    ],
    [
      'no entry at all',
      () => bench.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [] })),
      'EmptyBatchRequest',
    ],
    [
      'two entries of one id',
      () =>
        bench.sqs.send(
          new DeleteMessageBatchCommand({
            QueueUrl,
            Entries: [
              { Id: '1', ReceiptHandle: 'a' },
              { Id: '1', ReceiptHandle: 'b' },
            ],
          }),
        ),
      'BatchEntryIdsNotDistinct',
    ],
  ])('%s', async (_, ask, code) => {
    expect((await refusalOf(ask())).name).toBe(code);
  });

  it('to change the visibility of what is not under way', async () => {
    await send('one');
    const [first] = await receive();
    await bench.clock.advance(130_000);
    const change = { QueueUrl, ReceiptHandle: first?.ReceiptHandle ?? '', VisibilityTimeout: 5 };
    expect((await refusalOf(bench.sqs.send(new ChangeMessageVisibilityCommand(change)))).name).toBe(
      'MessageNotInflight',
    );
  });
});
