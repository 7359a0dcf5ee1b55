import { createHash, randomUUID } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { Timers } from '../timers.ts';
import type { QueueDefinition } from './definition.ts';

/** A message of a standard queue. */
export interface Message {
  messageId: string;
  body: string;
  /** Epoch ms, as are the others. */
  sentAtMs: number;
  /** When it can be received, again or for the first time. */
  visibleAtMs: number;
  firstReceivedAtMs: number | null;
  receiveCount: number;
  /** Of the last time that it was received. */
  receiptHandle: string | null;
}

/** A standard queue: each message at least once, in no order, gone when it is deleted or its retention is over. */
export interface Queue {
  definition: QueueDefinition;
  send(body: string, delaySeconds?: number): Message;
  /** Up to so many that are visible, which then are not for `visibilitySeconds`. */
  receive(most: number, visibilitySeconds?: number): Message[];
  /** Throws `ReceiptHandleIsInvalid`; a message that is gone already is no fault. */
  delete(receiptHandle: string): void;
  changeVisibility(receiptHandle: string, seconds: number): void;
  counts(): { visible: number; inFlight: number; delayed: number };
  /** 0: it is empty. */
  oldestAgeSeconds(): number;
  /** Calls each time that messages may have become visible, until the answer is called. */
  onVisible(listener: () => void): () => void;
}

export function createQueue(definition: QueueDefinition, timers: Timers, random: () => number): Queue {
  const messages = new Set<Message>();
  const listeners = new Set<() => void>();
  const made = new Set<string>();
  const visibleAt = (message: Message, atMs: number) => {
    message.visibleAtMs = atMs;
    timers.after(atMs - timers.nowMs(), () => {
      for (const listener of [...listeners]) listener();
    });
  };
  const kept = () => {
    const oldestMs = timers.nowMs() - definition.retentionSeconds * 1000;
    for (const message of messages) if (message.sentAtMs <= oldestMs) messages.delete(message);
    return [...messages];
  };
  const byHandle = (receiptHandle: string) => {
    if (!made.has(receiptHandle)) throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
    return kept().find((message) => message.receiptHandle === receiptHandle);
  };
  return {
    definition,
    send(body, delaySeconds = definition.delaySeconds) {
      const nowMs = timers.nowMs();
      const message: Message = {
        messageId: randomUUID(),
        body,
        sentAtMs: nowMs,
        visibleAtMs: nowMs,
        firstReceivedAtMs: null,
        receiveCount: 0,
        receiptHandle: null,
      };
      messages.add(message);
      visibleAt(message, nowMs + delaySeconds * 1000);
      return message;
    },
    receive(most, visibilitySeconds = definition.visibilitySeconds) {
      const nowMs = timers.nowMs();
      const visible = kept().filter(({ visibleAtMs }) => visibleAtMs <= nowMs);
      const received: Message[] = [];
      while (received.length < most && visible.length > 0) {
        const [message] = visible.splice(Math.floor(random() * visible.length), 1) as [Message];
        message.receiptHandle = randomUUID();
        made.add(message.receiptHandle);
        message.receiveCount += 1;
        message.firstReceivedAtMs ??= nowMs;
        visibleAt(message, nowMs + visibilitySeconds * 1000);
        received.push(message);
      }
      return received;
    },
    delete(receiptHandle) {
      const message = byHandle(receiptHandle);
      if (message) messages.delete(message);
    },
    changeVisibility(receiptHandle, seconds) {
      const message = byHandle(receiptHandle);
      if (message === undefined || message.visibleAtMs <= timers.nowMs()) throw new AwsError('MessageNotInflight', '');
      visibleAt(message, timers.nowMs() + seconds * 1000);
    },
    counts() {
      const nowMs = timers.nowMs();
      const hidden = kept().filter(({ visibleAtMs }) => visibleAtMs > nowMs);
      const inFlight = hidden.filter(({ receiveCount }) => receiveCount > 0).length;
      return { visible: messages.size - hidden.length, inFlight, delayed: hidden.length - inFlight };
    },
    oldestAgeSeconds: () =>
      kept().reduce((oldest, { sentAtMs }) => Math.max(oldest, (timers.nowMs() - sentAtMs) / 1000), 0),
    onVisible(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** What SQS says of a message beside its body, all as text. */
export function systemAttributes(message: Message): Record<string, string> {
  return {
    SenderId: 'AIDAEXAMPLE',
    SentTimestamp: String(Math.round(message.sentAtMs)),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(Math.round(message.firstReceivedAtMs ?? message.sentAtMs)),
  };
}
