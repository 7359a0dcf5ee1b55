import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentRun } from '../src/agents.ts';
import { addHost, type Bench, hostId, refusalOf, startBench } from '../src/testing/index.ts';
import { BY_TAG, ended, runCommand, TAGS } from './run-command.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const { command, lookedAt, send, statuses } = runCommand(() => bench);

describe('every status', () => {
  it('Failed, ExecutionTimedOut, InvalidPlatform, AccessDenied and Success end side by side', async () => {
    addHost(bench, hostId(1), TAGS);
    addHost(bench, hostId(2), TAGS, { run: async () => ended(3) });
    addHost(bench, hostId(3), TAGS, {
      run: async () => ({ exitCode: 0, stdout: 'so far', stderr: '', timedOut: true }),
    });
    addHost(bench, hostId(4), TAGS, { platform: 'Windows' });
    addHost(bench, hostId(5), TAGS);
    bench.endpoint.faults.nextInvocation(hostId(5), 'AccessDenied');
    const { CommandId } = await send({ Targets: BY_TAG, MaxErrors: '100%' });
    await bench.clock.advance(5_000);
    expect(await statuses(CommandId)).toEqual({
      [hostId(1)]: 'Success Success',
      [hostId(2)]: 'Failed Failed',
      [hostId(3)]: 'TimedOut ExecutionTimedOut',
      [hostId(4)]: 'Failed InvalidPlatform',
      [hostId(5)]: 'Failed AccessDenied',
    });
    // CompletedCount leaves out InvalidPlatform and AccessDenied.
    expect(await command(CommandId)).toMatchObject({
      TargetCount: 5,
      CompletedCount: 3,
      ErrorCount: 2,
      Status: 'Failed',
    });
    const timedOut = await bench.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: hostId(3) }));
    expect([timedOut.ResponseCode, timedOut.StandardOutputContent]).toEqual([137, 'so far']);
  });

  it('Pending, then InProgress while the host works', async () => {
    let finish: (run: AgentRun) => void = () => {};
    addHost(bench, hostId(1), TAGS, { run: () => new Promise((resolve) => (finish = resolve)) });
    const { CommandId } = await send({ InstanceIds: [hostId(1)] });
    await bench.clock.advance(900);
    expect(await statuses(CommandId)).toEqual({ [hostId(1)]: 'Pending Pending' });
    await bench.clock.advance(1_000);
    expect(await statuses(CommandId)).toEqual({ [hostId(1)]: 'InProgress InProgress' });
    expect(await command(CommandId)).toMatchObject({ Status: 'InProgress', CompletedCount: 0 });
    const open = await bench.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: hostId(1) }));
    expect([open.ResponseCode, open.StandardOutputContent]).toEqual([-1, '']);
    finish(ended(0));
    await bench.clock.advance(1);
    expect(await statuses(CommandId)).toEqual({ [hostId(1)]: 'Success Success' });
  });

  it('Delayed and in the end DeliveryTimedOut when the agent is dead, for minutes Online all the same', async () => {
    const agent = addHost(bench, hostId(1), TAGS);
    await bench.clock.advance(60_000);
    agent.online = false;
    const { CommandId } = await send({ Targets: BY_TAG, TimeoutSeconds: 30 });
    await bench.clock.advance(30_000);
    expect(await statuses(CommandId)).toEqual({ [hostId(1)]: 'Delayed Delayed' });
    const { InstanceInformationList } = await bench.ssm.send(new DescribeInstanceInformationCommand({}));
    expect(InstanceInformationList?.[0]?.PingStatus).toBe('Online');
    await bench.clock.advance(58_000);
    expect(await command(CommandId)).toMatchObject({ CompletedCount: 0, StatusDetails: 'InProgress' });
    // 30 s of delivery and 60 s of the document.
    await bench.clock.advance(4_000);
    expect(await statuses(CommandId)).toEqual({ [hostId(1)]: 'TimedOut DeliveryTimedOut' });
    expect(await command(CommandId)).toMatchObject({
      CompletedCount: 1,
      ErrorCount: 0,
      DeliveryTimedOutCount: 1,
      Status: 'TimedOut',
      StatusDetails: 'DeliveryTimedOut',
    });
  });

  it('is picked up late when the agent comes back in time', async () => {
    const agent = addHost(bench, hostId(1), TAGS);
    await bench.clock.advance(30_000);
    agent.online = false;
    const { CommandId } = await send({ InstanceIds: [hostId(1)] });
    await bench.clock.advance(20_000);
    agent.online = true;
    await bench.clock.advance(6_000);
    expect(await statuses(CommandId)).toEqual({ [hostId(1)]: 'Success Success' });
  });

  it('stays open until it expires when the agent dies over it', async () => {
    const agent = addHost(bench, hostId(1), TAGS, {
      run: async () => {
        agent.online = false;
        throw new Error('the host went down');
      },
    });
    const { CommandId } = await send({ InstanceIds: [hostId(1)], TimeoutSeconds: 30 });
    await bench.clock.advance(80_000);
    expect(await statuses(CommandId)).toEqual({ [hostId(1)]: 'InProgress InProgress' });
    await bench.clock.advance(15_000);
    expect(await statuses(CommandId)).toEqual({ [hostId(1)]: 'TimedOut DeliveryTimedOut' });
  });

  it('Success of a host that took it up late, and of one whose scripts are slower than its time', async () => {
    const late = addHost(bench, hostId(1), TAGS, {
      run: () => new Promise((resolve) => bench.clock.after(50_000, () => resolve(ended(0)))),
    });
    addHost(bench, hostId(2), TAGS, {
      graceRealMs: 40_000,
      run: () => new Promise((resolve) => bench.clock.after(95_000, () => resolve(ended(0)))),
    });
    await bench.clock.advance(30_000);
    late.online = false;
    const { CommandId } = await send({ InstanceIds: [hostId(1), hostId(2)], TimeoutSeconds: 30 });
    await bench.clock.advance(50_000);
    late.online = true;
    await bench.clock.advance(44_000);
    expect(await statuses(CommandId)).toEqual({
      [hostId(1)]: 'InProgress InProgress',
      [hostId(2)]: 'InProgress InProgress',
    });
    await bench.clock.advance(20_000);
    expect(await statuses(CommandId)).toEqual({ [hostId(1)]: 'Success Success', [hostId(2)]: 'Success Success' });
  });

  it('Undeliverable when SSM knows that the connection is lost', async () => {
    const agent = addHost(bench, hostId(1), TAGS);
    await bench.clock.advance(30_000);
    agent.online = false;
    await bench.clock.advance(400_000);
    const { InstanceInformationList } = await bench.ssm.send(new DescribeInstanceInformationCommand({}));
    expect(InstanceInformationList?.[0]?.PingStatus).toBe('ConnectionLost');
    const { CommandId } = await send({ InstanceIds: [hostId(1)] });
    await bench.clock.advance(3_000);
    expect(await statuses(CommandId)).toEqual({ [hostId(1)]: 'Failed Undeliverable' });
    expect(
      (await bench.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: hostId(1) }))).ResponseCode,
    ).toBe(-1);
  });

  it('Terminated for the hosts that were not begun when MaxErrors was passed', async () => {
    for (let at = 1; at <= 5; at += 1) addHost(bench, hostId(at), TAGS, { run: async () => ended(at <= 2 ? 1 : 0) });
    const { CommandId } = await send({ Targets: BY_TAG, MaxConcurrency: '1', MaxErrors: '1' });
    await bench.clock.advance(20_000);
    expect(await statuses(CommandId)).toEqual({
      [hostId(1)]: 'Failed Failed',
      [hostId(2)]: 'Failed Failed',
      [hostId(3)]: 'Cancelled Terminated',
      [hostId(4)]: 'Cancelled Terminated',
      [hostId(5)]: 'Cancelled Terminated',
    });
    expect(await command(CommandId)).toMatchObject({ CompletedCount: 5, ErrorCount: 2, StatusDetails: 'Failed' });
  });

  it('Incomplete for the command when some failed within MaxErrors', async () => {
    for (let at = 1; at <= 5; at += 1) addHost(bench, hostId(at), TAGS, { run: async () => ended(at === 2 ? 1 : 0) });
    const { CommandId } = await send({ Targets: BY_TAG, MaxConcurrency: '2', MaxErrors: '20%' });
    await bench.clock.advance(20_000);
    expect(await lookedAt(CommandId)).toMatchObject({ CompletedCount: 5, ErrorCount: 1, StatusDetails: 'Incomplete' });
  });

  it('by default one failure ends the rest, and 50 hosts run at a time', async () => {
    const running = new Set<string>();
    let most = 0;
    for (let at = 1; at <= 60; at += 1) {
      addHost(bench, hostId(at), TAGS, {
        run: async () => {
          running.add(hostId(at));
          most = Math.max(most, running.size);
          await new Promise<void>((resolve) => bench.clock.after(10_000, resolve));
          running.delete(hostId(at));
          return ended(at === 1 ? 1 : 0);
        },
      });
    }
    const { CommandId, MaxConcurrency, MaxErrors } = await send({ Targets: BY_TAG });
    expect([MaxConcurrency, MaxErrors]).toEqual(['50', '0']);
    await bench.clock.advance(30_000);
    expect(most).toBe(50);
    expect(await lookedAt(CommandId)).toMatchObject({
      TargetCount: 60,
      CompletedCount: 60,
      ErrorCount: 1,
      StatusDetails: 'Failed',
    });
    const counts = bench.events.flatMap((event) => (event.kind === 'command ended' ? [event.counts] : []));
    expect(counts).toEqual([{ Failed: 1, Success: 49, Terminated: 10 }]);
  });

  it('Cancelled for what had not begun; what runs is awaited', async () => {
    let finish: (run: AgentRun) => void = () => {};
    addHost(bench, hostId(1), TAGS, { run: () => new Promise((resolve) => (finish = resolve)) });
    addHost(bench, hostId(2), TAGS);
    const { CommandId } = await send({ InstanceIds: [hostId(1), hostId(2)], MaxConcurrency: '1' });
    await bench.clock.advance(3_000);
    await bench.ssm.send(new CancelCommandCommand({ CommandId }));
    expect(await statuses(CommandId)).toEqual({
      [hostId(1)]: 'Cancelling Cancelling',
      [hostId(2)]: 'Cancelled Cancelled',
    });
    expect(await command(CommandId)).toMatchObject({ Status: 'Cancelling' });
    finish(ended(0));
    await bench.clock.advance(1);
    expect(await statuses(CommandId)).toEqual({
      [hostId(1)]: 'Cancelled Cancelled',
      [hostId(2)]: 'Cancelled Cancelled',
    });
    expect(await command(CommandId)).toMatchObject({ Status: 'Cancelled', StatusDetails: 'Cancelled' });
    expect(
      (await refusalOf(bench.ssm.send(new CancelCommandCommand({ CommandId: '00000000-0000-0000-0000-000000000000' }))))
        .name,
    ).toBe('InvalidCommandId');
  });
});
