import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Events } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { UnreadableAnswer } from './errors.ts';

/** podtime's own event, because CloudTrail shows Route 53 only in us-east-1. */
export const DNS_CHANGED = { source: 'podtime', detailType: 'DNS changed' } as const;

/** The event hastens what the next tick does anyway. */
const EVENT_LIMIT_MS = 5000;

/** Repeats an event whose answer was lost: of two ticks that it then starts one gives way. */
export function eventBridgeEvents(client: EventBridgeClient, call: Call): Events {
  return {
    dnsChanged: (pod, names) =>
      call(
        `telling that DNS changed in pod ${pod}`,
        async (options) => {
          const event = {
            Source: DNS_CHANGED.source,
            DetailType: DNS_CHANGED.detailType,
            Detail: JSON.stringify({ pod, names }),
          };
          const { Entries } = await client.send(new PutEventsCommand({ Entries: [event] }), options);
          const [entry] = Entries ?? [];
          if (!entry) throw new UnreadableAnswer('the answer has no entry');
          // PutEvents answers 200 also when it took none of the entries
          if (entry.ErrorCode) throw Object.assign(new Error(entry.ErrorMessage), { name: entry.ErrorCode });
          if (!entry.EventId) throw new UnreadableAnswer('the answer has no event id');
        },
        EVENT_LIMIT_MS,
      ),
  };
}
