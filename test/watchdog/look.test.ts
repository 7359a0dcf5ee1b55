import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId, VPC } from '@podtime/aws-endpoint/testing';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { look, startLook, unasked } from '../../src/watchdog/look.ts';
import { observe, type Run } from '../../src/watchdog/observe.ts';
import { standingOf } from '../../src/watchdog/turn.ts';
import { givenServers, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
});
afterEach(() => pod.close());

describe('a look at some hosts by id', () => {
  it('asks those that run, and says of each other one why not', async () => {
    for (const n of [21, 22, 23]) pod.addHost(n, 'client', 'us-west-2a');
    pod.endpoint.instances.stop(hostId(22));
    pod.endpoint.instances.terminate(hostId(23));
    await pod.clock.advance(60_000);
    const observed = await observe(pod.run, await standingOf(pod.run));
    const asked = [22, 21, 99, 23, 22].map(hostId);
    const seen = await look(pod.run, observed, asked, 20);
    expect(seen.judgements.map(({ host }) => host.instanceId)).toEqual([hostId(21)]);
    expect(unasked(pod.pod, observed, asked)).toEqual([
      `${hostId(22)} is stopped: not asked.`,
      `${hostId(99)} is no instance of pod blue.`,
      `${hostId(23)} is terminated: not asked.`,
    ]);
  });

  it('says of one that only starts that it is pending', async () => {
    const tags = { 'ntp-pod': 'blue', 'ntp-tier': 'client' };
    const { instanceId } = pod.endpoint.instances.run({ vpc: VPC, az: 'us-west-2a', ipv4: '10.0.1.24', tags });
    // EC2 tells an instance's tags later than the instance
    await pod.clock.advance(3_000);
    const { hosts } = await observe(pod.run, await standingOf(pod.run));
    expect(unasked(pod.pod, { hosts, unreadHosts: [] }, [instanceId])).toEqual([
      `${instanceId} is pending: not asked.`,
    ]);
  });
});

describe('a look at the whole pod', () => {
  /** The run, with EC2 read only after `until`. */
  const readingHostsAfter = (until: Promise<unknown>): Run => ({
    ...pod.run,
    ports: {
      ...pod.run.ports,
      instances: {
        ...pod.run.ports.instances,
        ofPod: async (...given) => {
          await until;
          return pod.run.ports.instances.ofPod(...given);
        },
      },
    },
  });

  it('asks the hosts before anybody knows who they are, and judges as by hand what came before', async () => {
    await givenServers(pod);
    pod.addHost(21, 'client', 'us-west-2a');
    pod.addHost(22, 'client', 'us-west-2a', { sources: [row('*', '10.0.2.99')] });
    pod.addHost(23, 'client', 'us-west-2a', { leap: '11' });
    pod.addHost(24, 'client', 'us-west-2a', {}, { prints: 'no collect document' });
    const answered = new EventEmitter();
    const run = readingHostsAfter(once(answered, 'all'));
    const { collect } = run.ports.commands;
    const looking = startLook(
      {
        ...run,
        ports: {
          ...run.ports,
          commands: {
            ...run.ports.commands,
            collect: async (...given) => {
              const collection = await collect(...given);
              answered.emit('all');
              return collection;
            },
          },
        },
      },
      20,
    );
    const observed = await observe(run, await standingOf(run));
    const seen = await looking.join(observed);
    expect(seen.judgements.map(({ host, stale, state }) => [host.instanceId, state, stale?.rule ?? null])).toEqual([
      [hostId(11), 'healthy', null],
      [hostId(12), 'healthy', null],
      [hostId(21), 'healthy', null],
      [hostId(22), expect.any(String), 'left-behind'],
      [hostId(23), 'unsynchronised', null],
      [hostId(24), 'unknown', null],
    ]);
    const byHand = await look(pod.run, observed, null, 20);
    // by hand it is also told why a host is healthy and confident
    expect(byHand.judgements[0]).toMatchObject({
      sentence: expect.stringMatching(/^offset /),
      confidence: expect.stringMatching(/^confident: /),
    });
    const untimed = (judgements: readonly Judgement[]) => judgements.map(({ sampledAtMs: _, ...rest }) => rest);
    expect(untimed(seen.judgements)).toEqual(
      untimed(byHand.judgements).map((judgement) => ({
        ...judgement,
        ...(judgement.state === 'healthy' && { sentence: '' }),
        ...(judgement.confident && { confidence: '' }),
      })),
    );
    expect([seen.commandIds.length, seen.faults, seen.undone]).toEqual([1, [], []]);
  });

  it('keeps what hosts printed when it is made by hand, and only then', async () => {
    pod.addHost(21, 'client', 'us-west-2a');
    const observed = await observe(pod.run, await standingOf(pod.run));
    expect((await look(pod.run, observed, null, 20)).outputs.get(hostId(21))).toMatch(/^podtime-collect 1\n/);
    expect(JSON.stringify(await startLook(pod.run, 20).join(observed))).not.toContain('podtime-collect');
  });

  it('waits for nobody in a pod where no host runs', async () => {
    pod.addHost(21, 'client', 'us-west-2a', {}, { online: false });
    await pod.clock.advance(60_000);
    pod.endpoint.instances.stop(hostId(21));
    await pod.clock.advance(60_000);
    const before = pod.clock.nowMs();
    const looking = startLook(pod.run, 20);
    expect(await looking.join(await observe(pod.run, await standingOf(pod.run)))).toMatchObject({
      judgements: [],
      faults: [],
      undone: [],
    });
    expect(pod.clock.nowMs() - before).toBeLessThan(5_000);
  });
});
