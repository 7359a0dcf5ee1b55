import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import { sentencesOf } from '../../src/report/sentences.ts';
import { addressOf, gaugeOf, givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
});
afterEach(() => pod.close());

const A = 'us-west-2a';
const SERVER_B = addressOf(11, 'us-west-2b');

describe('a host that says it does not see the new name yet', () => {
  it('is asked again at the next tick, without waiting for the cool-down, and then later and later', async () => {
    await givenServers(pod);
    const left = { sources: [row('*', SERVER_B), row(' ', '10.0.2.99', { reach: '0' })] };
    pod.addHost(22, 'client', A, left, { verdict: 'nothing not-yet ntp.az-c.pod' });
    for (const asked of [1, 2, 2, 3, 3, 3, 4]) {
      const { report } = await pod.tick();
      await pod.clock.advance(60_000);
      // the list does not know a command at the first look; a minute later, as on AWS, it does
      await pod.run.ports.commands.progress(pod.pod, report.cycles[0]?.commandIds ?? []);
      expect(pod.cycled).toHaveLength(asked);
    }
  });

  it('is reported with its reason, in the sentences too', async () => {
    await givenServers(pod);
    const left = { sources: [row('*', SERVER_B), row(' ', '10.0.2.99', { reach: '0' })] };
    pod.addHost(22, 'client', A, left, { verdict: 'nothing not-yet ntp.az-c.pod' });
    const { report: first } = await pod.tick();
    expect(first.verdicts).toEqual([]);
    await pod.clock.advance(60_000);
    await pod.run.ports.commands.progress(pod.pod, first.cycles[0]?.commandIds ?? []);
    const { report } = await pod.tick();
    const sentence = `${hostId(22)} did nothing when asked to cycle: its resolver does not see ntp.az-c.pod yet.`;
    expect(report.verdicts).toEqual([
      { hosts: 1, instanceIds: [hostId(22)], tier: 'client', kind: 'nothing', reason: 'not-yet', sentence },
    ]);
    expect(sentencesOf(report)).toContain(sentence);
  });
});

describe('a wave that was planned and not sent', () => {
  const left = { sources: [row('*', SERVER_B), row(' ', '10.0.2.99', { reach: '0' })] };

  it('because SSM refused it, is forgotten: it holds nobody up', async () => {
    await givenServers(pod);
    pod.addHost(22, 'client', A, left);
    // the collection passes, the cycle does not
    pod.endpoint.on((event) => {
      if (event.kind === 'command sent' && event.document.endsWith('-collect') && pod.cycled.length === 0) {
        pod.endpoint.faults.next('SendCommand', 'AccessDeniedException');
      }
    });
    const { report } = await pod.tick();
    expect(report.cycles).toMatchObject([
      { instanceIds: [hostId(22)], outcome: expect.stringMatching(/^failed: cycling 1 of pod blue/) },
    ]);
    expect(pod.memory()).toMatchObject({ cycles: { [hostId(22)]: [] }, rollOuts: {} });
    expect(await gaugeOf(pod, 'ChangesRefused')).toBe(1);
  });

  it('because the mode changed, is forgotten as well, and sent once it may be', async () => {
    await givenServers(pod);
    pod.addHost(22, 'client', A, left);
    // between plan and wave: what is about to be sent is written then
    const off = pod.endpoint.on((event) => {
      if (event.kind === 'object put' && event.key.startsWith('blue/memory/')) pod.mode('hold');
    });
    const { report } = await pod.tick();
    off();
    expect(report.cycles).toMatchObject([{ outcome: 'not done' }]);
    expect(await gaugeOf(pod, 'ChangesRefused')).toBe(0);
    pod.mode('act');
    await pod.tick();
    await pod.clock.advance(10_000);
    expect(pod.cycled.map(({ instanceId }) => instanceId)).toEqual([hostId(22)]);
  });
});

describe('a wave of which a part was sent', () => {
  const left = { sources: [row('*', SERVER_B), row(' ', '10.0.2.99', { reach: '0' })] };
  const isCycle = (event: { kind: string; document?: string }) =>
    event.kind === 'command sent' && !event.document?.endsWith('-collect');

  let first = 0;
  /** Eighty clients to be cycled, eight a wave once the first has cycled one; `fail` injects what befalls the wave's commands. */
  async function given(fail: () => void) {
    await givenServers(pod);
    // two at one time, so that a command can be sent in halves
    pod.pod.cycling = { ...pod.pod.cycling, maxConcurrencyShare: 0.1 };
    for (let n = 21; n <= 100; n += 1) pod.addHost(n, 'client', A, left);
    const { report } = await pod.tick();
    await pod.clock.advance(60_000);
    await pod.run.ports.commands.progress(pod.pod, report.cycles[0]?.commandIds ?? []);
    first = pod.cycled.length;
    let asked = false;
    return pod.endpoint.on((event) => {
      if (event.kind !== 'command sent' || !event.document.endsWith('-collect') || asked) return;
      asked = true;
      fail();
    });
  }

  it('and another throttled: what was sent is remembered, and no second wave starts beside it', async () => {
    const off = await given(() =>
      pod.endpoint.faults.next('SendCommand', 'InvalidInstanceId', { message: 'The node is not registered.' }),
    );
    const offThrottle = pod.endpoint.on((event) => {
      if (isCycle(event)) pod.endpoint.faults.next('SendCommand', 'ThrottlingException', { times: 4 });
    });
    const { report } = await pod.tick();
    off();
    offThrottle();
    pod.endpoint.faults.clear();
    const [cycle] = report.cycles;
    const [reached, refused] = [cycle?.instanceIds.slice(0, 4), cycle?.instanceIds.slice(4) ?? []];
    expect(report.cycles).toMatchObject([{ outcome: 'sent', commandIds: [expect.any(String)] }]);
    expect(pod.memory().rollOuts.client?.commands).toEqual([{ commandId: cycle?.commandIds[0], instanceIds: reached }]);
    expect(refused).toHaveLength(4);
    const names = `${refused[0]}, ${refused[1]} and 2 more; of ${refused[0]}`;
    expect(report.faults).toContainEqual(
      expect.stringMatching(
        RegExp(
          `^4 hosts were not cycled: ThrottlingException \\(${names}: ThrottlingException \\(log entry [^)]+\\)\\)\\.$`,
        ),
      ),
    );
    for (const id of refused) expect(pod.memory().cycles[id]).toEqual([]);
    const next = await pod.tick();
    expect(next.report.cycles).toEqual([]);
    expect(next.report.refusals).toContainEqual(expect.objectContaining({ rule: 'wave-under-way' }));
  });

  it('perhaps, for SSM’s answer was lost: it is waited for, and no second wave starts beside it', async () => {
    const off = await given(() => pod.endpoint.faults.next('SendCommand', 'x', { times: 3, when: 'answer lost' }));
    pod.run.tickId = 'tick-2';
    const { report } = await pod.tick();
    off();
    expect(report.cycles).toMatchObject([{ outcome: expect.stringMatching(/^perhaps sent: /), commandIds: [] }]);
    expect(pod.memory().rollOuts.client?.commands).toEqual([
      { commandId: null, instanceIds: report.cycles[0]?.instanceIds, maxConcurrency: 2 },
    ]);
    expect(report.faults.at(-1)).toMatch(
      /^SSM did not say whether it cycles i-.*: .*\. No other wave of the tier starts until this one is found, or nothing of it can run any more\.$/,
    );
    const next = await pod.tick();
    expect(next.report.cycles).toEqual([]);
    await pod.clock.advance(60_000);
    const reached = pod.cycled.slice(first).map(({ instanceId }) => instanceId);
    expect(new Set(reached)).toEqual(new Set(report.cycles[0]?.instanceIds));
    // the endpoint stamps commands by the machine's clock, which the bench's is minutes ahead of by now
    const { findWave } = pod.run.ports.commands;
    pod.run.ports.commands.findWave = (of, waveId, sinceMs) => findWave(of, waveId, sinceMs - 3_600_000);
    // once SSM lists it, its id is remembered, and what its hosts answered is read as of any other
    const outcomes: unknown[] = [];
    for (const tickId of ['tick-3', 'tick-4', 'tick-5']) {
      pod.run.tickId = tickId;
      const { report: later } = await pod.tick();
      outcomes.push(...later.cycles.map(({ outcome }) => outcome));
      await pod.clock.advance(10_000);
    }
    expect(outcomes[0]).toBe('sent');
    expect(pod.memory().rollOuts.client).toMatchObject({ failed: [] });
  });

  it('and whom it was sent to is not known any more, for the state was lost: nothing is cycled until nothing of it can run', async () => {
    const off = await given(() => {});
    await pod.tick();
    off();
    await pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body: 'lost' }));
    for (const minutes of [0, 1, 35]) {
      await pod.clock.advance(minutes * 60_000);
      const { report } = await pod.tick();
      expect(report.cycles).toEqual([]);
      expect(pod.memory().rollOuts.client?.commands).toEqual([{ commandId: null, instanceIds: [] }]);
    }
    await pod.clock.advance(120_000);
    expect((await pod.tick()).report.cycles).toMatchObject([{ outcome: 'sent' }]);
  });
});
