import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import type { TestedPod } from '../builders/endpoint-pod.ts';
import { podWithTurns } from '../builders/turns.ts';

let pod: TestedPod;
const { putsOf, isDue, onceAsked } = podWithTurns((started) => {
  pod = started;
});

describe('the first tick after an older podtime', () => {
  const older = (more: object = {}) => {
    const memory = {
      ...pod.memory(),
      withdrawn: { [hostId(11)]: { sinceMs: 1, sentence: 'It is adrift.', addresses: [] } },
      cycles: { [hostId(22)]: [pod.clock.nowMs() - 60_000] },
    };
    return { ...pod.report(), version: 3, unfinished: false, untilMs: pod.clock.nowMs() - 1, memory, ...more };
  };
  const deployedOver = async (report: object) => {
    pod.addHost(22, 'client', 'us-west-2a');
    const Body = JSON.stringify(report);
    await pod.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/report.json', Body }));
    const { states } = pod.run.ports;
    // the endpoint has no deletion of objects: the state is hidden until it is written
    const stored = pod.state();
    const { etag: hiddenEtag } = await states.read('blue');
    pod.run.ports.states = {
      ...states,
      read: async (name) => {
        const { stateOfReport } = await import('../../src/state/of-report.ts');
        const read = await states.read(name);
        return JSON.stringify(read.state) === JSON.stringify(stored)
          ? { ...stateOfReport(Body, name, pod.clock.nowMs()), etag: null }
          : read;
      },
      write: (state, etag) => states.write(state, etag ?? hiddenEtag),
    };
  };

  it('remembers all that its report does, also when it dies after its claim', async () => {
    const report = older();
    await deployedOver(report);
    onceAsked(() => expect(pod.memory()).toEqual(report.memory));
    await pod.tick();
    expect(pod.memory().cycles).toEqual(report.memory.cycles);
    expect(pod.report()?.version).toBe(6);
    expect.assertions(3);
  });

  it.each([false, true])(
    'waits for a tick of the older one that may still run, and stores no state beside it: news or not (%s)',
    async (bringsNews) => {
      const running = older({ endedAtMs: null, tickId: 'tick-0', untilMs: pod.clock.nowMs() + 60_000 });
      await deployedOver(running);
      pod.events.length = 0;
      expect((await pod.tick({ bringsNews })).gaveWay).toContain('(tick tick-0) has the turn');
      expect(putsOf()).toEqual([]);
      expect(await isDue()).toMatchObject({ due: false });
    },
  );

  it('is due as soon as the older one’s has ended: it may have been told of news', async () => {
    const nowMs = pod.clock.nowMs();
    await deployedOver(older({ tickId: 'tick-0', startedAtMs: nowMs - 20_000, endedAtMs: nowMs - 1 }));
    expect(await isDue()).toMatchObject({ due: true });
  });
});
