import { ChangeResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId, ZONE_ID } from '@podtime/aws-endpoint/testing';
import type { RecordChange } from '../../src/plan/plan.ts';
import { applyChanges } from '../../src/watchdog/apply.ts';
import type { Changing } from '../../src/watchdog/ports.ts';
import { type Printed, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

// A withdrawal that the floor limits is only right while the servers stand in DNS that the plan counts on.

const [ILL, OTHER, DEAD] = [11, 12, 13].map(hostId) as [string, string, string];
const [B, C, A] = ['us-west-2b', 'us-west-2c', 'us-west-2a'] as const;
const MINUTE_MS = 60_000;

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  pod.mode('act');
  const { zone } = pod.run.ports;
  pod.run.ports.zone = {
    ...zone,
    async change(...asked) {
      // the zone is done with what was changed before
      await pod.clock.advance(MINUTE_MS);
      return zone.change(...asked);
    },
  };
});
afterEach(() => pod.close());

const published = () =>
  pod.endpoint
    .records()
    .filter(({ name }) => name.startsWith('ntp.'))
    .map(({ name, setIdentifier }) => `${name} ${setIdentifier ?? 'simple'}`)
    .toSorted();

const change = (...changes: ['CREATE' | 'DELETE', ResourceRecordSet][]) =>
  pod.route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: ZONE_ID,
      ChangeBatch: { Changes: changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet })) },
    }),
  );

/** A record in whose way no multivalue record is let in. */
const simple = (letter: string): ResourceRecordSet => ({
  Name: `ntp.az-${letter}.pod.`,
  Type: 'A',
  TTL: 300,
  ResourceRecords: [{ Value: '10.0.9.9' }],
});

/** Somebody changes the zone at the console after the next tick has read it, and before it changes it. */
function afterZoneRead(happen: () => Promise<unknown>): void {
  const { zone } = pod.run.ports;
  pod.run.ports.zone = {
    ...zone,
    async read(of) {
      const reading = await zone.read(of);
      pod.run.ports.zone = zone;
      await happen();
      return reading;
    },
  };
}

/** As somebody who mistakes it for one of the old days. */
async function replaceRecord(letter: string): Promise<void> {
  const { records } = await pod.run.ports.zone.read(pod.pod);
  const [listed] = records.filter(({ name }) => name === `ntp.az-${letter}.pod`);
  await change(['DELETE', listed?.raw as ResourceRecordSet], ['CREATE', simple(letter)]);
}

let ticks = 0;
async function tickAfter(ms: number) {
  await pod.clock.advance(ms);
  ticks += 1;
  const { report, unfinished } = await pod.tick({ tickId: `tick-${ticks}` });
  const outcomes = report.changes.map(({ action, setIdentifier, outcome }) => `${action} ${setIdentifier}: ${outcome}`);
  return { report, unfinished, outcomes };
}

/** A server that has been bad for so long that the next tick withdraws it, if another stands. */
async function givenIll(): Promise<void> {
  pod.addHost(11, 'boundary', B, { offsetMs: 80 });
  for (let minutes = 0; minutes <= 10; minutes += 5) await tickAfter(5 * MINUTE_MS);
}

const refusedAt = (letter: string) =>
  `failed: changing ntp.az-${letter}.pod in zone ${ZONE_ID} of pod blue: InvalidChangeBatch`;

describe('the withdrawal of the only server in DNS, beside the registration of one that is well', () => {
  beforeEach(async () => {
    await givenIll();
    pod.addHost(12, 'boundary', C);
  });

  it('goes with it', async () => {
    const { outcomes } = await tickAfter(5 * MINUTE_MS);
    expect(outcomes).toEqual([`UPSERT ${OTHER}: done`, `DELETE ${ILL}: done`]);
    expect(published()).toEqual([`ntp.az-c.pod. ${OTHER}`]);
  });

  it('is not sent where Route 53 refuses the registration: what it rests on is told', async () => {
    afterZoneRead(() => change(['CREATE', simple('c')]));
    const { outcomes, unfinished } = await tickAfter(5 * MINUTE_MS);
    expect(outcomes).toEqual([
      expect.stringContaining(`UPSERT ${OTHER}: ${refusedAt('c')}`),
      `DELETE ${ILL}: failed: not sent, as it rests on records that Route 53 did not take (${OTHER})`,
    ]);
    expect([published(), unfinished]).toEqual([[`ntp.az-b.pod. ${ILL}`, 'ntp.az-c.pod. simple'], true]);
    // by what the next tick reads the floor forbids it
    const next = await tickAfter(MINUTE_MS);
    expect(next.outcomes).toEqual([]);
    expect(next.report.refusals.map(({ rule }) => rule)).toEqual(['floor', 'blocked-name', 'foreign-record']);
  });

  it('goes where Route 53 takes the registration of another that is well', async () => {
    pod.addHost(14, 'boundary', A);
    afterZoneRead(() => change(['CREATE', simple('c')]));
    const { outcomes } = await tickAfter(5 * MINUTE_MS);
    expect(outcomes.toSorted()).toEqual([
      `DELETE ${ILL}: done`,
      expect.stringContaining(`UPSERT ${OTHER}: failed: `),
      `UPSERT ${hostId(14)}: done`,
    ]);
  });
});

describe('the withdrawal of a dead server, and the registration of one that is not well yet', () => {
  beforeEach(async () => {
    pod.addHost(13, 'boundary', A, { offsetMs: 80 });
    await givenIll();
    pod.endpoint.instances.terminate(DEAD);
    pod.addHost(12, 'boundary', C);
    pod.addHost(14, 'boundary', A, { ageSeconds: 30 });
  });

  it('are done, though a withdrawal beside them is not sent', async () => {
    afterZoneRead(() => change(['CREATE', simple('c')]));
    const { outcomes } = await tickAfter(5 * MINUTE_MS);
    expect(outcomes.toSorted()).toEqual([
      `DELETE ${ILL}: failed: not sent, as it rests on records that Route 53 did not take (${OTHER})`,
      `DELETE ${DEAD}: done`,
      expect.stringContaining(`UPSERT ${OTHER}: failed: `),
      `UPSERT ${hostId(14)}: done`,
    ]);
    expect(published()).toEqual([`ntp.az-a.pod. ${hostId(14)}`, `ntp.az-b.pod. ${ILL}`, 'ntp.az-c.pod. simple']);
  });
});

describe('the withdrawal of a server beside one that stands', () => {
  beforeEach(async () => {
    const printed: Printed = { sources: [row('*', '192.0.2.1', { stratum: 2, reach: '1' })] };
    pod.addHost(12, 'boundary', C, printed);
    await givenIll();
    delete printed.sources;
  });

  it('goes once the record of that one is written again', async () => {
    const { outcomes } = await tickAfter(5 * MINUTE_MS);
    expect(outcomes).toEqual([`UPSERT ${OTHER}: done`, `DELETE ${ILL}: done`]);
  });

  it('is not sent where somebody has put another record in its place since', async () => {
    afterZoneRead(() => replaceRecord('c'));
    const { outcomes } = await tickAfter(5 * MINUTE_MS);
    expect(outcomes).toEqual([
      expect.stringContaining(`UPSERT ${OTHER}: failed: `),
      `DELETE ${ILL}: failed: not sent, as it rests on records that Route 53 did not take (${OTHER})`,
    ]);
    expect(published()).toEqual([`ntp.az-b.pod. ${ILL}`, 'ntp.az-c.pod. simple']);
  });

  it('is not sent where Route 53 refuses every change but deletions', async () => {
    // the batch, then the first server of it alone
    pod.endpoint.faults.next('ChangeResourceRecordSets', 'InvalidChangeBatch', { times: 2 });
    const { outcomes } = await tickAfter(5 * MINUTE_MS);
    expect(outcomes[1]).toMatch(`DELETE ${ILL}: failed: not sent`);
    expect(published()).toEqual([`ntp.az-b.pod. ${ILL}`, `ntp.az-c.pod. ${OTHER}`]);
  });
});

describe('a withdrawal that comes in a later batch than what it rests on', () => {
  const upsert = (number: number): RecordChange => ({
    action: 'UPSERT',
    name: 'ntp.az-b.pod',
    type: 'A',
    setIdentifier: hostId(number),
    address: '10.0.2.10',
    ttlSeconds: 30,
    reason: 'it runs',
  });
  // the first batch holds 500 of them
  const changes: RecordChange[] = [
    ...Array.from({ length: 501 }, (_, index) => upsert(1 + index)),
    { ...upsert(900), action: 'DELETE', restsOn: { servers: [hostId(1)], atLeast: 1 } },
  ];

  it.each([
    ['is sent once that is taken', [], 'done'],
    [
      'is not sent where that is refused',
      [hostId(1)],
      `failed: not sent, as it rests on records that Route 53 did not take (${hostId(1)})`,
    ],
  ])('%s', async (_, refused, outcome) => {
    const zone: Changing['zone'] = {
      ...pod.run.ports.zone,
      change: async (_pod, batch) => {
        if (batch.some(({ setIdentifier }) => refused.includes(setIdentifier))) throw new Error('refused');
      },
    };
    const applied = await applyChanges({ ...pod.run, ports: { ...pod.run.ports, zone } }, changes);
    const undone = applied
      .filter((each) => each.outcome !== 'done')
      .map(({ change: { setIdentifier } }) => setIdentifier);
    expect(applied.find(({ change: { action } }) => action === 'DELETE')?.outcome).toBe(outcome);
    expect(undone).toEqual(refused.length === 0 ? [] : [...refused, hostId(900)]);
    expect(applied).toHaveLength(changes.length);
  });
});
