import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Events } from '../watchdog/ports.ts';
import { namingAction } from './errors.ts';

/** podtime's own event, because CloudTrail shows Route 53 only in us-east-1. */
export const DNS_CHANGED = { source: 'podtime', detailType: 'DNS changed' } as const;

export function eventBridgeEvents(client: EventBridgeClient): Events {
  return {
    dnsChanged: (pod, names) =>
      namingAction(`telling that DNS changed in pod ${pod}`, async () => {
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
        );
        // PutEvents answers 200 also when it took none of the entries
        const [entry] = answer.Entries ?? [];
        if (entry?.ErrorCode) throw new Error(`${entry.ErrorCode}: ${entry.ErrorMessage ?? 'no message'}`);
      }),
  };
}
