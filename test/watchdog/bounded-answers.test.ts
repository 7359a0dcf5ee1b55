import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import { MOST_ENTRIES } from '../../src/fleet/gathering.ts';
import type { PublishedRecord } from '../../src/fleet/records.ts';
import { registerServers, retirePod } from '../../src/watchdog/membership.ts';
import { BLUE, GREEN, startTwoPods, type TwoPods } from '../builders/two-pods.ts';

/** More servers than anybody has, as a tag that stands on the wrong hosts makes them. Route 53 takes 100 of a name. */
const SERVERS = 240;
const azOf = (n: number) => 'abc'[n % 3] ?? '';

let pods: TwoPods;
beforeEach(async () => {
  pods = await startTwoPods();
  for (let n = 1; n <= SERVERS; n += 1) pods.addServer(BLUE, n, `us-west-2${azOf(n)}`);
});
afterEach(() => pods.close());

const recordOf = (n: number) => `ntp.az-${azOf(n)}.pod A 10.0.2.${n} (${hostId(n)})`;
const gathered = (outcome: string) =>
  `${SERVERS} records to register: ${outcome} (${recordOf(1)}, ${recordOf(2)} and ${SERVERS - 2} more; of ${recordOf(1)}: ${hostId(1)} runs at 10.0.2.1: ${outcome}`;

describe('answers about more servers than a list holds', () => {
  it('of register count all of them', async () => {
    const { answer, changes, undone } = await registerServers(pods.run, BLUE);
    expect([changes, undone, answer.changes.length]).toEqual([SERVERS, 0, MOST_ENTRIES]);
    expect(answer.sentences).toEqual([
      '40 more record changes are not listed; 0 of them are not done.',
      `${gathered('done')}).`,
    ]);
  });

  it('of register count what Route 53 did not take, also what is not listed', async () => {
    const zone = { ...pods.run.ports.zone, change: () => Promise.reject(new Error('AccessDenied')) };
    const { answer, changes, undone } = await registerServers(
      { ...pods.run, ports: { ...pods.run.ports, zone } },
      BLUE,
    );
    expect([changes, undone, answer.changes.length]).toEqual([SERVERS, SERVERS, MOST_ENTRIES]);
    expect(answer.sentences).toEqual([
      '40 more record changes are not listed; 40 of them are not done.',
      `${gathered('failed')}: AccessDenied).`,
    ]);
  });

  it('names each name once where a batch fails', async () => {
    pods.endpoint.faults.next('ChangeResourceRecordSets', 'AccessDenied', { times: 1 });
    const changes = Array.from({ length: 200 }, (_, index) => {
      const [name, setIdentifier] = [`ntp.az-${azOf(index)}.pod`, hostId(index)];
      return {
        action: 'UPSERT' as const,
        name,
        type: 'A' as const,
        setIdentifier,
        address: '10.0.2.5',
        ttlSeconds: 30,
        reason: '',
      };
    });
    await expect(pods.run.ports.zone.change(BLUE, changes, 'test')).rejects.toThrow(
      /^changing ntp\.az-a\.pod, ntp\.az-b\.pod, ntp\.az-c\.pod in zone \w+ of pod blue: AccessDenied/,
    );
  });

  it('of instances lists as many, and fails none', async () => {
    const ids = Array.from({ length: SERVERS }, (_, index) => hostId(index + 1));
    const answer = await pods.follow(...ids.map((id): [string, string] => [id, 'running']));
    expect(pods.published()).toHaveLength(SERVERS);
    expect([answer.failed, answer.changes.length]).toEqual([[], MOST_ENTRIES]);
    expect(answer.sentences).toEqual([
      '40 more record changes are not listed; 0 of them are not done.',
      `${gathered('done')}).`,
    ]);
  });

  it('of instances count what is not listed of all pods together', async () => {
    const ofEach = Array.from({ length: 150 }, (_, index) => index + 1);
    for (const n of ofEach) {
      const [instanceId, az] = [hostId(n + SERVERS), `us-west-2${'ab'[n % 2]}`];
      const tags = { 'ntp-pod': 'green', 'ntp-tier': 'boundary' };
      pods.endpoint.instances.adopt({ instanceId, vpc: GREEN.vpc, az, ipv4: `10.30.2.${n}`, tags });
    }
    const running = (n: number): [string, string] => [hostId(n), 'running'];
    const { changes, sentences } = await pods.follow(
      ...ofEach.map(running),
      ...ofEach.map((n) => running(n + SERVERS)),
    );
    expect(pods.published()).toHaveLength(300);
    expect(changes).toHaveLength(MOST_ENTRIES);
    expect(sentences[0]).toBe('100 more record changes are not listed; 0 of them are not done.');
    expect(sentences.slice(1)).toEqual(Array(2).fill(expect.stringMatching(/^150 records to register: done/)));
  });

  it('of retiring a pod gather ten thousand records', async () => {
    const records = Array.from({ length: 10_000 }, (_, index): PublishedRecord => {
      const setIdentifier = hostId(index + 1000);
      const address = `10.0.${index >> 8}.${index & 255}`;
      const name = 'ntp.az-c.pod';
      return { name, type: 'A', setIdentifier, multivalue: true, ttlSeconds: 30, addresses: [address], raw: {} };
    });
    const living = records.slice(0, 5000).map(({ setIdentifier }) => [setIdentifier ?? '', 'running'] as const);
    const { instances, zone, ...ports } = pods.run.ports;
    const unknown = records.slice(5000).map(({ setIdentifier }) => setIdentifier ?? '');
    const statesOf = async () => ({ states: new Map(living), unknown, faults: [] });
    const stubbed = {
      ...ports,
      instances: { ...instances, statesOf },
      zone: { ...zone, records: async () => records },
    };
    const answer = await retirePod({ ...pods.run, ports: stubbed }, BLUE, true);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(100_000);
    expect(answer.changes.length).toBeGreaterThan(100);
    expect(answer.sentences).toEqual([
      expect.stringMatching(/^4\d\d\d more record changes are not listed; 4\d\d\d of them are not done\.$/),
      expect.stringMatching(/^5000 records to withdraw: planned \(/),
      expect.stringMatching(
        /^5000 records stay: their owners live, though EC2 does not list them among the pod's hosts\. Stop these first \(/,
      ),
    ]);
  });
});
