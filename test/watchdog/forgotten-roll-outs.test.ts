import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import { addressOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

// Who is withdrawn is lost, and nothing else: roll-outs are remembered by the operator's mode, not by what limits it for a tick.

const MINUTE_MS = 60_000;
const LEFT = { sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99', { reach: '0' })] };

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  await givenServers(pod);
});
afterEach(() => pod.close());

const forgetWithdrawals = () => {
  const servers = { ...pod.state()?.servers, withdrawn: 5 };
  const Body = JSON.stringify({ ...pod.state(), servers });
  return pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body }));
};

it('a roll-out that stopped is said and stopped still, in the tick that finds out who is withdrawn and after it', async () => {
  for (const n of [21, 22, 23, 24]) {
    pod.addHost(n, 'client', 'us-west-2a', LEFT, { verdict: 'failed', exitCode: 1 });
  }
  for (let ticks = 0; ticks < 5; ticks += 1) {
    await pod.tick({ tickId: `tick-before-${ticks}` });
    await pod.clock.advance(2 * MINUTE_MS);
  }
  const { rollOuts } = pod.memory();
  expect([rollOuts.client?.stopped, pod.cycled.length]).toEqual([true, 2]);
  await forgetWithdrawals();
  for (const [tickId, mode] of [
    ['tick-2', 'hold'],
    ['tick-3', 'act'],
  ] as const) {
    const { report } = await pod.tick({ tickId });
    expect(report.mode).toBe(mode);
    expect(report.refusals.map(({ sentence }) => sentence)).toContainEqual(
      expect.stringMatching(/^The roll-out of the client tier stopped: 2 hosts failed /),
    );
    expect(pod.memory().rollOuts).toEqual(rollOuts);
    await pod.clock.advance(2 * MINUTE_MS);
  }
  expect(pod.cycled.length).toBe(2);
});

it('a roll-out that stopped is stopped still after a tick that could not read the mode', async () => {
  for (const n of [21, 22, 23, 24]) pod.addHost(n, 'client', 'us-west-2a', LEFT, { verdict: 'failed', exitCode: 1 });
  for (let ticks = 0; ticks < 5; ticks += 1) {
    await pod.tick({ tickId: `tick-before-${ticks}` });
    await pod.clock.advance(2 * MINUTE_MS);
  }
  const { rollOuts } = pod.memory();
  expect([rollOuts.client?.stopped, rollOuts.client?.mode]).toEqual([true, 'act']);
  pod.endpoint.faults.next('GetParameters', 'InternalServerError', { status: 500, times: 3 });
  for (const [tickId, mode, words] of [
    ['tick-2', 'observe', 'mode observe \\(because the mode could not be read\\)'],
    ['tick-3', 'act', 'The roll-out of the client tier stopped: 2 hosts failed'],
  ] as const) {
    const { report } = await pod.tick({ tickId });
    expect(report.mode).toBe(mode);
    expect(report.refusals.map(({ sentence }) => sentence)).toContainEqual(expect.stringMatching(words));
    expect(pod.memory().rollOuts).toEqual(rollOuts);
    await pod.clock.advance(2 * MINUTE_MS);
  }
  expect(pod.cycled.length).toBe(2);
});

it('a host that did nothing is remembered so, and asked again no sooner', async () => {
  pod.addHost(21, 'client', 'us-west-2a', LEFT, { verdict: 'nothing not-yet ntp.az-c.pod' });
  const asked = await pod.tick();
  await pod.clock.advance(2 * MINUTE_MS);
  // the list does not know a command at the first look
  await pod.run.ports.commands.progress(pod.pod, asked.report.cycles[0]?.commandIds ?? []);
  await forgetWithdrawals();
  const { report } = await pod.tick({ tickId: 'tick-2' });
  expect([report.mode, pod.memory().undone]).toEqual([
    'hold',
    { [hostId(21)]: expect.objectContaining({ answers: 1, reason: 'not-yet' }) },
  ]);
});

it('no short run sends a wave while who is withdrawn is forgotten: nothing is left to it', async () => {
  for (const n of [21, 22, 23]) pod.addHost(n, 'client', 'us-west-2a', LEFT);
  await pod.tick();
  expect(pod.memory().seen?.waiting.length).toBeGreaterThan(0);
  await forgetWithdrawals();
  await pod.tick({ tickId: 'tick-2' });
  expect([pod.memory().seen, pod.cycled.length]).toEqual([undefined, 1]);
});
