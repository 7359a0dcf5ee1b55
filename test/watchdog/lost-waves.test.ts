import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import type { Report } from '../../src/report/report.ts';
import { sentencesOf } from '../../src/report/sentences.ts';
import type { State } from '../../src/state/state.ts';
import { scheduledTickDue } from '../../src/watchdog/schedule.ts';
import { cycleOnDemand } from '../../src/watchdog/tick.ts';
import { takeTurn } from '../../src/watchdog/turn.ts';
import { addressOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

// What is remembered of waves was lost: one may be at work, and nobody can find out.

const MINUTE_MS = 60_000;
const FOLLOWS = { sources: [row('*', addressOf(11, 'us-west-2b')), row('+', addressOf(12, 'us-west-2c'))] };
const LEFT = { sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99', { reach: '0' })] };
const lostSentence = (tier: string, minutes: number) =>
  `What the state remembered of waves of the ${tier} tier was lost: one may be at work, and counts as running for ${minutes} min more.`;

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  await givenServers(pod);
});
afterEach(() => pod.close());

const put = (Body: string) => pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body }));
const isDue = async () => {
  const { states } = pod.run.ports;
  return (await scheduledTickDue({ states, pod: pod.pod, nowMs: pod.run.nowMs, pause: async () => {} }, 0)).due;
};
const refusalsOf = ({ refusals }: { refusals: { sentence: string }[] }) => refusals.map(({ sentence }) => sentence);

describe('a settled pod whose state was lost', () => {
  beforeEach(async () => {
    pod.addHost(21, 'client', 'us-west-2a', FOLLOWS);
    await pod.tick();
    await pod.clock.advance(5 * MINUTE_MS);
    await put('rubbish');
    await pod.tick({ tickId: 'tick-2' });
    await pod.clock.advance(MINUTE_MS);
  });

  it('has one more tick in the next minute, and then one each interval, each of which says what it waits for', async () => {
    expect(await isDue()).toBe(true);
    const { report } = await pod.tick({ tickId: 'tick-3' });
    expect(refusalsOf(report)).toEqual([lostSentence('boundary', 37), lostSentence('client', 37)]);
    expect(sentencesOf(pod.report() ?? report)).toEqual(expect.arrayContaining(refusalsOf(report)));
    await pod.clock.advance(MINUTE_MS);
    expect(await isDue()).toBe(false);
    await pod.clock.advance(4 * MINUTE_MS);
    expect(await isDue()).toBe(true);
  });

  it('holds a cycle by hand back, and says that the state was lost', async () => {
    await pod.tick({ tickId: 'tick-3' });
    const request = { tier: 'client' as const, az: null, instanceIds: null, force: true };
    const { report } = await cycleOnDemand(
      { ...pod.run, tickId: 'by-hand' },
      { dryRun: false, waitSeconds: 15 },
      request,
    );
    expect(report?.cycles).toEqual([]);
    expect(refusalsOf(report ?? { refusals: [] })).toEqual([
      lostSentence('boundary', 37),
      `${lostSentence('client', 37)} Held back: 1 host.`,
    ]);
  });

  it('has no tick each minute for hosts that are left behind either, and cycles them when the time is over', async () => {
    pod.addHost(22, 'client', 'us-west-2a', LEFT);
    const { report, unfinished } = await pod.tick({ tickId: 'tick-3' });
    expect(refusalsOf(report)).toContain(`${lostSentence('client', 37)} Held back: 1 host.`);
    expect([report.cycles, unfinished]).toEqual([[], false]);
    await pod.clock.advance(38 * MINUTE_MS);
    expect((await pod.tick({ tickId: 'tick-4' })).report.cycles).toMatchObject([{ instanceIds: [hostId(22)] }]);
  });
});

describe('a wave at work when somebody removed the state', () => {
  it('counts as under way, of either tier, though the last report is there', async () => {
    pod.addHost(22, 'client', 'us-west-2a', LEFT);
    expect((await pod.tick()).report.cycles).toMatchObject([{ outcome: 'sent' }]);
    await pod.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json' }));
    const reports = [(await pod.tick({ tickId: 'tick-2' })).report, (await pod.tick({ tickId: 'tick-3' })).report];
    expect(reports[0]?.faults[0]).toMatch(
      /^The state of pod blue is not there, though its last report is: all that it remembered is lost, and a wave may be under way\. /,
    );
    for (const report of reports) expect(report.cycles).toEqual([]);
    expect(reports[1] && refusalsOf(reports[1])).toEqual([
      lostSentence('boundary', 38),
      `${lostSentence('client', 38)} Held back: 1 host.`,
    ]);
    await pod.clock.advance(39 * MINUTE_MS);
    expect((await pod.tick({ tickId: 'tick-4' })).report.cycles).toMatchObject([{ instanceIds: [hostId(22)] }]);
  });
});

describe('a wave at work when a part of the state was damaged', () => {
  const heldBack = (minutes: number, hosts: string) => [
    lostSentence('boundary', minutes),
    `${lostSentence('client', minutes)} Held back: ${hosts}.`,
  ];
  const waitsOf = ({ refusals }: Report) =>
    refusalsOf({ refusals: refusals.filter(({ rule }) => rule === 'wave-under-way') });
  const startedAtMs = () => pod.state()?.waves.client?.startedAtMs;
  beforeEach(async () => {
    pod.addHost(22, 'client', 'us-west-2a', LEFT);
    pod.addHost(23, 'client', 'us-west-2a', LEFT);
    expect((await pod.tick()).report.cycles).toMatchObject([{ outcome: 'sent' }]);
  });
  const damage = (parts: object) => put(JSON.stringify({ ...pod.state(), ...parts }));

  it('counts as under way, though nothing says when the last tick began', async () => {
    await damage({ last: 'x', waves: 'x' });
    await pod.clock.advance(1000);
    const { report } = await pod.tick({ tickId: 'tick-2' });
    expect(report.faults[0]).toMatch(/none starts beside it until that would be over\.$/);
    expect([report.cycles, waitsOf(report)]).toEqual([[], heldBack(38, '1 host')]);
  });

  it('counts as under way where nothing but the version is left, from the first tick on that read it so', async () => {
    await put(JSON.stringify({ version: 1, pod: 'blue' }));
    await pod.clock.advance(1000);
    const firstMs = pod.clock.nowMs();
    await pod.tick({ tickId: 'tick-2' });
    for (const [tickId, minutes] of [
      ['tick-3', 37],
      ['tick-4', 36],
    ] as const) {
      await pod.clock.advance(MINUTE_MS);
      const { report } = await pod.tick({ tickId });
      expect([report.cycles, waitsOf(report)]).toEqual([[], heldBack(minutes, '2 hosts')]);
      expect(startedAtMs()).toBe(firstMs);
    }
    await pod.clock.advance(36 * MINUTE_MS);
    expect((await pod.tick({ tickId: 'tick-5' })).report.cycles).toMatchObject([{ outcome: 'sent' }]);
  });

  it('may have been sent by a run since the last tick, however long ago that began', async () => {
    await pod.clock.advance(39 * MINUTE_MS);
    await damage({ waves: 'x' });
    const { report } = await pod.tick({ tickId: 'tick-2' });
    expect([report.cycles, waitsOf(report)]).toEqual([[], heldBack(38, '2 hosts')]);
  });

  it('keeps its date where the run that gave it one dies after its claim', async () => {
    await damage({ waves: 'x' });
    const claimedMs = pod.clock.nowMs();
    const claim = { tickId: 'dies', startedAtMs: claimedMs, untilMs: claimedMs + 5 * MINUTE_MS };
    expect(await takeTurn(pod.run, claim, { bringsNews: false, read: null })).toMatchObject({ failure: null });
    await pod.clock.advance(6 * MINUTE_MS);
    const { report } = await pod.tick({ tickId: 'tick-2' });
    expect([report.cycles, waitsOf(report)]).toEqual([[], heldBack(32, '1 host')]);
    expect(startedAtMs()).toBe(claimedMs);
  });

  it('keeps the date of a run that only left news with the one that has the turn', async () => {
    const nowMs = pod.clock.nowMs();
    await damage({
      claim: { tickId: 'other', startedAtMs: nowMs - 5 * MINUTE_MS, untilMs: nowMs + MINUTE_MS },
      waves: 'x',
    });
    expect((await pod.tick({ tickId: 'tick-2', bringsNews: true })).gaveWay).toMatch(
      /A tick follows as soon as that ends/,
    );
    await pod.clock.advance(2 * MINUTE_MS);
    const { report } = await pod.tick({ tickId: 'tick-3' });
    expect([report.cycles, waitsOf(report)]).toEqual([[], heldBack(36, '1 host')]);
    expect(startedAtMs()).toBe(nowMs);
  });
});

describe('a wave whose memory was lost', () => {
  it('counts as under way: no other starts beside it until nothing of it can run', async () => {
    pod.addHost(22, 'client', 'us-west-2a', LEFT);
    const { report } = await pod.tick();
    expect(report.cycles).toMatchObject([{ instanceIds: [hostId(22)], outcome: 'sent' }]);
    const lost = { ...(pod.state() as State), memory: 'blue/memory/tick-0-000000000000.json.gz' };
    await put(JSON.stringify(lost));
    const next = await pod.tick({ tickId: 'tick-2' });
    expect(next.report.faults).toContain(
      'The memory of pod blue is not there: which hosts were cycled and asked is forgotten. A wave that was sent counts as under way.',
    );
    expect(next.report.cycles).toEqual([]);
    expect(refusalsOf(next.report)).toEqual([
      'Whom the last wave of the client tier was sent to was lost with the memory: it counts as running for 38 min more. Held back: 1 host.',
    ]);
    expect(next.unfinished).toBe(false);
    await pod.clock.advance(5 * MINUTE_MS);
    expect((await pod.tick({ tickId: 'tick-3' })).report.cycles).toEqual([]);
  });
});
