import { gunzipSync, gzipSync } from 'node:zlib';
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

const store = (state: unknown) =>
  pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body: JSON.stringify(state) }));

describe('a state that is whole', () => {
  it('is read byte for byte as it was written', async () => {
    const { state } = await pod.run.ports.states.read('blue');
    expect(JSON.stringify(state)).toBe(JSON.stringify(pod.state()));
  });

  it('is small, and has no id of a client', () => {
    expect(JSON.stringify(pod.state()).length).toBeLessThan(2000);
    expect(JSON.stringify(pod.state())).not.toContain(hostId(21));
  });
});

describe('a state that is damaged', () => {
  it('does not keep the next tick from running, which says so and writes over it', async () => {
    await store({ version: 1, pod: 'blue' });
    const turn = { states: pod.run.ports.states, pod: pod.pod, nowMs: pod.run.nowMs, pause: async () => {} };
    expect(await scheduledTickDue(turn, 20)).toMatchObject({
      due: true,
      sentence: 'A tick of pod blue is due: there is no state to go by.',
    });
    const { report, gaveWay } = await pod.tick();
    expect(gaveWay).toBeNull();
    expect(report.faults[0]).toBe(
      'The state of pod blue has lost claim, last, dueAtMs, again, unhealthySinceMs, unhealthy, withdrawn, unknownToEc2, ' +
        'starting, known, memory, waves: it is damaged. Who is withdrawn for its health is forgotten: until a tick has seen the whole pod ' +
        'podtime does no more than in mode hold; then a server without a record stays out of DNS until it is confident. ' +
        'A wave may be under way: none starts beside it until that would be over. Which hosts were cycled and asked is forgotten.',
    );
    expect(pod.report()).toEqual(report);
    expect((await pod.run.ports.states.read('blue')).fault).toBeNull();
  });

  it('lets one of two ticks at once have the turn, as a whole one does', async () => {
    await store({ version: 1, pod: 'blue' });
    const ticks = await Promise.all([pod.tick(), pod.tick({ tickId: 'tick-2' })]);
    expect(ticks.filter(({ gaveWay }) => gaveWay === null)).toHaveLength(1);
  });

  it('costs no tick where it counts more failed hosts than any pod has', async () => {
    const whole = structuredClone(pod.state()) as unknown as Record<string, unknown>;
    await store(changed(whole, ['waves', 'client', 'failed'], 9e15));
    const { report } = await pod.tick();
    expect(report.hosts.map(({ instanceId }) => instanceId)).toContain(hostId(21));
    expect(pod.state()?.waves.client?.failed).toBeLessThan(60_000);
  });

  it('costs no tick, whatever of it is damaged, or of its memory', async () => {
    const whole = structuredClone(pod.state()) as unknown as Record<string, unknown>;
    const key = whole.memory as string;
    const hosts = JSON.parse(gunzipSync(pod.endpoint.object(BUCKET, key)?.body ?? '').toString());
    const places = [
      ...pathsOf(whole).map((path) => ({ path, ofMemory: false })),
      ...pathsOf(hosts).map((path) => ({ path, ofMemory: true })),
    ].filter(({ path: [first] }) => first !== 'version' && first !== 'pod');
    const junk = fc.constantFrom<unknown>(
      ...[null, undefined, '', 'x', -1, -9e15, 9e15, Number.MAX_VALUE, true],
      ...[[], [null], {}, { x: null }, { x: [null] }, { x: 9e15 }],
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), junk, async ({ path, ofMemory }, value) => {
        await store(ofMemory ? whole : changed(whole, path, value));
        const Body = gzipSync(JSON.stringify(ofMemory ? changed(hosts, path, value) : hosts));
        await pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body }));
        const { report, gaveWay } = await pod.tick();
        expect(gaveWay).toBeNull();
        expect(sentencesOf(report).join(' ')).not.toMatch(/NaN|undefined/);
        expect(report.hosts.map(({ instanceId }) => instanceId)).toContain(hostId(21));
        expect((await pod.run.ports.states.read('blue')).fault).toBeNull();
      }),
      runs(12),
    );
  });
});

/** Every place of an object. */
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
