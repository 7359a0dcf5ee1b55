import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import { COLUMNS } from '../../src/history/columns.ts';
import { givenServers, startPod, type TestedPod } from '../builders/endpoint-pod.ts';
import { openHistory, QUESTIONS, type Row } from '../builders/history-database.ts';
import { pageText } from './snippets.ts';

/** The day that the page asks about is that of the ticks. */
let day: string;
let pod: TestedPod;
let ask: (name: string) => Promise<Row[]>;

beforeAll(async () => {
  pod = await startPod();
  await givenServers(pod);
  pod.addHost(21, 'client', 'us-west-2b');
  pod.addHost(22, 'client', 'us-west-2b', { offsetMs: 80.5, rootDispersionMs: 150 });
  const silent = pod.addHost(23, 'client', 'us-west-2c');
  await pod.tick({ tickId: 'tick-2' });
  day = new Date(pod.clock.nowMs()).toISOString().slice(0, 10);
  silent.online = false;
  await pod.clock.advance(300_000);
  await pod.tick({ tickId: 'tick-3' });
  // an hour in which no tick runs
  await pod.clock.advance(3_600_000);
  await pod.tick({ tickId: 'tick-4' });
  ask = await openHistory(pod.s3, BUCKET, day);
});
afterAll(() => pod.close());

describe('docs/history.md, asked by DuckDB over what ticks wrote', () => {
  it('has the questions', () => {
    expect([...QUESTIONS.keys()]).toEqual([
      'history',
      'worst-bound',
      'over-a-limit',
      'without-a-sample',
      'share-within-limits',
      'followers',
      'athena',
    ]);
  });

  it('names the columns as they are, of their types', async () => {
    const described = await ask('DESCRIBE history');
    const types = { TIMESTAMP: 'TIMESTAMP', STRING: 'VARCHAR', BOOLEAN: 'BOOLEAN', INT32: 'INTEGER', DOUBLE: 'DOUBLE' };
    expect(described.map(({ column_name, column_type }) => [column_name, column_type])).toEqual([
      ...COLUMNS.map(({ name, type }) => [name, types[type]]),
      ['day', 'DATE'],
      ['pod', 'VARCHAR'],
    ]);
    const page = pageText('history.md');
    for (const { name } of COLUMNS) expect(page).toMatch(new RegExp(`^\\|.*\`${name}\``, 'm'));
    const athena = { TIMESTAMP: 'timestamp', STRING: 'string', BOOLEAN: 'boolean', INT32: 'int', DOUBLE: 'double' };
    const table = (QUESTIONS.get('athena') ?? '').replace(/\s+/g, ' ');
    expect(table).toContain(`( ${COLUMNS.map(({ name, type }) => `${name} ${athena[type]}`).join(', ')} )`);
  });

  it('tells the worst bound of a day', async () => {
    const [worst] = await ask('worst-bound');
    expect(worst).toMatchObject({ pod: 'blue', day, instance_id: hostId(22), az: 'us-west-2b' });
    expect(Number(worst?.error_bound_ms)).toBeGreaterThan(230);
  });

  it('tells who was over a limit, and for how long', async () => {
    expect(await ask('over-a-limit')).toMatchObject([{ instance_id: hostId(22), worst_offset_ms: 80.5 }]);
  });

  it('tells time without a sample, apart where no tick ran', async () => {
    const rows = await ask('without-a-sample');
    const gap = rows.filter(({ state }) => state === 'no-tick');
    expect(gap.map(({ instance_id }) => instance_id).toSorted()).toEqual([11, 12, 21, 22, 23].map(hostId));
    for (const { hours, times } of gap) {
      // 3,600 s and what a tick takes, less the interval that the next tick stands for
      expect(Number(hours)).toBeCloseTo(3300 / 3600, 1);
      expect(times).toBe('1');
    }
    expect(rows.filter(({ state }) => state === 'unknown')).toMatchObject([{ instance_id: hostId(23), times: '2' }]);
  });

  it('tells the share of host-minutes that were sampled, and within limits', async () => {
    const [{ share_sampled, share_within_limits, host_minutes } = {}] = await ask('share-within-limits');
    expect(Number(share_sampled)).toBeGreaterThan(Number(share_within_limits));
    expect(Number(share_within_limits)).toBeGreaterThan(0);
    expect(Number(share_sampled)).toBeLessThan(0.5);
    // five hosts, an hour and two intervals, and two hosts a little more
    expect(Number(host_minutes)).toBeGreaterThan(5 * 65);
  });

  it('tells who was followed when', async () => {
    const rows = await ask('followers');
    expect(rows.length).toBeGreaterThan(0);
  });
});
