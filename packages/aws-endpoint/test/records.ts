import {
  type Change,
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { type Bench, ZONE_ID } from '../src/testing/index.ts';

export const multivalue = (name: string, setIdentifier: string, address: string, ttl = 30): ResourceRecordSet => ({
  Name: name,
  Type: address.includes(':') ? 'AAAA' : 'A',
  SetIdentifier: setIdentifier,
  MultiValueAnswer: true,
  TTL: ttl,
  ResourceRecords: [{ Value: address }],
});

export const simple = (name: string, type: 'A' | 'CNAME' | 'TXT', value: string): ResourceRecordSet => ({
  Name: name,
  Type: type,
  TTL: 300,
  ResourceRecords: [{ Value: value }],
});

/** The bench's zone through the SDK, on the bench that is set up now. */
export function recordsOf(bench: () => Bench) {
  const send = (...changes: Change[]) =>
    bench().route53.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId: ZONE_ID, ChangeBatch: { Changes: changes } }),
    );
  const list = async () =>
    (await bench().route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: ZONE_ID }))).ResourceRecordSets ?? [];
  return {
    send,
    list,
    /** Sends, and lets the zone take it. */
    async change(...changes: Change[]) {
      const answer = await send(...changes);
      await bench().clock.advance(1_000);
      return answer;
    },
    /** All but the zone's own. */
    async podNames() {
      const sets = (await list()).filter((set) => set.Name !== 'pod.');
      return sets.map((set) => `${set.Name} ${set.Type} ${set.SetIdentifier ?? ''}`.trim());
    },
  };
}
