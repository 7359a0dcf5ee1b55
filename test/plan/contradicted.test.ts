import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Sighting } from '../../src/diagnosis/judgement.ts';
import type { Host, Pod } from '../../src/fleet/fleet.ts';
import type { PublishedRecord } from '../../src/fleet/records.ts';
import { type Memory, plan } from '../../src/plan/plan.ts';
import { client, input, MINUTE, memory, NOW, POD, record, server } from '../builders/plan-input.ts';
import { runs } from '../builders/property-runs.ts';
import { collected } from '../builders/sightings.ts';
import { exactRow } from '../builders/witnessing.ts';

const SERVERS = [server('a1', 'a'), server('b1', 'b'), server('c1', 'c')];
const CLIENTS = ['1', '2', '3', '4', '5'].map((digits) => client(`e${digits}`, 'b'));
const [A, , C] = SERVERS as [Host, Host, Host];

/** A client that sees each server so far ahead of its own clock, and follows the first. */
const seeing = (host: Host, offsetsMs: readonly number[], whenSeconds = 0): Sighting => ({
  host,
  status: 'Success',
  collected: collected({
    sources: SERVERS.map(({ ipv4 }, index) =>
      exactRow(ipv4 ?? '', offsetsMs[index] ?? 0, { tally: index === 0 ? '*' : '+', whenSeconds }),
    ),
  }),
});

/** Each follows an upstream of its own. */
const serving = (host: Host, place: number): Sighting => ({
  host,
  status: 'Success',
  collected: collected({
    sources: ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address, index) =>
      exactRow(address, 0, { refid: `.GPS${index}.`, tally: index === place ? '*' : '+' }),
    ),
  }),
});

/** Ticks every five minutes; which records are withdrawn at each, and what is refused. */
function watch(witnesses: readonly Sighting[] | ((tick: number) => Sighting[]), pod: Pod = POD, ticks = 5) {
  const seenAt = (tick: number) => (typeof witnesses === 'function' ? witnesses(tick) : witnesses);
  const hosts = [...SERVERS, ...seenAt(0).map(({ host }) => host)];
  let records: PublishedRecord[] = SERVERS.map((each) => record(each));
  let remembered: Memory = memory();
  return Array.from({ length: ticks }, (_, tick) => {
    const overBefore = remembered.over;
    const context = { pod, hosts, records, unjoinedBefore: {}, overBefore, expectedRevision: () => null };
    const judgements = judgeAll([...SERVERS.map(serving), ...seenAt(tick)], context);
    const nowMs = NOW + tick * 5 * MINUTE;
    const decided = plan(input({ pod, hosts, nowMs, records, judgements, memory: remembered }));
    remembered = decided.memory;
    const gone = decided.changes.filter(({ action }) => action === 'DELETE');
    records = records.filter(({ setIdentifier }) => !gone.some((change) => change.setIdentifier === setIdentifier));
    return {
      withdrawn: gone.map(({ setIdentifier, reason }) => [setIdentifier, reason]),
      refused: decided.refusals.map(({ rule }) => rule),
    };
  });
}

const NOTHING = { withdrawn: [], refused: [] };
const OUT = { withdrawn: [], refused: ['withdrawn'] };
const TEXT =
  "5 of 5 clients see it 12 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest).";

describe('a boundary server that its clients contradict', () => {
  const witnesses = CLIENTS.map((host) => seeing(host, [-4, -4, 8]));

  it('is withdrawn after 15 minutes of sightings, and stays so; the honest ones beside it stand', () => {
    const reason = `contradicted for 15 min of sightings (limit 15 min): ${TEXT}`;
    expect(watch(witnesses, POD, 7)).toEqual([
      NOTHING,
      NOTHING,
      NOTHING,
      { withdrawn: [[C.instanceId, reason]], refused: [] },
      OUT,
      OUT,
      OUT,
    ]);
  });

  it('stands while the floor wants it', () => {
    const pod = { ...POD, cycling: { ...POD.cycling, floor: 3 } };
    const seen = watch(witnesses, pod);
    expect(seen.flatMap(({ withdrawn }) => withdrawn)).toEqual([]);
    expect(seen.map(({ refused }) => refused.includes('floor'))).toEqual([false, false, false, true, true]);
  });

  it.each<[string, (number | null)[], withdrawnAt: number]>([
    ['stands off', [6, 6, 6, 6, 6], 3],
    ['wavers around the limit', [5.5, 4.9, 5.2, 4.1, 5.5], 3],
    ['wavers around it, and nobody can tell in between', [5.5, null, 4.9, 5.2, 4.9, 5.5], 5],
    ['is well below the limit now and then: that acquits it', [5.5, 4.9, 3.9, 4.9, 5.5, 3.9, 5.5], -1],
  ])('that %s, as clients see it: %j', (_, seenMs, withdrawnAt) => {
    const off = (tick: number) =>
      seenMs[tick] === null ? [] : CLIENTS.map((host) => seeing(host, [0, 0, seenMs[tick] ?? 0]));
    expect(watch(off, POD, seenMs.length).findIndex(({ withdrawn }) => withdrawn.length > 0)).toBe(withdrawnAt);
  });

  it('is not acquitted in between by rows that are too old to accuse it', () => {
    const aging = (tick: number) => CLIENTS.map((host) => seeing(host, [0, 0, -25], tick % 3 === 2 ? 850 : 10));
    expect(watch(aging, POD, 8).findIndex(({ withdrawn }) => withdrawn.length > 0)).toBe(7);
  });

  it('stands while too few clients see it', () => {
    const two = witnesses.slice(0, 2);
    expect(watch(two).flatMap(({ withdrawn }) => withdrawn)).toEqual([]);
  });

  it('stands while as many clients see it well', () => {
    const others = CLIENTS.slice(2).map((host) => seeing(host, [0, 0, 0]));
    expect(watch([...witnesses.slice(0, 2), ...others]).flatMap(({ withdrawn }) => withdrawn)).toEqual([]);
  });
});

describe('a lying minority of witnesses', () => {
  it('of any size gets no server withdrawn, whatever they say', () => {
    const offsets = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 3, maxLength: 3 });
    const minority = fc
      .integer({ min: 1, max: 12 })
      .chain((honest) =>
        fc.tuple(fc.constant(honest), fc.array(offsets, { minLength: 1, maxLength: Math.max(1, honest - 1) })),
      )
      .filter(([honest, lies]) => lies.length < honest);
    fc.assert(
      fc.property(minority, ([honest, lies]) => {
        const witnesses = Array.from({ length: honest + lies.length }, (_, index) =>
          seeing(client(`e${index + 10}`, 'b'), lies[index] ?? [3, 2, 1]),
        );
        expect(watch(witnesses).flatMap(({ withdrawn }) => withdrawn)).toEqual([]);
      }),
      runs(50),
    );
  });

  it('and a lying server that they follow takes no honest one with it', () => {
    // each client is pulled to the middle: off from all three
    const honest = CLIENTS.map((host) => seeing(host, [8, -4, -4]));
    expect(watch(honest).flatMap(({ withdrawn }) => withdrawn.map(([id]) => id))).toEqual([A.instanceId]);
  });
});
