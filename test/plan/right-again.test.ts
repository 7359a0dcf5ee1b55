import { describe, expect, it } from '@jest/globals';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement, Sighting } from '../../src/diagnosis/judgement.ts';
import type { Host } from '../../src/fleet/fleet.ts';
import type { PublishedRecord } from '../../src/fleet/records.ts';
import { planRecords } from '../../src/plan/dns/records.ts';
import { withoutFuture } from '../../src/plan/past.ts';
import { type Memory, plan } from '../../src/plan/plan.ts';
import { adrift, input, judged, MINUTE, memory, NOW, POD, record, server } from '../builders/plan-input.ts';
import { collected } from '../builders/sightings.ts';
import { exactRow } from '../builders/witnessing.ts';

// The time service lies, all servers differ from it, and the floor keeps them. Right again, they hear of it one after another.

const [A, B, C] = [server('a1', 'a'), server('b1', 'b'), server('c1', 'c')];
const SERVERS: Host[] = [A, B, C];
const TIME_SERVICE = '169.254.169.123';

/** A server on three upstreams that sees the time service so far off; null: it is silent. */
const seeing = (host: Host, offMs: number | null): Sighting => ({
  host,
  status: offMs === null ? 'TimedOut' : 'Success',
  collected:
    offMs === null
      ? null
      : collected({
          sources: [
            ...['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address, index) =>
              exactRow(address, 0, { refid: `.GPS${index}.`, tally: index === 0 ? '*' : '+' }),
            ),
            exactRow(TIME_SERVICE, offMs, { stratum: 1, refid: '.AMZN.', tally: ' ' }),
          ],
        }),
});

/** Ticks, five minutes apart, at which each server sees the time service so; at each who is withdrawn, and who is spared by the floor. */
function watch(
  seen: readonly (number | null)[][],
  { minutes = 5, accused = [] }: { minutes?: number; accused?: readonly Host[] } = {},
) {
  const hosts = SERVERS.slice(0, seen[0]?.length);
  const isAccused = (id: string) => accused.some(({ instanceId }) => instanceId === id);
  let records: PublishedRecord[] = hosts.map((each) => record(each));
  let remembered: Memory = memory();
  return seen.map((offsets, tick) => {
    const overBefore = remembered.over;
    const context = { pod: POD, hosts, records, unjoinedBefore: {}, overBefore, expectedRevision: () => null };
    const judgements = judgeAll(
      hosts.map((host, index) => seeing(host, offsets[index] ?? null)),
      context,
    ).map((each): Judgement => (isAccused(each.host.instanceId) ? { ...each, accused: true } : each));
    // the first five a whole interval apart
    const nowMs = NOW + MINUTE * (tick < 5 ? 5 * tick : 20 + minutes * (tick - 4));
    const decided = plan(input({ hosts, nowMs, records, judgements, memory: remembered }));
    remembered = decided.memory;
    const gone = decided.changes.filter(({ action }) => action === 'DELETE').map(({ setIdentifier }) => setIdentifier);
    records = records.filter(({ setIdentifier }) => !gone.includes(setIdentifier ?? ''));
    const kept = decided.refusals.filter(({ rule }) => rule === 'floor').map(({ subject }) => subject);
    return { gone, kept };
  });
}

/** For 20 minutes, at five ticks. */
const lies = (servers: number) => Array.from({ length: 5 }, () => Array.from({ length: servers }, () => 300));
const [idB, idC] = [B.instanceId, C.instanceId];
const NOTHING = { gone: [], kept: [] };

describe('servers that the floor kept while none was confident', () => {
  it('stay where they are well again one tick after another', () => {
    expect(watch([...lies(2), [0, 300], [0, 0], [0, 0]]).slice(4)).toEqual([
      { gone: [], kept: [A.instanceId, idB] },
      { gone: [], kept: [idB] },
      NOTHING,
      NOTHING,
    ]);
    expect(watch([...lies(3), [0, 300, 300], [0, 0, 0]]).flatMap(({ gone }) => gone)).toEqual([]);
  });

  it('stay for two intervals, however many ticks these have', () => {
    const minutes = Array.from({ length: 10 }, () => [0, 300]);
    expect(watch([...lies(2), ...minutes], { minutes: 1 }).map(({ gone }) => gone.length)).toEqual([
      ...Array.from({ length: 14 }, () => 0),
      1,
    ]);
  });

  it('go then, where they are still bad, also after a silence', () => {
    const still = [
      [0, 300],
      [0, 300],
      [0, 300],
    ];
    expect(watch([...lies(2), ...still]).slice(5)).toEqual([
      { gone: [], kept: [idB] },
      { gone: [idB], kept: [] },
      NOTHING,
    ]);
    expect(watch([...lies(2), [0, null], [0, 300]]).slice(5)).toEqual([NOTHING, { gone: [idB], kept: [] }]);
  });

  it('go at once where clients accuse them', () => {
    const seen = [...lies(3), [0, 300, 300]];
    expect(watch(seen, { accused: [C] }).slice(5)).toEqual([{ gone: [idC], kept: [idB] }]);
  });

  it('have 15 minutes as ever once they were well in between', () => {
    const again = [
      [0, 0],
      [0, 300],
      [0, 300],
      [0, 300],
      [0, 300],
    ];
    expect(watch([...lies(2), ...again]).map(({ gone }) => gone.length)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });
});

describe('a server that another always stood beside', () => {
  it('goes after its 15 minutes, as ever', () => {
    const alone = Array.from({ length: 4 }, () => [0, 300]);
    expect(watch(alone).map(({ gone }) => gone)).toEqual([[], [], [], [idB]]);
  });
});

describe('what is said of a server that the floor kept until lately', () => {
  it('is what is wrong with it, and why it stays', () => {
    const proof = { provenMs: 20 * MINUTE, seenMs: NOW - 5 * MINUTE, keptMs: NOW - 5 * MINUTE };
    const judgements = [judged(A), adrift(B)];
    const given = { hosts: [A, B], records: [record(A), record(B)], judgements };
    const { refusals, memory: after } = planRecords(
      input({ ...given, memory: memory({ unhealthy: { [idB]: proof } }) }),
    );
    expect(refusals).toEqual([
      {
        subject: idB,
        rule: 'floor',
        sentence: `${idB} stays in DNS for now: the floor kept it until lately, and what was wrong then may be over. It is adrift for 25 min of sightings (limit 15 min): offset 80 ms is over the limit of 50 ms.`,
        cause:
          'servers to be withdrawn stay in DNS for now: the floor kept them until lately, and what was wrong then may be over',
      },
    ]);
    expect(after.withdrawn).toEqual({});
    expect(after.unhealthy).toEqual({ [idB]: { provenMs: 25 * MINUTE, seenMs: NOW, keptMs: NOW - 5 * MINUTE } });
  });

  it('is not said of one that was made a client: it goes', () => {
    const proof = { provenMs: 20 * MINUTE, seenMs: NOW - 5 * MINUTE, keptMs: NOW - 5 * MINUTE };
    const hosts: Host[] = [A, { ...B, tier: 'client' }];
    const given = { hosts, records: [record(A), record(B)], judgements: [judged(A)] };
    const { changes, refusals } = planRecords(input({ ...given, memory: memory({ unhealthy: { [idB]: proof } }) }));
    expect(changes.map(({ action, setIdentifier }) => [action, setIdentifier])).toContainEqual(['DELETE', idB]);
    expect(refusals).toEqual([]);
  });

  it('is remembered by no time that lies ahead', () => {
    const proof = { provenMs: MINUTE, seenMs: NOW };
    const given = memory({ unhealthy: { [idB]: { ...proof, keptMs: NOW + MINUTE }, [idC]: proof } });
    expect(withoutFuture(given, NOW).unhealthy).toEqual({ [idB]: { ...proof, keptMs: NOW }, [idC]: proof });
  });
});
