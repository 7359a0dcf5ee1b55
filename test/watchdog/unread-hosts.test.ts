import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import { sentencesOf } from '../../src/report/sentences.ts';
import { look, unasked } from '../../src/watchdog/look.ts';
import { observe } from '../../src/watchdog/observe.ts';
import { standingOf } from '../../src/watchdog/turn.ts';
import { addressOf, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

const [A, B, C] = ['us-west-2a', 'us-west-2b', 'us-west-2c'];
const FOLLOWS = [row('*', addressOf(11, A)), row('+', addressOf(12, B))];
const LEFT_BEHIND = [row('*', '10.0.1.99'), row('+', addressOf(12, B))];
const INTERVAL_MS = 400_000;

let pod: TestedPod;
/** What the clients of AZ a print. */
const inA = { sources: FOLLOWS };

/** EC2 lists nobody by tag, and does not describe the hosts of AZ c by id either. */
function loseAzC(): void {
  const { instances } = pod.run.ports;
  const ofPod: typeof instances.ofPod = async (asked, known) => {
    const all = await instances.ofPod(asked, known);
    const unread = all.hosts.filter(({ az }) => az === C).map(({ instanceId }) => instanceId);
    const faults = ['EC2 does not list pod blue by tag: Unavailable.'];
    return { ...all, hosts: all.hosts.filter(({ az }) => az !== C), unread, faults };
  };
  pod.run.ports.instances = { ...instances, ofPod };
}

beforeEach(async () => {
  pod = await startPod();
  inA.sources = FOLLOWS;
  pod.addHost(11, 'boundary', A);
  pod.addHost(12, 'boundary', B);
  for (const number of [21, 22]) pod.addHost(number, 'client', A, inA);
  for (const number of [31, 32, 33, 34, 35, 36]) pod.addHost(number, 'client', C, { sources: FOLLOWS });
  pod.mode('act');
  for (const tickId of ['tick-1', 'tick-2']) {
    await pod.tick({ tickId });
    await pod.clock.advance(INTERVAL_MS);
  }
});
afterEach(() => pod.close());

describe('hosts of an AZ that EC2 does not describe', () => {
  it('are counted and shown as unknown, and keep their tier from being cycled', async () => {
    inA.sources = LEFT_BEHIND;
    loseAzC();
    const { report } = await pod.tick({ tickId: 'tick-3' });
    expect(report.summary).toMatchObject({ expected: 10, sampled: 4, unknown: 6 });
    expect(report.hosts.filter(({ state }) => state === 'unknown')).toHaveLength(6);
    expect(sentencesOf(report)[0]).toContain('4 hosts of 10 answered');
    expect(report.cycles).toEqual([]);
    expect(report.refusals.map(({ sentence }) => sentence)).toEqual([
      'Nothing of the client tier is cycled: 2 of its 8 hosts answered, half are needed. Held back: 2 hosts.',
    ]);
  });

  it('are expected, and not sampled, in what CloudWatch gets', async () => {
    loseAzC();
    await pod.tick({ tickId: 'tick-3' });
    await pod.clock.advance(10_000);
    const lastOf = (name: string) =>
      pod.endpoint
        .metrics()
        .filter((datum) => datum.name === name && datum.dimensions.Tier === 'client' && !datum.dimensions.AZ)
        .at(-1)?.maximum;
    expect([lastOf('HostsExpected'), lastOf('HostsSampled')]).toEqual([8, 2]);
  });

  it('are known at the next tick, though the last report is lost', async () => {
    loseAzC();
    pod.run.ports.reports = { ...pod.run.ports.reports, read: () => Promise.reject(new Error('S3 does not answer')) };
    const { report } = await pod.tick({ tickId: 'tick-3' });
    expect(report.hosts.filter(({ az, state }) => az === C && state === 'unknown')).toHaveLength(6);
  });

  it('are not said to be strangers in a look by hand', async () => {
    loseAzC();
    const observed = await observe(pod.run, await standingOf(pod.run));
    const asked = [hostId(31), hostId(99)];
    expect((await look(pod.run, observed, asked, 20)).judgements).toEqual([]);
    expect(unasked(pod.pod, observed, asked)).toEqual([
      `EC2 does not describe ${hostId(31)}: not asked.`,
      `${hostId(99)} is no instance of pod blue.`,
    ]);
  });
});
