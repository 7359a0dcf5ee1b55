import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  ListCommandInvocationsCommand,
  type ListCommandInvocationsCommandInput,
  ListCommandsCommand,
  PutParameterCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentRun } from '../../../local/aws/agents.ts';
import { addHost, type Bench, hostId, refusalOf, startBench } from './bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const DOCUMENT = 'podtime-local-echo';
const TAGS = { 'ntp-pod': 'blue', 'ntp-tier': 'client' };
const BY_TAG = [
  { Key: 'tag:ntp-pod', Values: ['blue'] },
  { Key: 'tag:ntp-tier', Values: ['client'] },
];

const send = async (input: Partial<SendCommandCommandInput>) => {
  const { Command } = await bench.ssm.send(new SendCommandCommand({ DocumentName: DOCUMENT, ...input }));
  return Command ?? {};
};
const list = async (input: ListCommandInvocationsCommandInput) =>
  await bench.ssm.send(new ListCommandInvocationsCommand(input));
const command = async (CommandId: string | undefined) =>
  (await bench.ssm.send(new ListCommandsCommand({ CommandId }))).Commands?.[0];
/** The first look finds nothing; this is the second. */
const lookedAt = async (CommandId: string | undefined) => {
  await command(CommandId);
  return command(CommandId);
};
/** instance id -> Status and StatusDetails */
const statuses = async (CommandId: string | undefined) => {
  await list({ CommandId });
  const { CommandInvocations } = await list({ CommandId });
  return Object.fromEntries(
    (CommandInvocations ?? []).map((one) => [one.InstanceId, `${one.Status} ${one.StatusDetails}`]),
  );
};
const ended = (exitCode: number): AgentRun => ({ exitCode, stdout: '', stderr: '', timedOut: false });

describe('a command by tag', () => {
  it('is not known to the lists at first, then without its targets, then with them', async () => {
    addHost(bench, hostId(1), TAGS);
    addHost(bench, hostId(2), { ...TAGS, 'ntp-tier': 'boundary' });
    const { CommandId, TargetCount, Status } = await send({ Targets: BY_TAG, Comment: 'tick 1' });
    expect([TargetCount, Status]).toEqual([0, 'Pending']);
    expect(await command(CommandId)).toBeUndefined();
    expect((await list({ CommandId })).CommandInvocations).toEqual([]);
    expect(
      (await refusalOf(bench.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: hostId(1) })))).name,
    ).toBe('InvocationDoesNotExist');
    await bench.clock.advance(900);
    expect(await command(CommandId)).toMatchObject({ TargetCount: 0, CompletedCount: 0, StatusDetails: 'Pending' });
    await bench.clock.advance(200);
    expect(await command(CommandId)).toMatchObject({ TargetCount: 1, CompletedCount: 0, StatusDetails: 'Pending' });
    await bench.clock.advance(2_000);
    expect(await command(CommandId)).toMatchObject({
      TargetCount: 1,
      CompletedCount: 1,
      ErrorCount: 0,
      DeliveryTimedOutCount: 0,
      Status: 'Success',
      StatusDetails: 'Success',
      Comment: 'tick 1',
    });
    expect(await statuses(CommandId)).toEqual({ [hostId(1)]: 'Success Success' });
  });

  it('finds nothing at the first look even when the clock has gone on', async () => {
    addHost(bench, hostId(1), TAGS);
    const { CommandId } = await send({ Targets: BY_TAG });
    await bench.clock.advance(60_000);
    expect(await command(CommandId)).toBeUndefined();
    expect(await command(CommandId)).toMatchObject({ StatusDetails: 'Success' });
  });

  it('that no host carries ends as NoInstancesInTag', async () => {
    const { CommandId } = await send({ Targets: BY_TAG });
    await bench.clock.advance(1_100);
    expect(await lookedAt(CommandId)).toMatchObject({
      TargetCount: 0,
      CompletedCount: 0,
      StatusDetails: 'NoInstancesInTag',
    });
  });

  it('runs the script with its parameters put in, and shows what the host said', async () => {
    addHost(bench, hostId(1), TAGS, {
      run: async (script) => ({ exitCode: 0, stdout: script, stderr: 'a warning', timedOut: false }),
    });
    const { CommandId } = await send({ Targets: BY_TAG, Parameters: { Words: ['good morning'] } });
    await bench.clock.advance(3_000);
    await list({ CommandId });
    expect((await list({ CommandId })).CommandInvocations?.[0]?.CommandPlugins).toEqual([]);
    const [invocation] = (await list({ CommandId, Details: true })).CommandInvocations ?? [];
    expect(
      invocation?.CommandPlugins?.map(({ Name, Status, ResponseCode, Output }) => ({
        Name,
        Status,
        ResponseCode,
        Output,
      })),
    ).toEqual([
      {
        Name: 'speak',
        Status: 'Success',
        ResponseCode: 0,
        Output: 'echo good morning\nforce=no\n\n----------ERROR-------\na warning',
      },
    ]);
    const one = await bench.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: hostId(1) }));
    expect([
      one.PluginName,
      one.ResponseCode,
      one.StandardOutputContent,
      one.StandardErrorContent,
      one.StatusDetails,
    ]).toEqual(['speak', 0, 'echo good morning\nforce=no\n', 'a warning', 'Success']);
    expect(
      (
        await refusalOf(
          bench.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: hostId(1), PluginName: 'other' })),
        )
      ).name,
    ).toBe('InvalidPluginName');
  });

  it('is listed 50 invocations at a time, each once over the pages', async () => {
    for (let at = 1; at <= 120; at += 1) addHost(bench, hostId(at), TAGS);
    const { CommandId } = await send({ Targets: BY_TAG, MaxConcurrency: '100%' });
    await bench.clock.advance(5_000);
    await list({ CommandId });
    const sizes: number[] = [];
    const ids: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await list({ CommandId, Details: true, NextToken });
      sizes.push(answer.CommandInvocations?.length ?? 0);
      ids.push(...(answer.CommandInvocations ?? []).map((one) => one.InstanceId));
      NextToken = answer.NextToken;
    } while (NextToken !== undefined);
    expect(sizes).toEqual([50, 50, 20]);
    expect(new Set(ids).size).toBe(120);
    expect((await refusalOf(list({ CommandId, NextToken: 'bogus' }))).name).toBe('InvalidNextToken');
  });

  it('cuts stdout and stderr together at 2,400 bytes in the list, and at 24,000 and 8,000 for one invocation', async () => {
    addHost(bench, hostId(1), TAGS, {
      run: async () => ({ exitCode: 0, stdout: 'o'.repeat(30_000), stderr: 'e'.repeat(9_000), timedOut: false }),
    });
    addHost(bench, hostId(2), TAGS, {
      run: async () => ({ exitCode: 0, stdout: 'o'.repeat(3_000), stderr: '', timedOut: false }),
    });
    const { CommandId } = await send({ Targets: BY_TAG });
    await bench.clock.advance(3_000);
    await list({ CommandId });
    const outputs = ((await list({ CommandId, Details: true })).CommandInvocations ?? []).map(
      (one) => one.CommandPlugins?.[0]?.Output ?? '',
    );
    expect(outputs.map((output) => output.length)).toEqual([2_400, 2_400]);
    expect(outputs[1]).toBe(`${'o'.repeat(2_377)}\n---Output truncated---`);
    expect(outputs[0]).toMatch(/^o+\n---Output truncated---\n-{10}ERROR-{7}\ne+\n---Error truncated----$/);
    const one = await bench.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: hostId(1) }));
    expect([one.StandardOutputContent?.length, one.StandardErrorContent?.length]).toEqual([24_000, 8_000]);
  });
});

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

describe('SendCommand refuses', () => {
  beforeEach(() => void addHost(bench, hostId(1), TAGS));
  const refusal = (input: Partial<SendCommandCommandInput>) => refusalOf(send({ InstanceIds: [hostId(1)], ...input }));

  it('the whole call when one id is unknown, terminated or not managed', async () => {
    addHost(bench, hostId(2));
    bench.endpoint.instances.terminate(hostId(2));
    bench.endpoint.instances.adopt({ instanceId: hostId(3), vpc: 'vpc-1', az: 'us-west-2a', ipv4: null, tags: {} });
    expect(await refusal({ InstanceIds: [hostId(1), hostId(2), hostId(3), hostId(4)] })).toEqual({
      name: 'InvalidInstanceId',
      message: `Instances [[${hostId(2)}, ${hostId(3)}, ${hostId(4)}]] not in a valid state for account 123456789012`,
      status: 400,
    });
  });

  it('a document that does not exist', async () => {
    expect(await refusal({ DocumentName: 'AWS-RunShellScript' })).toMatchObject({
      name: 'InvalidDocument',
      status: 400,
    });
    expect(await refusal({ DocumentVersion: '7' })).toMatchObject({ name: 'InvalidDocumentVersion' });
  });

  it('parameters that the document does not allow', async () => {
    const faults = await refusal({ Parameters: { Words: ['$(reboot)'], Force: ['perhaps'], Other: ['x'] } });
    expect(faults).toEqual({
      name: 'InvalidParameters',
      message:
        'Parameter Other is not defined in document podtime-local-echo. Parameter Words has value not matching "^[a-z ]*$". Parameter Force has value perhaps not found in [yes, no].',
      status: 400,
    });
    expect(await refusal({ Parameters: { Words: ['a', 'b'] } })).toMatchObject({ name: 'InvalidParameters' });
  });

  it('what is outside its limits', async () => {
    const outside = await refusal({
      TimeoutSeconds: 29,
      Comment: 'x'.repeat(101),
      MaxConcurrency: '0',
      MaxErrors: '101%',
    });
    expect(outside.name).toBe('ValidationException');
    expect(outside.message).toMatch(
      /^4 validation errors detected: Value '29' at 'timeoutSeconds' failed to satisfy constraint: Member must have value greater than or equal to 30; /,
    );
    const many = Array.from({ length: 51 }, (_, at) => hostId(at + 1));
    expect(await refusal({ InstanceIds: many })).toMatchObject({ name: 'ValidationException' });
    expect(await refusal({ Targets: BY_TAG })).toMatchObject({
      name: 'ValidationException',
      message: 'Exactly one of InstanceIds and Targets must be specified.',
    });
    expect(await refusal({ InstanceIds: [hostId(1), hostId(1)] })).toMatchObject({ name: 'DuplicateInstanceId' });
  });
});

describe('the history', () => {
  it('is filtered by document, status and time', async () => {
    addHost(bench, hostId(1), TAGS);
    addHost(bench, hostId(2), TAGS, { run: async () => ended(1) });
    await send({ InstanceIds: [hostId(1), hostId(2)], MaxErrors: '1' });
    await bench.clock.advance(5_000);
    const filtered = async (key: 'Status' | 'DocumentName' | 'InvokedAfter' | 'InvokedBefore', value: string) =>
      ((await list({ Filters: [{ key, value }] })).CommandInvocations ?? []).map((one) => one.InstanceId);
    expect(await filtered('Status', 'Failed')).toEqual([hostId(2)]);
    expect(await filtered('DocumentName', DOCUMENT)).toEqual([hostId(1), hostId(2)]);
    expect(await filtered('DocumentName', 'other')).toEqual([]);
    expect(await filtered('InvokedAfter', new Date(Date.now() + 60_000).toISOString())).toEqual([]);
    expect(await filtered('InvokedBefore', new Date(Date.now() + 60_000).toISOString())).toEqual([
      hostId(1),
      hostId(2),
    ]);
    expect((await refusalOf(list({ Filters: [{ key: 'ExecutionStage', value: 'Complete' }] }))).name).toBe(
      'InvalidFilterKey',
    );
    const complete = await bench.ssm.send(
      new ListCommandsCommand({ Filters: [{ key: 'ExecutionStage', value: 'Complete' }] }),
    );
    expect(complete.Commands?.length).toBe(1);
    expect((await list({ InstanceId: hostId(2) })).CommandInvocations?.length).toBe(1);
  });
});

describe('a parameter', () => {
  it('is not found, then put, then read with its version', async () => {
    const get = (Name: string) => bench.ssm.send(new GetParameterCommand({ Name }));
    expect(await refusalOf(get('/podtime/local/blue/mode'))).toMatchObject({ name: 'ParameterNotFound', status: 400 });
    const put = (Value: string, Overwrite?: boolean) =>
      bench.ssm.send(
        new PutParameterCommand({
          Name: '/podtime/local/blue/mode',
          Value,
          Overwrite,
          Type: Overwrite ? undefined : 'String',
          AllowedPattern: Overwrite ? undefined : '^(observe|act|hold)$',
        }),
      );
    expect((await put('observe')).Version).toBe(1);
    expect(await refusalOf(put('act'))).toMatchObject({ name: 'ParameterAlreadyExists' });
    expect((await put('act', true)).Version).toBe(2);
    expect(await refusalOf(put('reboot', true))).toMatchObject({ name: 'ParameterPatternMismatchException' });
    const { Parameter } = await get('/podtime/local/blue/mode');
    expect([Parameter?.Value, Parameter?.Version, Parameter?.Type, Parameter?.ARN]).toEqual([
      'act',
      2,
      'String',
      'arn:aws:ssm:us-west-2:123456789012:parameter/podtime/local/blue/mode',
    ]);
  });
});

describe('the nodes', () => {
  it('are described ten at a time, those with an agent only', async () => {
    for (let at = 1; at <= 12; at += 1) addHost(bench, hostId(at), at === 1 ? TAGS : {});
    bench.endpoint.instances.adopt({ instanceId: hostId(99), vpc: 'vpc-1', az: 'us-west-2a', ipv4: null, tags: {} });
    const first = await bench.ssm.send(new DescribeInstanceInformationCommand({}));
    const second = await bench.ssm.send(new DescribeInstanceInformationCommand({ NextToken: first.NextToken }));
    expect([first.InstanceInformationList?.length, second.InstanceInformationList?.length, second.NextToken]).toEqual([
      10,
      2,
      undefined,
    ]);
    const tagged = await bench.ssm.send(
      new DescribeInstanceInformationCommand({
        Filters: [
          { Key: 'tag:ntp-pod', Values: ['blue'] },
          { Key: 'PingStatus', Values: ['Online'] },
        ],
      }),
    );
    expect(tagged.InstanceInformationList?.map((node) => node.InstanceId)).toEqual([hostId(1)]);
  });
});
