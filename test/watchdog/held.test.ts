import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import { sentencesOf } from '../../src/report/sentences.ts';
import type { HeldHosts } from '../../src/watchdog/ports.ts';
import { scheduledTickDue } from '../../src/watchdog/schedule.ts';
import { cycleOnDemand } from '../../src/watchdog/tick.ts';
import { addressOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

const LEFT = { sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99', { reach: '0' })] };
const HELD = hostId(22);
const SENTENCE = `${HELD} is not cycled: its tag ntp-hold says look, never touch.`;

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  await givenServers(pod);
});
afterEach(() => pod.close());

/** A stale client that is tagged while the run waits for what it says of its clock: EC2 was read before. */
function addHeldMeanwhile(): void {
  const agent = pod.addHost(22, 'client', 'us-west-2a', LEFT);
  const { run } = agent;
  agent.run = async (...given) => {
    await isRead;
    pod.endpoint.instances.tag(HELD, { 'ntp-hold': 'at work on it' });
    return run(...given);
  };
  const { instances } = pod.run.ports;
  let read = () => {};
  const isRead = new Promise<void>((resolve) => {
    read = resolve;
  });
  const ofPod: typeof instances.ofPod = async (...given) => {
    const hosts = await instances.ofPod(...given);
    read();
    return hosts;
  };
  pod.run.ports.instances = { ...instances, ofPod };
}

/** What EC2 is asked with who is held. */
function countAsked(answer?: () => Promise<HeldHosts>) {
  const { instances } = pod.run.ports;
  const asked = { times: 0, wave: [] as readonly { instanceId: string }[] };
  const heldOf: typeof instances.heldOf = async (...given) => {
    asked.times += 1;
    [, asked.wave] = given;
    return answer ? answer() : instances.heldOf(...given);
  };
  pod.run.ports.instances = { ...instances, heldOf };
  return asked;
}

const isDue = async () => {
  const { states } = pod.run.ports;
  return (await scheduledTickDue({ states, pod: pod.pod, nowMs: pod.run.nowMs, pause: async () => {} }, 0)).due;
};
const stateWaves = () => pod.state()?.waves.client?.commands;

describe('a host that is held while a tick waits for its hosts', () => {
  it('is not cycled, which is said, and nothing of a cycle is remembered', async () => {
    addHeldMeanwhile();
    const { report, unfinished } = await pod.tick();
    await pod.clock.advance(10_000);
    expect([report.cycles, pod.cycled]).toEqual([[], []]);
    expect(sentencesOf(report)).toContain(SENTENCE);
    expect(pod.memory().cycles[HELD] ?? []).toEqual([]);
    // of the wave nothing is left to follow
    expect([unfinished, stateWaves()]).toEqual([true, []]);
  });

  it('is left out of the wave, and the others are cycled', async () => {
    // a first wave is a quarter of them
    for (let n = 23; n <= 30; n += 1) pod.addHost(n, 'client', n % 2 === 0 ? 'us-west-2a' : 'us-west-2b', LEFT);
    addHeldMeanwhile();
    const { report } = await pod.tick();
    await pod.clock.advance(10_000);
    expect(report.cycles.flatMap(({ instanceIds }) => instanceIds)).toEqual([hostId(23)]);
    expect(pod.cycled.map(({ instanceId }) => instanceId)).toEqual([hostId(23)]);
    expect(sentencesOf(report)).toContain(SENTENCE);
  });

  it('is not cycled by hand either, with force', async () => {
    addHeldMeanwhile();
    const request = { tier: null, az: null, instanceIds: [HELD], force: true };
    const { report } = await cycleOnDemand(pod.run, { dryRun: false, waitSeconds: 15 }, request);
    await pod.clock.advance(10_000);
    expect(pod.cycled).toEqual([]);
    expect(report?.refusals).toContainEqual(expect.objectContaining({ rule: 'held', sentence: SENTENCE }));
  });
});

describe('who is held', () => {
  it('is asked before a wave, once, and not where nobody is cycled', async () => {
    const asked = countAsked();
    await pod.tick();
    expect(asked.times).toBe(0);
    pod.addHost(23, 'client', 'us-west-2b', LEFT);
    await pod.tick({ tickId: 'tick-2', dryRun: true });
    expect(asked.times).toBe(0);
    await pod.tick({ tickId: 'tick-3' });
    await pod.clock.advance(10_000);
    expect([asked.times, pod.cycled.length]).toEqual([1, 1]);
    // for EC2 may have to be asked for them by id
    expect(asked.wave.map(({ instanceId }) => instanceId)).toEqual([hostId(23)]);
  });

  it('where EC2 does not say it of some, costs these alone', async () => {
    for (let n = 22; n <= 30; n += 1) pod.addHost(n, 'client', n % 2 === 0 ? 'us-west-2a' : 'us-west-2b', LEFT);
    countAsked(async () => ({ held: [], unsaid: [hostId(22)], faults: ['EC2 does not say it.'] }));
    const { report } = await pod.tick();
    await pod.clock.advance(10_000);
    expect(pod.cycled.map(({ instanceId }) => instanceId)).toEqual([hostId(23)]);
    expect(report.faults).toContain('EC2 does not say it.');
    expect(sentencesOf(report)).toContain(`${hostId(22)} is not cycled: EC2 does not say whether it is held.`);
  });

  it('where EC2 does not say it, is a fault: nobody is cycled, and the next minute’s run does a tick', async () => {
    pod.addHost(23, 'client', 'us-west-2b', LEFT);
    countAsked(async () => {
      throw new Error('reading who of pod blue is held from EC2: Unavailable');
    });
    const { report, unfinished } = await pod.tick();
    await pod.clock.advance(10_000);
    expect([report.cycles, pod.cycled, unfinished]).toEqual([[], [], true]);
    expect(report.refusals).toEqual([]);
    expect(report.faults).toContain(
      'reading who of pod blue is held from EC2: Unavailable. No host is cycled without that.',
    );
    expect([pod.memory().cycles[hostId(23)] ?? [], stateWaves()]).toEqual([[], []]);
    await pod.clock.advance(50_000);
    expect(await isDue()).toBe(true);
  });
});
