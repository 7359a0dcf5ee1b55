import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PayloadError } from '../../handlers/invocation/payload.ts';
import { stateChanges } from '../../handlers/invocation/state-changes.ts';
import { queued, stateChange } from '../builders/queued.ts';

const ID = 'i-0abcdef1234567890';
const SAMPLE = join(import.meta.dirname, '../../events/instances.json');

describe('messages of the queue', () => {
  it('are state changes, each by its message', () => {
    const { changes, refused } = stateChanges(
      queued({ ...stateChange(ID, 'running'), time: '2026-11-29T10:00:00Z' }, stateChange(ID, 'stopped')),
    );
    expect(changes).toEqual([
      { eventId: 'message-1', instanceId: ID, state: 'running', atMs: Date.UTC(2026, 10, 29, 10) },
      { eventId: 'message-2', instanceId: ID, state: 'stopped', atMs: 0 },
    ]);
    expect(refused).toEqual([]);
  });

  it('that are none cost no other, and are told', () => {
    const payload = queued(stateChange(ID, 'running'), stateChange('i-1', 'running'));
    const { changes, refused } = stateChanges({
      Records: [...payload.Records, { messageId: 'message-3', body: '{' }],
    });
    expect(changes.map(({ eventId }) => eventId)).toEqual(['message-1']);
    expect(refused).toEqual([
      'Message message-2 is no state change of EC2\'s: detail.instance-id must be an instance id (i- and 8 or 17 hexadecimal digits), not "i-1".',
      "Message message-3 is no state change of EC2's: The body is not JSON.",
    ]);
  });

  it.each<[string, unknown, string]>([
    [
      'has no body',
      { messageId: 'message-2' },
      "Message message-2 is no state change of EC2's: body is missing; it must be the message.",
    ],
    [
      'has no id',
      { body: JSON.stringify(stateChange(ID, 'stopped')) },
      "Records[1] is no state change of EC2's: messageId is missing; it must be a message id.",
    ],
    [
      'is no message',
      null,
      "Records[1] is no state change of EC2's: The payload must be an object with messageId, body, not null.",
    ],
  ])('of which one %s cost no other', (_, record, sentence) => {
    const { changes, refused } = stateChanges({ Records: [...queued(stateChange(ID, 'running')).Records, record] });
    expect(changes.map(({ eventId }) => eventId)).toEqual(['message-1']);
    expect(refused).toEqual([sentence]);
  });

  it('come from a queue, else the payload is refused', () => {
    expect(() => stateChanges(stateChange(ID, 'running'))).toThrow(PayloadError);
  });

  it('are what the sample of events/ holds', () => {
    const { changes, refused } = stateChanges(JSON.parse(readFileSync(SAMPLE, 'utf8')));
    expect([changes.length, refused]).toEqual([1, []]);
  });
});
