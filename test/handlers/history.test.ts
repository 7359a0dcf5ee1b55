import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Bench, BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import type { Context } from 'aws-lambda';
import { handler } from '../../handlers/history.ts';
import { s3Histories } from '../../src/aws/histories.ts';
import { s3HistoryObjects } from '../../src/aws/history-objects.ts';
import { addRow, emptyColumns } from '../../src/history/columns.ts';
import { DAY_MS, dayKey, HOUR_MS, hourKey, tickKey } from '../../src/history/keys.ts';
import type { Histories } from '../../src/watchdog/ports.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { historyRow } from '../builders/history-rows.ts';
import { CONTEXT } from './gateway.ts';
import { localAws } from './local-aws.ts';

/** Three hours ago, on the hour: two hours from then on are over. */
const HOUR = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 3 * HOUR_MS;
const MINUTE_MS = 60_000;
const at = (minutes: number) => HOUR + minutes * MINUTE_MS;
const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');

interface Told {
  sentences: string[];
  rows?: { at: string }[];
  folded?: number;
  refused?: boolean;
}

const invoke = (payload: object) =>
  (handler as (given: object, context: Context) => Promise<Told>)(payload, {
    ...CONTEXT,
    getRemainingTimeInMillis: () => 110_000,
  } as Context);

describe('the history of a host', () => {
  let bench: Bench;
  let close: () => Promise<void>;
  let histories: Histories;
  beforeAll(async () => {
    ({ bench, close } = await localAws());
    const { call } = loggedCalls();
    histories = s3Histories(bench.s3, BUCKET, call);
    // two hours of ticks, five minutes apart, of two hosts, one of which falls silent in the second hour
    for (let minutes = 0; minutes < 120; minutes += 5) {
      const columns = emptyColumns();
      for (const n of [1, 2]) {
        const silent = n === 2 && minutes >= 60;
        const told = silent ? { state: 'unknown' as const, sampled: false, offset_ms: null, error_bound_ms: null } : {};
        addRow(columns, historyRow({ time: new Date(at(minutes) + 7000), instance_id: hostId(n), ...told }));
      }
      await histories.write({ pod: 'blue', tickId: `tick-${minutes}`, startedAtMs: at(minutes) }, [columns]);
    }
  });
  beforeEach(() => {
    for (const level of ['info', 'warn', 'error'] as const) jest.spyOn(console, level).mockImplementation(() => {});
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => close());

  const keys = async (prefix: string) => {
    const { Contents = [] } = await bench.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
    return Contents.map(({ Key = '' }) => Key);
  };
  const askAt = (n: number, minutes: number) => invoke({ pod: 'blue', instanceId: hostId(n), at: iso(at(minutes)) });

  it('is one object a tick, under day and pod', async () => {
    expect(await keys('history/ticks/pod=blue/day=')).toHaveLength(24);
  });

  it('answers for a moment, and says why it does not', async () => {
    const answer = await askAt(1, 18);
    expect(answer.sentences).toHaveLength(1);
    expect(answer.sentences[0]).toMatch(
      /^\d\d:18: \+0\.4 ms, within \d\.\d+ ms, following ntp\.az-b\.pod, sampled at \d\d:15:07 and \d\d:20:07\.$/,
    );
    expect((await askAt(2, 78)).sentences[0]).toMatch(
      /^\d\d:18: nothing is known of .* It did not answer at \d\d:20:07\.$/,
    );
    expect((await askAt(3, 18)).sentences[0]).toContain('knew no such host of the pod');
  });

  it('answers the same before and after hours are folded, and folds each once', async () => {
    const range = { pod: 'blue', instanceId: hostId(1), from: iso(at(3)), to: iso(at(98)) };
    const before = await invoke(range);
    expect(before.rows?.map((row) => row.at)).toEqual(
      Array.from({ length: 19 }, (_, index) => new Date(at(5 + index * 5) + 7000).toISOString()),
    );
    const [sentence = ''] = before.sentences;
    expect(sentence).toContain('19 samples, offset at most 0.4 ms, bound at most 1.5 ms; without an answer 0 times');
    expect(await invoke({ fold: true })).toMatchObject({ folded: 2 });
    expect(await keys('history/hours/pod=blue/')).toHaveLength(2);
    expect(await invoke({ fold: true })).toMatchObject({ folded: 0 });
    expect(await invoke(range)).toEqual(before);
    expect(await keys('history/ticks/pod=blue/')).toHaveLength(24);
  });

  it('says at once that of the year 0, and of the future, there can be nothing', async () => {
    const ask = (asked: object) => invoke({ pod: 'blue', instanceId: hostId(1), ...asked });
    expect((await ask({ at: '0000-01-01T00:00:00Z' })).sentences).toEqual([
      expect.stringMatching(/nothing is known of .*\. Rows are kept for 30 days \(history\.days\)\.$/),
    ]);
    expect((await ask({ at: '9999-12-31T23:59:59Z' })).sentences).toEqual([
      expect.stringMatching(/nothing is known of .*\. That is in the future\.$/),
    ]);
    const all = await ask({ from: '0001-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' });
    expect(all.rows?.length).toBeGreaterThan(19);
    expect(all.sentences).toEqual([
      expect.stringMatching(/^i-\w+, from 20\S+Z to 20\S+Z: \d+ samples, /),
      expect.stringMatching(/^Rows are kept for 30 days \(history\.days\): of before \S+Z nothing is known\.$/),
      expect.stringMatching(/^After \S+Z is the future\.$/),
    ]);
    expect((await ask({ from: '0001-01-01', to: '0400-01-01' })).sentences[0]).toMatch(/: no row is kept of that time/);
  });

  it('has no manifest of a pod that is not locked, and says so', async () => {
    expect(await invoke({ pod: 'blue', manifest: '2026-11-24' })).toEqual({
      pod: 'blue',
      sentences: ['Pod blue has no history.lock, and so no manifests.'],
    });
  });

  it('has a day that is over as one object, which is made once', async () => {
    const dayMs = HOUR - (HOUR % DAY_MS) - 3 * DAY_MS;
    const objects = s3HistoryObjects(bench.s3, BUCKET, loggedCalls().call);
    for (const hourMs of [dayMs, dayMs + 5 * HOUR_MS]) {
      const columns = emptyColumns();
      addRow(columns, historyRow({ time: new Date(hourMs + 7000), instance_id: hostId(1) }));
      await histories.write({ pod: 'blue', tickId: 'tick', startedAtMs: hourMs }, [columns]);
      const key = tickKey('blue', 'tick', hourMs);
      const [tick] = await objects.list(key);
      if (tick) await objects.fold([tick], hourKey('blue', hourMs));
    }
    const answer = await invoke({ fold: true });
    expect(answer.sentences[0]).toMatch(/hours put in the order of hosts, \d days? into hours\.$/);
    const key = dayKey('blue', dayMs);
    expect(await keys('history/days/pod=blue/')).toContain(key);
    const [day] = await objects.list(key);
    const hours = day ? await objects.hoursOfHost(day, hostId(1)) : [];
    expect(hours.map(({ hour, samples }) => [hour.getTime() - dayMs, samples])).toEqual([
      [0, 1],
      [5 * HOUR_MS, 1],
    ]);
    expect(await invoke({ fold: true })).toMatchObject({ folded: 0, days: 0 });
  });

  it('goes on without an object that is damaged, and names it', async () => {
    for (const minutes of [0, 5]) {
      const columns = emptyColumns();
      addRow(columns, historyRow({ time: new Date(at(minutes) + 7000), instance_id: hostId(1) }));
      await histories.write({ pod: 'green', tickId: 'tick', startedAtMs: at(minutes) }, [columns]);
    }
    const key = (await keys('history/ticks/pod=green/')).at(-1) ?? '';
    await bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: 'no rows' }));
    const answer = await invoke({ pod: 'green', instanceId: hostId(1), from: iso(HOUR), to: iso(at(60)) });
    expect(answer.rows?.map((row) => row.at)).toEqual([new Date(at(0) + 7000).toISOString()]);
    expect(answer.sentences.at(-1)).toMatch(new RegExp(`reading ${key}: .*: its rows are missing\\.$`));
    // nor does it cost other pods' hours: it is tried again each hour, and told
    const folded = await invoke({ fold: true });
    expect(folded.sentences).toHaveLength(2);
    expect(folded.sentences[1]).toContain(key);
  });

  it.each([
    [{}, ['pod is missing', 'instanceId is missing']],
    [{ pod: 'blue', manifest: 'yesterday' }, ['manifest must be a day in UTC, such as "2026-11-24"']],
    [{ manifest: '2026-02-30' }, ['pod is missing', '"2026-02-30": there is no such day.']],
    [{ pod: 'blue', instanceId: 'i-1', at: 'noon' }, ['instanceId must be an instance id', 'at must be a time in UTC']],
    [
      { pod: 'blue', instanceId: hostId(1), at: '2026-11-31T25:00:00Z' },
      ['"2026-11-31T25:00:00Z": there is no such time.'],
    ],
    [
      { pod: 'blue', instanceId: hostId(1), from: '2026-02-30T14:00Z', to: '2026-11-31' },
      ['"2026-02-30T14:00Z", "2026-11-31": there is no such time.'],
    ],
    [{ pod: 'blue', instanceId: hostId(1), at: '2026-11-24', from: '2026-11-23' }, ['give one or the other']],
    [{ pod: 'blue', instanceId: hostId(1), to: '2026-11-24' }, ['from is missing']],
    [{ pod: 'blue', instanceId: hostId(1), from: '2026-11-24', to: '2026-11-23' }, ['to must be later than from']],
    [{ fold: 'yes' }, ['fold must be true']],
  ])('refuses %j with all that is wrong', async (payload, faults) => {
    const answer = await invoke(payload);
    expect(answer.refused).toBe(true);
    for (const fault of faults) expect(answer.sentences.join(' ')).toContain(fault);
  });
});
