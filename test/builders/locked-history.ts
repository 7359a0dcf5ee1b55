import { createScaledClock, type Exchange } from '@podtime/aws-endpoint';
import { type Bench, STACK, startBench } from '@podtime/aws-endpoint/testing';
import { s3Histories } from '../../src/aws/histories.ts';
import { s3HistoryObjects } from '../../src/aws/history-objects.ts';
import { s3HistoryVersions } from '../../src/aws/history-versions.ts';
import { s3VersionsToVerify } from '../../src/aws/verified-versions.ts';
import type { HistoryLock, Pod } from '../../src/fleet/fleet.ts';
import { addRow, emptyColumns } from '../../src/history/columns.ts';
import { DAY_MS, dayName, dayOf, HOUR_MS } from '../../src/history/keys.ts';
import type { Verdict } from '../../src/history/verdict.ts';
import { verifyHistory } from '../../src/history/verify.ts';
import { tendHistories } from '../../src/watchdog/tend-histories.ts';
import { leaving, loggedCalls } from './aws-call.ts';
import { BLUE } from './blue-pod.ts';
import { historyRow } from './history-rows.ts';

export const LOCKED = 'locked';
export const LOCK_DAYS = 30;

/** A pod whose history is locked, at the local AWS's S3. */
export interface LockedHistory extends Bench {
  pod: Pod;
  /** `-1` is the day before today: its name. */
  day(offset: number): string;
  /** A tick of that day keeps its rows: its key. */
  tick(offset: number, hour: number, tickId?: string): Promise<string>;
  /** A run by schedule on that day, an hour after midnight. */
  tend(offset: number): ReturnType<typeof tendHistories>;
  verify(asked?: Partial<Parameters<typeof verifyHistory>[1]>): Promise<Verdict>;
  exchanges: Exchange[];
}

/** In a bucket with such a default retention. */
export async function lockedHistory(mode: HistoryLock = 'governance'): Promise<LockedHistory> {
  const exchanges: Exchange[] = [];
  const defaultRetention = { mode: mode.toUpperCase() as 'GOVERNANCE' | 'COMPLIANCE', days: LOCK_DAYS };
  const bench = await startBench({
    stack: {
      ...STACK,
      buckets: { HistoryBucket: LOCKED },
      bucketConfigs: { [LOCKED]: { versioning: 'Enabled', objectLock: { defaultRetention } } },
    },
    // the lock's dates are real, and so is the clock of who verifies
    clock: createScaledClock(50),
    record: (exchange) => void exchanges.push(exchange),
  });
  const { call } = loggedCalls('tick-1', leaving(100_000));
  const histories = s3Histories(bench.s3, LOCKED, call);
  const pod: Pod = { ...BLUE, history: { days: LOCK_DAYS, lock: mode } };
  const today = dayOf(Date.now());
  const versions = s3HistoryVersions(bench.s3, LOCKED, call);
  const objects = s3HistoryObjects(bench.s3, LOCKED, call);
  return Object.assign(bench, {
    pod,
    exchanges,
    day: (offset: number) => dayName(today + offset * DAY_MS),
    async tick(offset: number, hour: number, tickId = 'tick') {
      const startedAtMs = today + offset * DAY_MS + hour * HOUR_MS;
      const columns = emptyColumns();
      addRow(columns, historyRow({ time: new Date(startedAtMs + 7000) }));
      await histories.write({ pod: pod.name, tickId, startedAtMs }, [columns]);
      const time = `${String(hour).padStart(2, '0')}0000Z`;
      return `history/ticks/pod=${pod.name}/day=${dayName(startedAtMs)}/${time}-${tickId}.parquet`;
    },
    tend: (offset: number) =>
      tendHistories(
        [pod],
        { objectsOf: () => objects, versionsOf: () => versions },
        leaving(100_000),
        today + offset * DAY_MS + HOUR_MS,
      ),
    verify: (asked: Partial<Parameters<typeof verifyHistory>[1]> = {}) =>
      verifyHistory(s3VersionsToVerify(bench.s3, LOCKED, call), {
        ...{ pod: pod.name, from: null, to: null, digests: new Map(), nowMs: today + HOUR_MS },
        ...asked,
      }),
  });
}

/** Three days with two ticks each, all of which have their manifest. */
export async function threeLockedDays(mode?: HistoryLock): Promise<LockedHistory> {
  const history = await lockedHistory(mode);
  for (const offset of [-3, -2, -1]) {
    await history.tick(offset, 9);
    await history.tick(offset, 21);
    await history.tend(offset + 1);
  }
  return history;
}
