import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, BUCKET, hostId, startBench } from '@podtime/aws-endpoint/testing';
import { s3Memories } from '../../src/aws/memories.ts';
import { s3States } from '../../src/aws/states.ts';
import { noState } from '../../src/state/read.ts';
import { emptyHostMemory, emptyState } from '../../src/state/state.ts';
import { type Memories, StateConflict, type States } from '../../src/watchdog/ports.ts';
import { loggedCalls } from '../builders/aws-call.ts';

let bench: Bench;
let states: States;
let memories: Memories;
beforeEach(async () => {
  bench = await startBench({ maxAttempts: 2 });
  const { call } = loggedCalls();
  states = s3States(bench.s3, BUCKET, call, () => bench.clock.nowMs());
  memories = s3Memories(bench.s3, BUCKET, call);
});
afterEach(() => bench.close());

const STATE = emptyState('blue');
const put = (Key: string, Body: string) => bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));

describe('the state', () => {
  it('is none before the first, then what was written', async () => {
    expect(await states.read('blue')).toEqual({ ...noState('blue'), etag: null });
    const etag = await states.write(STATE, null);
    expect(await states.read('blue')).toEqual({ ...noState('blue'), state: STATE, etag });
  });

  it('is written by one of two runs at once', async () => {
    const etag = await states.write(STATE, null);
    const outcomes = await Promise.allSettled([
      states.write({ ...STATE, dueAtMs: 2 }, etag),
      states.write({ ...STATE, dueAtMs: 3 }, etag),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(lost?.reason).toBeInstanceOf(StateConflict);
    expect(lost?.reason.message).toBe('Another run of podtime wrote the state of pod blue first.');
  });

  it('is written once another write that is under way has ended: S3 takes one at a time', async () => {
    const etag = await states.write(STATE, null);
    // the same text: the same version
    const other = put('blue/state.json', JSON.stringify(STATE));
    const own = states.write({ ...STATE, dueAtMs: 2 }, etag);
    await expect(Promise.all([other, own])).resolves.toBeDefined();
    expect((await states.read('blue')).state.dueAtMs).toBe(2);
  });

  it('that somebody else’s first write was quicker than, conflicts too', async () => {
    await states.write(STATE, null);
    await expect(states.write({ ...STATE, dueAtMs: 2 }, null)).rejects.toThrow(StateConflict);
  });

  it('that is damaged is said to be lost, and can be written over', async () => {
    await put('blue/state.json', 'not json');
    const { lost, etag } = await states.read('blue');
    expect(lost).toBe(true);
    await states.write(STATE, etag);
    expect((await states.read('blue')).state).toEqual(STATE);
  });

  it('is an older podtime’s report where there is none, and the first write makes it one', async () => {
    await put(
      'blue/report.json',
      JSON.stringify({ version: 2, pod: 'blue', tickId: 'tick-0', startedAtMs: 1, endedAtMs: 2, memory: {} }),
    );
    const { state, carried, etag } = await states.read('blue');
    expect({ last: state.last, etag, isCarried: carried !== null }).toEqual({
      last: { tickId: 'tick-0', startedAtMs: 1, endedAtMs: 2 },
      etag: null,
      isCarried: true,
    });
    await states.write(state, etag);
    expect(await states.read('blue')).toMatchObject({ state, carried: null });
  });
});

describe('the memory', () => {
  const HOSTS = { ...emptyHostMemory('blue', 'tick-1'), cycles: { 'i-00000000000000021': [1] } };

  it('is what was written, under a key of its tick', async () => {
    const key = await memories.write(HOSTS);
    expect(key).toMatch(/^blue\/memory\/tick-1-[0-9a-f]{12}\.json\.gz$/);
    expect(await memories.read('blue', key)).toEqual({ hosts: HOSTS, newer: false, fault: null });
  });

  it('has another key for other content of the same tick, and the same for the same', async () => {
    const key = await memories.write(HOSTS);
    expect(await memories.write({ ...HOSTS, cycles: {} })).not.toBe(key);
    expect(await memories.write(HOSTS)).toBe(key);
    expect((await memories.read('blue', key)).hosts).toEqual(HOSTS);
  });

  it.each([
    ['is not there', null],
    ['cannot be read', 'not compressed'],
  ])('that %s is forgotten, and that is said', async (why, body) => {
    if (body !== null) await put('blue/memory/x.json.gz', body);
    const { hosts, fault } = await memories.read('blue', 'blue/memory/x.json.gz');
    expect(hosts).toEqual(emptyHostMemory('blue'));
    expect(fault).toMatch(`The memory of pod blue ${why}: `);
  });

  const PACKED = gzipSync(JSON.stringify(HOSTS));

  it.each<[string, Buffer]>([
    ['is cut off', PACKED.subarray(0, -9)],
    ['has another checksum', Buffer.concat([PACKED.subarray(0, -8), Buffer.alloc(4), PACKED.subarray(-4)])],
    ['is of no bytes', gzipSync('')],
    // a few KB that grow to more than a function has
    ['grows beyond any memory', gzipSync(JSON.stringify(HOSTS).padEnd(64 * 1024 * 1024 + 1))],
  ])('that %s in unpacking is forgotten, and that is said', async (_, Body) => {
    const Key = 'blue/memory/x.json.gz';
    await bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    const { hosts, fault } = await memories.read('blue', Key);
    expect(hosts).toEqual(emptyHostMemory('blue'));
    expect(fault).toMatch('The memory of pod blue cannot be read: ');
  });

  it('of 50,000 hosts of which much is remembered is within that', async () => {
    const ids = Array.from({ length: 50_000 }, (_, n) => hostId(n));
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `ntp.az-${letter}.pod`);
    const each = <T>(value: T) => Object.fromEntries(ids.map((id) => [id, value]));
    const nowMs = 1_795_348_800_000;
    const hosts = {
      ...HOSTS,
      cycles: each([nowMs, nowMs, nowMs]),
      undone: each({ answers: 12, atMs: nowMs, reason: 'not-yet' }),
      staleSinceMs: each(nowMs),
      unjoined: each(names),
      starting: each({ provenMs: nowMs, seenMs: nowMs }),
      waves: { client: { waveId: '0123456789ab-client', commands: [ids], failed: ids } },
      known: ids.map((instanceId) => ({ instanceId, az: 'us-west-2b' })),
    };
    const read = await memories.read('blue', await memories.write(hosts));
    expect([read.fault, Object.keys(read.hosts.unjoined).length]).toEqual([null, ids.length]);
  });

  it('that S3 does not answer for is an error, and not forgotten', async () => {
    bench.endpoint.faults.next('GetObject', 'AccessDenied', { times: 2 });
    await expect(memories.read('blue', 'blue/memory/x')).rejects.toThrow(
      'reading the memory of pod blue: AccessDenied',
    );
  });
});
