import { ACCOUNT_ID, AwsError } from '../errors.ts';
import { jsonError, jsonInput, jsonOperation, jsonResponse, jsonUnknownOperation } from '../protocol/aws-json.ts';
import type { AwsRequest, AwsResponse } from '../request.ts';
import type { Service } from '../service.ts';
import type { Timers } from '../timers.ts';
import { type Message, md5, type Queue, systemAttributes } from './queue.ts';

/** API reference: SendMessage (1 MiB since 2025), ReceiveMessage, DeleteMessageBatch, ChangeMessageVisibility. */
const MAX_MESSAGE_BYTES = 1_048_576;
const MAX_RECEIVED = 10;
const MAX_WAIT_SECONDS = 20;
const MAX_BATCH_ENTRIES = 10;
const MAX_DELAY_SECONDS = 900;
const MAX_VISIBILITY_SECONDS = 43_200;

/** What SQS said before it spoke JSON, which its answers still tell (service model, `awsQueryError`). */
const QUERY_CODES: Record<string, string> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
};

type Input = Record<string, unknown>;

/** SQS's JSON API, version 2012-11-05, for standard queues of the stack: a message is sent, received and deleted. */
export function createSqs(queues: ReadonlyMap<string, Queue>, region: string, timers: Timers): Service {
  const queueOf = (input: Input): Queue => {
    const queue = queues.get(String(textOf(input, 'QueueUrl')).split('/').at(-1) ?? '');
    if (!queue) throw noQueue();
    return queue;
  };
  const operations: Record<string, (input: Input, host: string) => Input | null | Promise<Input>> = {
    GetQueueUrl(input, host) {
      const name = textOf(input, 'QueueName');
      if (!queues.has(name)) throw noQueue();
      return { QueueUrl: `http://${host}/${ACCOUNT_ID}/${name}` };
    },
    SendMessage(input) {
      const queue = queueOf(input);
      const body = textOf(input, 'MessageBody');
      if (body === '' || Buffer.byteLength(body) > MAX_MESSAGE_BYTES) {
        const limit = `must be between 1 and ${MAX_MESSAGE_BYTES} bytes`;
        throw new AwsError('InvalidParameterValue', `One or more parameters are invalid. Reason: Message ${limit}.`);
      }
      if (input.MessageAttributes !== undefined)
        throw new AwsError('UnsupportedOperation', 'The local endpoint has no message attributes.');
      const delay = numberOf(input, 'DelaySeconds', 0, MAX_DELAY_SECONDS);
      const { messageId } = queue.send(body, delay);
      return { MessageId: messageId, MD5OfMessageBody: md5(body) };
    },
    async ReceiveMessage(input) {
      const queue = queueOf(input);
      const most = numberOf(input, 'MaxNumberOfMessages', 1, MAX_RECEIVED) ?? 1;
      const visibility = numberOf(input, 'VisibilityTimeout', 0, MAX_VISIBILITY_SECONDS);
      const waitSeconds = numberOf(input, 'WaitTimeSeconds', 0, MAX_WAIT_SECONDS) ?? queue.definition.waitSeconds;
      const names = [input.MessageSystemAttributeNames ?? input.AttributeNames ?? []].flat() as string[];
      let received = queue.receive(most, visibility);
      if (received.length === 0 && waitSeconds > 0) {
        await visible(queue, waitSeconds);
        received = queue.receive(most, visibility);
      }
      return received.length === 0 ? {} : { Messages: received.map((message) => described(message, names)) };
    },
    DeleteMessage(input) {
      queueOf(input).delete(textOf(input, 'ReceiptHandle'));
      return null;
    },
    DeleteMessageBatch(input) {
      const queue = queueOf(input);
      const entries = (input.Entries ?? []) as { Id: string; ReceiptHandle: string }[];
      if (entries.length === 0)
        throw new AwsError(
          'EmptyBatchRequest',
          'There should be at least one DeleteMessageBatchRequestEntry in the request.',
        );
      if (entries.length > MAX_BATCH_ENTRIES) {
        const message = `Maximum number of entries per request are ${MAX_BATCH_ENTRIES}. You have sent ${entries.length}.`;
        throw new AwsError('TooManyEntriesInBatchRequest', message);
      }
      if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
        throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
      const failed: Input[] = [];
      const successful: Input[] = [];
      for (const { Id, ReceiptHandle } of entries) {
        try {
          queue.delete(ReceiptHandle);
          successful.push({ Id });
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          failed.push({ Id, SenderFault: true, Code: error.code, Message: error.message });
        }
      }
      return { Successful: successful, Failed: failed };
    },
    ChangeMessageVisibility(input) {
      const seconds = numberOf(input, 'VisibilityTimeout', 0, MAX_VISIBILITY_SECONDS);
      if (seconds === undefined) throw missing('VisibilityTimeout');
      queueOf(input).changeVisibility(textOf(input, 'ReceiptHandle'), seconds);
      return null;
    },
    GetQueueAttributes(input) {
      const all = attributesOf(queueOf(input), region);
      const names = (input.AttributeNames ?? []) as string[];
      const unknown = names.find((name) => name !== 'All' && !(name in all));
      if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
      const asked = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
      return asked.length === 0 ? {} : { Attributes: Object.fromEntries(asked) };
    },
  };

  /** Waits until a message can be received, or so long. */
  const visible = (queue: Queue, waitSeconds: number) =>
    new Promise<void>((resolve) => {
      const end = () => {
        forget();
        cancel();
        resolve();
      };
      const cancel = timers.after(waitSeconds * 1000, end);
      const forget = queue.onVisible(end);
    });

  return {
    operations: Object.keys(operations),
    operation: (request) => {
      const name = jsonOperation(request);
      return name !== null && Object.hasOwn(operations, name) ? name : null;
    },
    async handle(operation, request, requestId) {
      const output = await operations[operation]?.(jsonInput(request), request.headers.host ?? 'localhost');
      return jsonResponse('1.0', output ?? null, requestId);
    },
    refuse: (error: AwsError, _request: AwsRequest, requestId: string): AwsResponse => {
      const response = jsonError('1.0', error, requestId, 'message');
      const code = QUERY_CODES[error.code] ?? error.code;
      return { ...response, headers: { ...response.headers, 'x-amzn-query-error': `${code};Sender` } };
    },
    unknownOperation: jsonUnknownOperation('SQS', Object.keys(operations)),
    unsigned: () => new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token'),
    throttled: () => new AwsError('RequestThrottled', 'Rate exceeded'),
  };
}

function described(message: Message, names: readonly string[]): Input {
  const attributes = Object.entries(systemAttributes(message)).filter(
    ([name]) => names.includes('All') || names.includes(name),
  );
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(attributes.length > 0 && { Attributes: Object.fromEntries(attributes) }),
  };
}

export function queueArn(queue: Queue, region: string): string {
  return `arn:aws:sqs:${region}:${ACCOUNT_ID}:${queue.definition.name}`;
}

function attributesOf(queue: Queue, region: string): Record<string, string> {
  const { visible, inFlight, delayed } = queue.counts();
  const { visibilitySeconds, retentionSeconds, delaySeconds, waitSeconds } = queue.definition;
  return {
    QueueArn: queueArn(queue, region),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(visibilitySeconds),
    MessageRetentionPeriod: String(retentionSeconds),
    DelaySeconds: String(delaySeconds),
    ReceiveMessageWaitTimeSeconds: String(waitSeconds),
    MaximumMessageSize: String(MAX_MESSAGE_BYTES),
    SqsManagedSseEnabled: 'true',
  };
}

function noQueue(): AwsError {
  return new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
}

function missing(name: string): AwsError {
  return new AwsError('MissingRequiredParameterException', `The request must contain the parameter ${name}.`);
}

function textOf(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== 'string') throw missing(name);
  return value;
}

function numberOf(input: Input, name: string, least: number, most: number): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (!Number.isInteger(value) || Number(value) < least || Number(value) > most) {
    const reason = `Must be between ${least} and ${most}, if provided.`;
    throw new AwsError('InvalidParameterValue', `Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);
  }
  return Number(value);
}
