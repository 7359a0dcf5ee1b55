import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import type { HistoryRow } from '../../src/history/columns.ts';
import { tickKey } from '../../src/history/keys.ts';
import { givenServers, startPod, type TestedPod } from '../builders/endpoint-pod.ts';
import { rowsIn } from '../builders/history-rows.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  await givenServers(pod);
});
afterEach(() => pod.close());

async function keys(): Promise<string[]> {
  const { Contents = [] } = await pod.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'history/' }));
  return Contents.map(({ Key = '' }) => Key);
}

/** The rows that a tick of that name has left. */
async function rowsOf(tickId: string): Promise<HistoryRow[]> {
  const key = (await keys()).find((each) => each.endsWith(`-${tickId}.parquet`)) ?? '';
  return rowsIn(pod.endpoint.object(BUCKET, key)?.body ?? Buffer.alloc(0));
}

const HOUR_MS = 3_600_000;

describe('what a tick keeps', () => {
  it('is a row of each host, for the time since the tick before', async () => {
    await pod.tick({ tickId: 'tick-2' });
    const rows = await rowsOf('tick-2');
    expect(rows.map(({ instance_id, state, sampled }) => [instance_id, state, sampled])).toEqual([
      [hostId(11), 'healthy', true],
      [hostId(12), 'healthy', true],
    ]);
    for (const { seconds } of rows) expect(seconds).toBeGreaterThanOrEqual(400);
  });

  it('tells of the time in which no tick ran', async () => {
    await pod.clock.advance(HOUR_MS);
    await pod.tick({ tickId: 'tick-2' });
    const rows = await rowsOf('tick-2');
    expect(rows.map(({ state }) => state)).toEqual(['no-tick', 'healthy', 'no-tick', 'healthy']);
    const gap = rows[0]?.seconds ?? 0;
    expect(gap).toBeGreaterThan(3600);
    expect(gap).toBeLessThan(2 * 3600);
    const { report } = await pod.tick({ tickId: 'tick-3' });
    expect(report.day?.map(({ gapSeconds = 0 }) => gapSeconds > 3600)).toEqual([false, true]);
  });

  it('tells that it could not be kept, and the next tick makes it a gap', async () => {
    const { histories } = pod.run.ports;
    pod.run.ports.histories = {
      ...histories,
      write: () => Promise.reject(new Error('writing the history: AccessDenied')),
    };
    const { report } = await pod.tick({ tickId: 'tick-2' });
    expect(report.faults).toContain('writing the history: AccessDenied.');
    pod.run.ports.histories = histories;
    await pod.clock.advance(300_000);
    await pod.tick({ tickId: 'tick-3' });
    expect((await rowsOf('tick-3')).map(({ state }) => state)).toEqual(['no-tick', 'healthy', 'no-tick', 'healthy']);
  });

  it('that cannot be made costs the tick nothing else', async () => {
    const { histories } = pod.run.ports;
    pod.run.ports.histories = {
      ...histories,
      write: () => {
        throw new RangeError('Invalid time value');
      },
    };
    const { report } = await pod.tick({ tickId: 'tick-2' });
    expect(report.faults).toContain('Invalid time value.');
    expect(pod.state()?.last?.tickId).toBe('tick-2');
  });

  it('counts what a tick has kept that died before it could say so', async () => {
    const { states } = pod.run.ports;
    // the rows are kept, then the run is ended: the turn is never given back
    let writes = 0;
    pod.run.ports.states = {
      ...states,
      write: (...given) => {
        writes += 1;
        return writes === 1 ? states.write(...given) : Promise.reject(new Error('cut off'));
      },
    };
    await pod.tick({ tickId: 'tick-dead' });
    const { startedAtMs = 0 } = pod.state()?.claim ?? {};
    expect(await keys()).toContain(tickKey('blue', 'tick-dead', startedAtMs));
    pod.run.ports.states = states;
    await pod.clock.advance(900_000);
    await pod.tick({ tickId: 'tick-3' });
    const gaps = (await rowsOf('tick-3')).filter(({ state }) => state === 'no-tick');
    expect(gaps).toHaveLength(2);
    // from the dead tick on, not from the one before it
    for (const { seconds } of gaps) expect(seconds).toBeLessThan(900);
  });

  it('is nothing where EC2 could not be read, and the report has the day as it was', async () => {
    const { instances } = pod.run.ports;
    const before = await keys();
    pod.run.ports.instances = { ...instances, ofPod: () => Promise.reject(new Error('EC2 is away')) };
    await expect(pod.tick({ tickId: 'tick-2' })).rejects.toThrow('EC2 is away');
    expect(await keys()).toEqual(before);
    expect(pod.report()?.day).toHaveLength(1);
  });

  it('is nothing of a run that only looks', async () => {
    const before = await keys();
    await pod.tick({ tickId: 'tick-2', dryRun: true });
    expect(await keys()).toEqual(before);
  });
});
