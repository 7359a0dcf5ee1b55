import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import { retirePod } from '../../src/watchdog/membership.ts';
import { givenServers, startPod, type TestedPod } from '../builders/endpoint-pod.ts';
import { unseen } from '../builders/plan-oracle.ts';

const [ELEVEN, TWELVE] = [hostId(11), hostId(12)];
const MINUTE_MS = 60_000;
const FORGOTTEN_MS = 2 * 3_600_000;

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  await givenServers(pod);
});
afterEach(() => pod.close());

const published = () =>
  pod.endpoint
    .records()
    .filter(({ name }) => name.startsWith('ntp.'))
    .map(({ setIdentifier }) => setIdentifier);

/** A tick so long after the one before; answers what is refused to whom, and who stands in DNS. */
async function tickAfter(ms: number) {
  await pod.clock.advance(ms);
  const { report } = await pod.tick();
  return { rules: report.refusals.map(({ rule }) => rule), published: published(), report };
}

describe('a server that EC2 has forgotten', () => {
  beforeEach(() => pod.endpoint.instances.terminate(TWELVE));

  it('goes when EC2 denies it twice, five minutes apart, however often a tick asks between', async () => {
    expect(await tickAfter(FORGOTTEN_MS)).toMatchObject({ rules: ['unknown-once'], published: [ELEVEN, TWELVE] });
    expect(await tickAfter(MINUTE_MS)).toMatchObject({ rules: ['unknown-once'], published: [ELEVEN, TWELVE] });
    expect(await tickAfter(3 * MINUTE_MS)).toMatchObject({ rules: ['unknown-once'], published: [ELEVEN, TWELVE] });
    const { rules, published: left, report } = await tickAfter(MINUTE_MS);
    expect([rules, left]).toEqual([[], [ELEVEN]]);
    expect(report.changes).toMatchObject([
      { action: 'UPSERT', setIdentifier: ELEVEN, reason: `${ELEVEN} must stand in DNS while ${TWELVE} goes` },
      { setIdentifier: TWELVE, outcome: 'done', reason: `EC2 says that there is no ${TWELVE}, and said so 5 min ago` },
    ]);
  });

  it('stays when EC2 does not answer for it, and is not forgiven', async () => {
    await tickAfter(FORGOTTEN_MS);
    await pod.clock.advance(5 * MINUTE_MS);
    // the read by tag succeeds, the one by id does not: the endpoint cannot fail one of two requests of a kind
    pod.run.ports.instances = {
      ...pod.run.ports.instances,
      statesOf: async () => ({ states: new Map(), unknown: [], faults: ['EC2 does not say.'] }),
    };
    const { report } = await pod.tick();
    expect([report.refusals.map(({ rule }) => rule), published()]).toEqual([['unread-owner'], [ELEVEN, TWELVE]]);
    expect(Object.keys(pod.memory().unknownToEc2)).toEqual([TWELVE]);
  });

  it('stays while nobody else is confident, also in mode hold', async () => {
    pod.mode('hold');
    pod.agents.delete(ELEVEN);
    await tickAfter(FORGOTTEN_MS);
    expect(await tickAfter(5 * MINUTE_MS)).toMatchObject({ rules: ['floor'], published: [ELEVEN, TWELVE] });
  });
});

describe('a pod of which EC2 names nobody', () => {
  beforeEach(async () => {
    pod.addHost(21, 'client', 'us-west-2b');
    await pod.tick();
    for (const n of [11, 12, 21]) pod.endpoint.instances.terminate(hostId(n));
  });

  it.each(['act', 'hold'])('is blind in mode %s: nothing of it changes at any tick', async (mode) => {
    pod.mode(mode);
    const before = pod.memory();
    await pod.clock.advance(FORGOTTEN_MS);
    for (let ticks = 0; ticks < 3; ticks += 1) {
      const { rules, report, published: left } = await tickAfter(10 * MINUTE_MS);
      expect([rules, left]).toEqual([['blind'], [ELEVEN, TWELVE]]);
      expect([report.changes, report.cycles, pod.memory()]).toEqual([[], [], unseen(before)]);
    }
  });

  it('is emptied on purpose, and is then no longer blind', async () => {
    await tickAfter(FORGOTTEN_MS);
    await retirePod({ ports: pod.run.ports, tickId: 'retire' }, pod.pod, false);
    expect(published()).toEqual([]);
    expect(await tickAfter(10 * MINUTE_MS)).toMatchObject({ rules: [], published: [] });
  });
});

describe('while EC2 cannot be read by tag, and one AZ not at all', () => {
  it('its hosts are asked for at every tick, and none of them is taken for gone', async () => {
    const asked: string[][] = [];
    const { instances } = pod.run.ports;
    pod.run.ports.instances = {
      ...instances,
      async ofPod(ofPod, known) {
        asked.push(known.map(({ instanceId }) => instanceId).toSorted());
        const { hosts } = await instances.ofPod(ofPod, known);
        const isUnread = ({ instanceId }: { instanceId: string }) => instanceId === TWELVE;
        const unread = known.filter(isUnread).map(({ instanceId }) => instanceId);
        return { hosts: hosts.filter((host) => !isUnread(host)), refused: [], faults: [], unread };
      },
    };
    for (let ticks = 0; ticks < 3; ticks += 1) {
      const { report } = await tickAfter(5 * MINUTE_MS);
      expect(report.hosts.map(({ instanceId, state }) => [instanceId, state])).toEqual([
        [ELEVEN, 'healthy'],
        [TWELVE, 'unknown'],
      ]);
      expect(report.summary).toMatchObject({ expected: 2, sampled: 1, unknown: 1 });
    }
    expect(asked).toEqual([
      [ELEVEN, TWELVE],
      [ELEVEN, TWELVE],
      [ELEVEN, TWELVE],
    ]);
  });
});
