import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId } from '../local/aws/bench.ts';
import { addressOf, givenServers, row, startPod, type TestedPod } from './pod.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
});
afterEach(() => pod.close());

const A = 'us-west-2a';
const SERVER_B = addressOf(11, 'us-west-2b');

describe('a host that says it does not see the new name yet', () => {
  it('is asked again at the next tick, without waiting for the cool-down', async () => {
    await givenServers(pod);
    const left = { sources: [row('*', SERVER_B), row(' ', '10.0.2.99', { reach: '0' })] };
    pod.addHost(22, 'client', A, left, { verdict: 'nothing not-yet ntp.az-c.pod' });
    for (let ticks = 1; ticks <= 4; ticks += 1) {
      const { report } = await pod.tick();
      await pod.clock.advance(60_000);
      // the list does not know a command at the first look; a minute later, as on AWS, it does
      await pod.run.ports.commands.progress(pod.pod, report.cycles[0]?.commandIds ?? []);
      expect(pod.cycled).toHaveLength(ticks);
    }
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
    expect(report.memory).toMatchObject({ cycles: { [hostId(22)]: [] }, rollOuts: {} });
  });

  it('because the mode changed, is forgotten as well, and sent once it may be', async () => {
    await givenServers(pod);
    pod.addHost(22, 'client', A, left);
    const off = pod.endpoint.on((event) => {
      if (event.kind === 'object put') pod.mode('hold');
    });
    const { report } = await pod.tick();
    off();
    expect(report.cycles).toMatchObject([{ outcome: 'not done' }]);
    pod.mode('act');
    await pod.tick();
    await pod.clock.advance(10_000);
    expect(pod.cycled.map(({ instanceId }) => instanceId)).toEqual([hostId(22)]);
  });
});
