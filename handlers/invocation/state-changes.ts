import type { InstanceEvent } from '../../src/watchdog/follow-instances.ts';
import { PayloadError, QUEUE, read, STATE_CHANGE } from './payload.ts';

/**
 * EC2's state changes as SQS hands them over, each by its message's id; `refused`: what cannot be read, each a sentence. Throws
 * `PayloadError` for what comes from no queue.
 */
export function stateChanges(payload: unknown): { changes: InstanceEvent[]; refused: string[] } {
  const changes: InstanceEvent[] = [];
  const refused: string[] = [];
  for (const { messageId, body } of read(QUEUE, payload).Records) {
    try {
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
      refused.push(`Message ${messageId} is no state change of EC2's: ${error.message}`);
    }
  }
  return { changes, refused };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new PayloadError(['The body is not JSON.']);
  }
}
