import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET } from '@podtime/aws-endpoint/testing';
import type { RecordedTick } from '../../../scripts/cost/recording.ts';
import { addRow, emptyColumns, type HistoryRow } from '../../../src/history/columns.ts';
import { encode } from '../../../src/history/parquet-writer.ts';
import { sentencesOf } from '../../../src/report/sentences.ts';
import { addressOf, row, startPod, type TestedPod } from '../../builders/endpoint-pod.ts';
import { rowsIn } from '../../builders/history-rows.ts';

/**
 * docs/cost.md counts the calls of a tick by this recording. After a change of what a tick calls:
 *
 *   PODTIME_RENEW=1 npx jest test/scripts/cost/ticks.test.ts && npm run docs:cost
 */
const RECORDING = join(import.meta.dirname, '../../fixtures/cost/ticks.json');
const AZS = ['us-west-2a', 'us-west-2b', 'us-west-2c', 'us-west-2e'];
const SIZES = [100, 1000];

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
});
afterEach(() => pod.close());

/** One tick of a settled pod of so many hosts: every call that reached AWS. */
async function record(hosts: number): Promise<RecordedTick> {
  pod.addHost(11, 'boundary', 'us-west-2b');
  pod.addHost(12, 'boundary', 'us-west-2c');
  const sources = [row('*', addressOf(11, 'us-west-2b')), row('+', addressOf(12, 'us-west-2c'))];
  for (let n = 100; n < 98 + hosts; n += 1) {
    const az = AZS[n % AZS.length] as string;
    const ipv4 = `10.0.${100 + Math.floor(n / 250)}.${n % 250}`;
    // every clock is a little different, as clocks are
    const own = [row('*', addressOf(11, 'us-west-2b'), { offset: (n / 1000).toFixed(3) }), ...sources.slice(1)];
    pod.addHost(n, 'client', az, { sources: own }, { ipv4 });
  }
  pod.mode('act');
  await pod.tick({ waitSeconds: 45 });
  await pod.clock.advance(300_000);

  const calls: Record<string, number> = {};
  const { ec2, route53, ssm, cloudwatch, s3, eventbridge } = pod;
  for (const { middlewareStack } of [ec2, route53, ssm, cloudwatch, s3, eventbridge] as unknown as SSMClient[]) {
    middlewareStack.add(
      (next, context) => (args) => {
        const name = String(context.commandName).replace(/Command$/, '');
        calls[name] = (calls[name] ?? 0) + 1;
        return next(args);
      },
      { step: 'initialize' },
    );
  }
  const { report } = await pod.tick({ waitSeconds: 45 });
  expect(report.hosts).toHaveLength(hosts);
  expect(report.cycles).toEqual([]);
  const { summary, changes, cycles, refusals } = report;
  const log = JSON.stringify({ pod: 'blue', sentences: sentencesOf(report), summary, changes, cycles, refusals });
  const sorted = Object.fromEntries(Object.entries(calls).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const packed = { memoryBytes: await packedMemory(), historyBytes: await packedRows() };
  return { hosts, calls: sorted, reportBytes: roughly(JSON.stringify(report)), ...packed, logBytes: roughly(log) };
}

/** Bytes of the memory of hosts as it is written. Ids of the test, which count up, would pack too well: each is drawn, always alike. */
async function packedMemory(): Promise<number> {
  const { memories } = pod.run.ports;
  const written = await memories.read('blue', pod.state()?.memory ?? '');
  const drawn = JSON.stringify(written.hosts).replace(/i-[0-9a-f]{17}/g, drawnId);
  const key = await memories.write(JSON.parse(drawn));
  return pod.endpoint.object(BUCKET, key)?.body.length ?? 0;
}

function drawnId(id: string): string {
  return `i-0${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

/** Numbers that no two clocks have alike, to the digits that are kept. */
function drawnClock(id: string): Partial<HistoryRow> {
  const digest = createHash('sha256').update(`clock of ${id}`).digest();
  const drawn = (at: number, most: number) => Math.round((digest.readUInt32BE(at) / 2 ** 32) * most * 1e4) / 1e4;
  return {
    time: new Date(Date.UTC(2026, 10, 24, 14, 0, 0, Math.round(drawn(0, 9000)))),
    offset_ms: drawn(4, 2) - 1,
    error_bound_ms: drawn(8, 8),
    frequency_ppm: drawn(12, 40) - 20,
    time_service_offset_ms: drawn(16, 1),
  };
}

/** Bytes of the rows of the last tick, likewise. */
async function packedRows(): Promise<number> {
  const { Contents = [] } = await pod.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'history/ticks/' }));
  const bytes = pod.endpoint.object(BUCKET, Contents.at(-1)?.Key ?? '')?.body ?? Buffer.alloc(0);
  const rows = await rowsIn(bytes);
  const drawn = rows.map((row) => ({ ...row, ...drawnClock(row.instance_id), instance_id: drawnId(row.instance_id) }));
  const columns = emptyColumns();
  for (const row of drawn.toSorted((a, b) => (a.instance_id < b.instance_id ? -1 : 1))) addRow(columns, row);
  return encode([columns], { pack: (block) => gzipSync(block, { level: 1 }) }).byteLength;
}

/** Ids and times differ by some bytes from run to run. */
function roughly(text: string): number {
  return Math.ceil(text.length / 1000) * 1000;
}

describe("a settled pod's tick", () => {
  it.each(SIZES)('of %d hosts calls AWS as docs/cost.md counts', async (hosts) => {
    const recorded = await record(hosts);
    const all: RecordedTick[] = JSON.parse(readFileSync(RECORDING, 'utf8'));
    if (process.env.PODTIME_RENEW) {
      const others = all.filter((each) => each.hosts !== hosts);
      const renewed = [...others, recorded].toSorted((a, b) => a.hosts - b.hosts);
      writeFileSync(RECORDING, `${JSON.stringify(renewed, null, 2)}\n`);
    }
    const known = process.env.PODTIME_RENEW ? recorded : all.find((each) => each.hosts === hosts);
    const { memoryBytes, historyBytes } = recorded;
    expect(recorded).toEqual({ ...known, memoryBytes, historyBytes });
    // each version of zlib packs a little differently
    expect(Math.abs(memoryBytes / Number(known?.memoryBytes) - 1)).toBeLessThan(0.03);
    expect(Math.abs(historyBytes / Number(known?.historyBytes) - 1)).toBeLessThan(0.03);
  });
});
