import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Events } from '../watchdog/ports.ts';
import type { Call } from './call.ts';

/** podtime's own event, because CloudTrail shows Route 53 only in us-east-1. */
export const DNS_CHANGED = { source: 'podtime', detailType: 'DNS changed' } as const;

export function eventBridgeEvents(client: EventBridgeClient, call: Call): Events {
  return {
    dnsChanged: (pod, names) =>
      call(`telling that DNS changed in pod ${pod}`, async (options) => {
        const answer = await client.send(
          new PutEventsCommand({
            Entries: [
              {
                Source: DNS_CHANGED.source,
                DetailType: DNS_CHANGED.detailType,
                Detail: JSON.stringify({ pod, names }),
              },
            ],
          }),
          options,
        );
        // PutEvents answers 200 also when it took none of the entries
        const [entry] = answer.Entries ?? [];
        if (entry?.ErrorCode) throw Object.assign(new Error(entry.ErrorMessage), { name: entry.ErrorCode });
      }),
  };
}
