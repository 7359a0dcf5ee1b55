import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import fc from 'fast-check';
import { sentencesOf } from '../../src/report/sentences.ts';
import { scheduledTickDue } from '../../src/watchdog/schedule.ts';
import { addressOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';
import { runs } from '../builders/property-runs.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  await givenServers(pod);
  const left = { sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99', { reach: '0' })] };
  pod.addHost(21, 'client', 'us-west-2a', left, { verdict: 'failed', exitCode: 1 });
  await pod.tick();
});
afterEach(() => pod.close());

const store = (report: unknown) =>
  pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/report.json', Body: JSON.stringify(report) }));

describe('a last report that is whole', () => {
  it('is read byte for byte as it was written', async () => {
    const { report } = await pod.run.ports.reports.read('blue');
    expect(JSON.stringify(report)).toBe(JSON.stringify(pod.report()));
  });
});

describe('a last report that is damaged', () => {
  it('does not keep the next tick from running, which says so and writes over it', async () => {
    await store({ version: 2, pod: 'blue' });
    const turn = { reports: pod.run.ports.reports, pod: pod.pod, nowMs: pod.run.nowMs, pause: async () => {} };
    expect(await scheduledTickDue(turn, 20)).toEqual({
      due: true,
      sentence: 'A tick of pod blue is due: there is no report to go by.',
    });
    const { report, gaveWay } = await pod.tick();
    expect(gaveWay).toBeNull();
    expect(report.faults[0]).toMatch(
      /^The memory of pod blue has lost unhealthySinceMs, .* The last report of pod blue is damaged \(tickId, startedAtMs, .*\): /,
    );
    expect(pod.report()).toEqual(report);
    expect((await pod.run.ports.reports.read('blue')).fault).toBeNull();
  });

  it('lets one of two ticks at once have it, as a whole one does', async () => {
    await store({ version: 2, pod: 'blue' });
    const ticks = await Promise.all([pod.tick(), pod.tick({ tickId: 'tick-2' })]);
    expect(ticks.filter(({ gaveWay }) => gaveWay === null)).toHaveLength(1);
  });

  it('costs no tick, whatever of it is damaged', async () => {
    const whole = structuredClone(pod.report()) as unknown as Record<string, unknown>;
    const paths = pathsOf(whole).filter(([first]) => first !== 'version' && first !== 'pod');
    const junk = fc.constantFrom<unknown>(null, undefined, 'x', -1, true, [], [null], {}, { x: null }, { x: [null] });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), junk, async (path, value) => {
        await store(changed(whole, path, value));
        const { report, gaveWay } = await pod.tick();
        expect(gaveWay).toBeNull();
        expect(sentencesOf(report).join(' ')).not.toMatch(/NaN|undefined/);
        expect(report.hosts.map(({ instanceId }) => instanceId)).toContain(hostId(21));
        expect((await pod.run.ports.reports.read('blue')).fault).toBeNull();
      }),
      runs(12),
    );
  });
});

/** Every place of a report. */
function pathsOf(value: unknown, before: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [before];
  const within = Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...before, key]));
  return before.length === 0 ? within : [before, ...within];
}

function changed(value: unknown, [first, ...rest]: string[], to: unknown): unknown {
  if (first === undefined) return to;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[first] = changed(copy[first], rest, to);
  return copy;
}
