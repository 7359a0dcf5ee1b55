import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import { tickDue } from '../../src/state/due.ts';
import { emptyState } from '../../src/state/state.ts';
import { registerServers } from '../../src/watchdog/membership.ts';
import { BLUE, startTwoPods, type TwoPods } from '../builders/two-pods.ts';

let pods: TwoPods;
beforeEach(async () => {
  pods = await startTwoPods();
});
afterEach(() => pods.close());

describe('registering the servers of a pod', () => {
  it('publishes those that run, tells the watchdog, and a second time changes nothing', async () => {
    await pods.run.ports.states.write(emptyState('blue'), null);
    pods.addServer(BLUE, 1);
    pods.addServer(BLUE, 2, 'us-west-2c');
    const { answer } = await registerServers(pods.run, BLUE);
    expect(answer.sentences).toEqual([
      `Register ntp.az-b.pod A 10.0.2.1 (${hostId(1)}), ${hostId(1)} runs at 10.0.2.1: done.`,
      `Register ntp.az-c.pod A 10.0.2.2 (${hostId(2)}), ${hostId(2)} runs at 10.0.2.2: done.`,
    ]);
    expect(pods.published()).toEqual([`ntp.az-b.pod. A ${hostId(1)}`, `ntp.az-c.pod. A ${hostId(2)}`]);
    await pods.settled();
    expect(await registerServers(pods.run, BLUE)).toMatchObject({ answer: { sentences: [], changes: [] }, changes: 0 });
    expect(pods.announced()).toBe(1);
  });

  it('asks Route 53 once when there is nothing to change, as often as a stranger may call', async () => {
    pods.addServer(BLUE, 1);
    await registerServers(pods.run, BLUE);
    pods.calls.length = 0;
    await registerServers(pods.run, BLUE);
    expect(pods.calls.filter((name) => name.startsWith('route53:'))).toEqual(['route53:ListResourceRecordSets']);
  });

  it('tells the change that failed and does the other', async () => {
    pods.addServer(BLUE, 1);
    pods.addServer(BLUE, 2, 'us-west-2c');
    pods.endpoint.faults.next('ChangeResourceRecordSets', 'AccessDenied', { times: 2 });
    const { answer, changes, undone } = await registerServers(pods.run, BLUE);
    expect([changes, undone]).toEqual([2, 1]);
    expect(answer.changes.map(({ setIdentifier, outcome }) => [setIdentifier, outcome])).toEqual([
      [hostId(1), expect.stringMatching(/^failed: changing ntp\.az-b\.pod in zone .*: AccessDenied/)],
      [hostId(2), 'done'],
    ]);
    expect(pods.published()).toEqual([`ntp.az-c.pod. A ${hostId(2)}`]);
  });

  it('changes nothing in mode observe, and says so', async () => {
    pods.addServer(BLUE, 1);
    pods.mode(BLUE, 'observe');
    const { changes, refusals, sentences } = (await registerServers(pods.run, BLUE)).answer;
    expect([changes, refusals.length, pods.published()]).toEqual([[], 1, []]);
    expect(sentences).toEqual(refusals.map(({ sentence }) => sentence));
  });

  it('fails when the mode cannot be read and something is to change', async () => {
    pods.addServer(BLUE, 1);
    pods.endpoint.faults.next('GetParameters', 'InternalServerError', { status: 500, times: 3 });
    await expect(registerServers(pods.run, BLUE)).rejects.toMatchObject({
      name: 'AwsCallError',
      message:
        'reading parameters /podtime/test/mode and /podtime/test/blue/mode: InternalServerError (log entry tick-1.1)',
    });
    expect(pods.published()).toEqual([]);
  });

  it('says that the mode cannot be read, and answers, when nothing is to change', async () => {
    pods.addServer(BLUE, 1);
    await registerServers(pods.run, BLUE);
    await pods.settled();
    pods.endpoint.faults.next('GetParameters', 'InternalServerError', { status: 500, times: 3 });
    const { answer, changes } = await registerServers(pods.run, BLUE);
    expect([changes, answer.refusals]).toEqual([0, []]);
    expect(answer.sentences).toEqual([
      expect.stringMatching(
        /could not be read: InternalServerError .*; podtime observes pod blue and changes nothing\.$/,
      ),
    ]);
  });

  it('says that a damaged state does not tell who is withdrawn', async () => {
    pods.addServer(BLUE, 1);
    await pods.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body: 'not json' }));
    const { sentences, changes } = (await registerServers(pods.run, BLUE)).answer;
    expect(sentences[0]).toBe(
      'The state of pod blue is not JSON: all that it remembered is lost, and a wave may be under way. ' +
        'Who is withdrawn for its health is forgotten: until a tick has seen the whole pod podtime does no more than in mode hold; ' +
        'then a server without a record stays out of DNS until it is confident.',
    );
    expect([changes, pods.published()]).toEqual([[], []]);
  });

  it('is registered by its event also while EC2 describes by id alone, though no state knows it yet', async () => {
    pods.addServer(BLUE, 1);
    // the list by tag, at each of its attempts
    pods.endpoint.faults.next('DescribeInstances', 'Unavailable', { times: 3, status: 503 });
    const { failed } = await pods.follow([hostId(1), 'running']);
    expect([failed, pods.published()]).toEqual([[], [`ntp.az-b.pod. A ${hostId(1)}`]]);
  });

  it('asks EC2 once and AWS four times, however many clients the pod has', async () => {
    pods.addServer(BLUE, 1);
    for (let n = 1000; n < 1600; n += 1) {
      const tags = { 'ntp-pod': 'blue', 'ntp-tier': 'client' };
      pods.endpoint.instances.adopt({ instanceId: hostId(n), vpc: BLUE.vpc, az: 'us-west-2a', ipv4: null, tags });
    }
    await pods.run.ports.states.write(emptyState('blue'), null);
    await registerServers(pods.run, BLUE);
    await pods.settled();
    pods.calls.length = 0;
    await registerServers(pods.run, BLUE);
    expect(pods.calls.toSorted()).toEqual([
      'ec2:DescribeInstances',
      'route53:ListResourceRecordSets',
      's3:GetObject',
      'ssm:GetParameters',
    ]);
  });

  it('publishes them by six calls before the first tick, which is due without being told', async () => {
    pods.addServer(BLUE, 1);
    pods.calls.length = 0;
    expect(await registerServers(pods.run, BLUE)).toMatchObject({ changes: 1, undone: 0 });
    expect(pods.calls.toSorted()).toEqual([
      'ec2:DescribeInstances',
      'route53:ChangeResourceRecordSets',
      'route53:ListResourceRecordSets',
      's3:GetObject',
      's3:GetObject',
      'ssm:GetParameters',
    ]);
    expect(pods.published()).toEqual([`ntp.az-b.pod. A ${hostId(1)}`]);
    const { state } = await pods.run.ports.states.read('blue');
    expect(tickDue(state, pods.clock.nowMs(), BLUE).due).toBe(true);
  });

  it('leaves a server withdrawn that an older podtime withdrew, and publishes the others', async () => {
    pods.addServer(BLUE, 1);
    pods.addServer(BLUE, 2, 'us-west-2c');
    const endedAtMs = pods.clock.nowMs();
    const ended = { version: 2, pod: 'blue', tickId: 'tick-0', startedAtMs: endedAtMs - 9000, endedAtMs };
    const withdrawn = { [hostId(1)]: { sinceMs: endedAtMs, sentence: 'It is adrift.', addresses: ['10.0.2.1'] } };
    const Body = JSON.stringify({ ...ended, memory: { withdrawn } });
    await pods.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/report.json', Body }));
    await registerServers(pods.run, BLUE);
    await pods.follow([hostId(1), 'running']);
    expect([pods.published(), pods.announced()]).toEqual([[`ntp.az-c.pod. A ${hostId(2)}`], 0]);
    // its last tick ended a moment ago, and still the next is due
    const { state } = await pods.run.ports.states.read('blue');
    expect(tickDue(state, endedAtMs, BLUE).due).toBe(true);
  });

  it('changes nothing where a newer podtime has written the state', async () => {
    pods.addServer(BLUE, 1);
    const newer = JSON.stringify({ version: 2, pod: 'blue' });
    await pods.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/state.json', Body: newer }));
    const { sentences, changes } = (await registerServers(pods.run, BLUE)).answer;
    expect(sentences[0]).toMatch(/^The state of pod blue is of version 2, this code reads up to 1: /);
    expect(sentences[1]).toMatch(
      /^In mode observe \(because the state is of a newer podtime\) podtime does not register /,
    );
    expect([changes, pods.published()]).toEqual([[], []]);
    const followed = await pods.follow([hostId(1), 'running']);
    expect([followed.changes, pods.published()]).toEqual([[], []]);
  });
});
