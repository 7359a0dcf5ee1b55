import { DEAD_STATES } from '../../src/fleet/fleet.ts';
import { list, oneOf, optional, TEXT } from '../../src/fleet/json-schema.ts';
import { printable } from '../../src/fleet/printable.ts';
import type { InstanceEvent } from '../../src/watchdog/follow-instances.ts';
import { ID } from './instance-ids.ts';
import { must, only, open, PayloadError, read } from './payload.ts';

const STATES = ['pending', 'running', ...DEAD_STATES] as const;

/** EC2's `EC2 Instance State-change Notification`, as EventBridge delivers it. */
export const STATE_CHANGE = open({
  source: only('aws.ec2'),
  'detail-type': only('EC2 Instance State-change Notification'),
  /** `2026-01-02T03:04:05Z` */
  time: optional(must('a time', TEXT)),
  detail: open({ 'instance-id': ID, state: must(`one of ${STATES.join(', ')}`, oneOf(STATES)) }),
});

/** What SQS hands to a function: messages, each read by itself so that none costs another. */
const QUEUE = open({ Records: must('a list of messages', list<unknown>({})) });

/** A message of it, with the id that a failure is named by. */
const MESSAGE = open({ messageId: must('a message id', TEXT), body: must('the message', TEXT) });

/** SQS's ids have 36. */
const ID_CHARACTERS = 100;

/**
 * EC2's state changes as SQS hands them over, each by its message's id; `refused`: what cannot be read, each a sentence. Throws
 * `PayloadError` for what comes from no queue.
 */
export function stateChanges(payload: unknown): { changes: InstanceEvent[]; refused: string[] } {
  const changes: InstanceEvent[] = [];
  const refused: string[] = [];
  for (const [index, record] of read(QUEUE, payload).Records.entries()) {
    try {
      const { messageId, body } = read(MESSAGE, record);
      const { time, detail } = read(STATE_CHANGE, parse(body));
      const atMs = Date.parse(time ?? '');
      changes.push({
        eventId: messageId,
        instanceId: detail['instance-id'],
        state: detail.state,
        atMs: Number.isNaN(atMs) ? 0 : atMs,
      });
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error;
      refused.push(`${messageName(record, index)} is no state change of EC2's: ${error.message}`);
    }
  }
  return { changes, refused };
}

/** `Message 0a1b…`; of one without an id its place. */
function messageName(record: unknown, index: number): string {
  const { messageId } = { ...(record as { messageId?: unknown } | null) };
  return typeof messageId === 'string' ? `Message ${printable(messageId, ID_CHARACTERS).text}` : `Records[${index}]`;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new PayloadError(['The body is not JSON.']);
  }
}
