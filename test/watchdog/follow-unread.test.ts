import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import { registerServers } from '../../src/watchdog/membership.ts';
import { BLUE, GREEN, startTwoPods, type TwoPods } from '../builders/two-pods.ts';

let pods: TwoPods;
beforeEach(async () => {
  pods = await startTwoPods();
});
afterEach(() => pods.close());

describe('following a server while the mode cannot be read', () => {
  const UNREAD = 'parameters /podtime/test/mode and /podtime/test/blue/mode could not be read: InternalServerError';
  const hideMode = () => pods.endpoint.faults.next('GetParameters', 'InternalServerError', { status: 500, times: 3 });
  beforeEach(async () => {
    pods.addServer(BLUE, 1);
    await registerServers(pods.run, BLUE);
    await pods.settled();
  });

  it('that ends: withdraws nothing, and wants the event again, which then does', async () => {
    pods.endpoint.instances.terminate(hostId(1));
    hideMode();
    const { failed, sentences, changes } = await pods.follow([hostId(1), 'shutting-down']);
    expect([failed, changes, pods.published()]).toEqual([['event-1'], [], [`ntp.az-b.pod. A ${hostId(1)}`]]);
    expect(sentences).toEqual([
      `${UNREAD} (log entry tick-1.1); podtime observes pod blue and changes nothing.`,
      `In mode observe podtime does not withdraw ntp.az-b.pod A 10.0.2.1, as it would in mode act: EC2 says ${hostId(1)} is shutting-down.`,
    ]);
    const again = await pods.follow([hostId(1), 'shutting-down']);
    expect([again.failed, again.changes.length, pods.published()]).toEqual([[], 1, []]);
  });

  it('that starts: wants that event alone again, not those of which nothing is to change', async () => {
    pods.addServer(BLUE, 2, 'us-west-2c');
    pods.addServer(GREEN, 3);
    // the pods are read side by side: whose call fails is no matter of order
    const { modes } = pods.run.ports;
    const unread = new Error('no answer');
    const ofBlue = { mode: 'observe' as const, fault: 'The mode is not known.', unread };
    pods.run.ports.modes = { read: async (pod) => (pod === 'blue' ? ofBlue : modes.read(pod)) };
    const { failed } = await pods.follow([hostId(1), 'running'], [hostId(2), 'running'], [hostId(3), 'running']);
    expect(failed).toEqual(['event-2']);
    expect(pods.published()).toEqual([`ntp.az-b.pod. A ${hostId(1)}`, `ntp.az-b.green.pod. A ${hostId(3)}`]);
  });

  it('of which nothing would change in any mode: lets the event go', async () => {
    const newer = JSON.stringify({ version: 2, pod: 'blue' });
    await pods.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body: newer }));
    pods.addServer(BLUE, 2, 'us-west-2c');
    hideMode();
    const { failed, sentences } = await pods.follow([hostId(2), 'running']);
    expect(failed).toEqual([]);
    expect(sentences).toContainEqual(expect.stringContaining(UNREAD));
  });

  it.each([
    ['is what an operator wrote', () => pods.mode(BLUE, 'observe')],
    ['is no word of podtime', () => pods.mode(BLUE, 'Act')],
  ])('is another matter than one that %s: the event is let go', async (_, write) => {
    pods.addServer(BLUE, 2, 'us-west-2c');
    write();
    const { failed, changes, refusals } = await pods.follow([hostId(2), 'running']);
    expect([failed, changes, refusals.map(({ rule }) => rule)]).toEqual([[], [], ['mode']]);
  });
});

describe('following an instance that EC2 does not say anything of, though it does of others', () => {
  beforeEach(async () => {
    pods.addServer(BLUE, 1);
    await registerServers(pods.run, BLUE);
    await pods.settled();
    const { instances } = pods.run.ports;
    const unread = async () => ({
      hosts: [],
      refused: [],
      faults: ['EC2 does not list the boundary servers.'],
      unread: [hostId(1)],
    });
    pods.run.ports.instances = { ...instances, serversOf: unread };
  });

  it.each(['running', 'stopping', 'stopped'])('wants its event again when it is %s', async (state) => {
    const { failed, sentences } = await pods.follow([hostId(1), state], [hostId(2), state]);
    expect(failed).toEqual(['event-1']);
    expect(sentences).toContain(
      `EC2 reported ${hostId(1)} as ${state}: EC2 does not describe it. EC2 does not list the boundary servers.`,
    );
    expect(pods.published()).toHaveLength(1);
  });

  it('takes a final state at its word', async () => {
    const { changes, failed } = await pods.follow([hostId(1), 'terminated']);
    expect([changes.length, failed, pods.published()]).toEqual([1, [], []]);
  });
});

describe('while EC2 lists nobody by tag', () => {
  it('a pod whose state cannot be read costs the others nothing, and is named', async () => {
    pods.addServer(BLUE, 1);
    pods.addServer(GREEN, 3);
    const { states } = pods.run.ports;
    const read = (pod: string) => (pod === 'green' ? Promise.reject(new Error('no state of green')) : states.read(pod));
    pods.run.ports.states = { ...states, read };
    pods.endpoint.faults.next('DescribeInstances', 'InternalError', { times: 3 });
    const { failed, sentences } = await pods.follow([hostId(1), 'running']);
    expect([failed, pods.published()]).toEqual([[], [`ntp.az-b.pod. A ${hostId(1)}`]]);
    expect(sentences).toContain('no state of green.');
  });
});
