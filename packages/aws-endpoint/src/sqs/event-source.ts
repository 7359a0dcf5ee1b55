import type { Announce } from '../events.ts';
import type { Invoke } from '../lambda/invoker.ts';
import type { Timers } from '../timers.ts';
import type { MappingDefinition } from './definition.ts';
import { type Message, md5, type Queue, systemAttributes } from './queue.ts';
import { queueArn } from './sqs.ts';

/** "Up to five" pollers run while nothing limits them (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const DEFAULT_CONCURRENCY = 5;

interface EventSource {
  mapping: MappingDefinition;
  queue: Queue;
  region: string;
  invoke: Invoke;
  timers: Timers;
  announce: Announce;
}

/**
 * Lambda's event source mapping of a queue: gathers messages for the batching window from the first on, hands them to the function, and deletes
 * those that it did not name as failed. What is left comes again when its visibility timeout is over.
 */
export function startEventSource({ mapping, queue, region, invoke, timers, announce }: EventSource): void {
  const { functionName, batchSize, windowSeconds, maximumConcurrency, reportsFailures } = mapping;
  let isGathering = false;
  let running = 0;
  /** Ends the gathering where the batch is full. */
  let full = () => {};

  const gather = () => {
    if (isGathering || running >= (maximumConcurrency ?? DEFAULT_CONCURRENCY) || queue.counts().visible === 0) return;
    isGathering = true;
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      isGathering = false;
      cancel();
      void handOver(queue.receive(batchSize)).then(gather);
      // what is over the batch, another run takes
      gather();
    };
    const cancel = timers.after(windowSeconds * 1000, end);
    full = () => {
      if (queue.counts().visible >= batchSize) end();
    };
    full();
  };
  const handOver = async (messages: Message[]): Promise<void> => {
    if (messages.length === 0) return;
    running += 1;
    const cause = queue.definition.name;
    announce({
      kind: 'function invoked',
      functionName,
      cause,
      attempt: Math.max(...messages.map((each) => each.receiveCount)),
    });
    try {
      const answer = await invoke(functionName, {
        Records: messages.map((message) => recordOf(message, queue, region)),
      });
      const failed = reportsFailures ? failedOf(answer, messages) : [];
      for (const { messageId, receiptHandle } of messages) {
        if (!failed.includes(messageId) && receiptHandle !== null) queue.delete(receiptHandle);
      }
    } catch (failure) {
      const message = failure instanceof Error ? failure.message : String(failure);
      announce({ kind: 'function failed', functionName, cause, attempt: 1, message, retried: true });
    } finally {
      running -= 1;
    }
  };

  queue.onVisible(() => (isGathering ? full() : gather()));
}

/** Ids of `batchItemFailures`; throws for an answer that fails the whole batch: an empty or unknown id, or no list. */
function failedOf(answer: unknown, messages: readonly Message[]): string[] {
  const { batchItemFailures: failures } = { ...(answer as { batchItemFailures?: unknown } | null) };
  if (failures === undefined || failures === null) return [];
  const ids = Array.isArray(failures)
    ? failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier)
    : [undefined];
  if (ids.some((id) => !messages.some(({ messageId }) => messageId === id)))
    throw new Error('batchItemFailures names what is no message of the batch: all of it counts as failed');
  return ids as string[];
}

function recordOf(message: Message, queue: Queue, region: string): Record<string, unknown> {
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: {},
    md5OfBody: md5(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn(queue, region),
    awsRegion: region,
  };
}
