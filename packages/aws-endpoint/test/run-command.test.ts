import { GetCommandInvocationCommand, ListCommandsCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { addHost, type Bench, hostId, refusalOf, startBench } from '../src/testing/index.ts';
import { BY_TAG, DOCUMENT, ended, runCommand, TAGS } from './run-command.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const { command, list, lookedAt, send, statuses } = runCommand(() => bench);

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
    const answer = await bench.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: hostId(1) }));
    expect([
      answer.PluginName,
      answer.ResponseCode,
      answer.StandardOutputContent,
      answer.StandardErrorContent,
      answer.StatusDetails,
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
      ids.push(...(answer.CommandInvocations ?? []).map((invocation) => invocation.InstanceId));
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
      (invocation) => invocation.CommandPlugins?.[0]?.Output ?? '',
    );
    expect(outputs.map((output) => output.length)).toEqual([2_400, 2_400]);
    expect(outputs[1]).toBe(`${'o'.repeat(2_377)}\n---Output truncated---`);
    expect(outputs[0]).toMatch(/^o+\n---Output truncated---\n-{10}ERROR-{7}\ne+\n---Error truncated----$/);
    const invocation = await bench.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: hostId(1) }));
    expect([invocation.StandardOutputContent?.length, invocation.StandardErrorContent?.length]).toEqual([
      24_000, 8_000,
    ]);
  });
});

describe('the history', () => {
  it('is filtered by document, status and time', async () => {
    addHost(bench, hostId(1), TAGS);
    addHost(bench, hostId(2), TAGS, { run: async () => ended(1) });
    await send({ InstanceIds: [hostId(1), hostId(2)], MaxErrors: '1' });
    await bench.clock.advance(5_000);
    const filtered = async (key: 'Status' | 'DocumentName' | 'InvokedAfter' | 'InvokedBefore', value: string) =>
      ((await list({ Filters: [{ key, value }] })).CommandInvocations ?? []).map((invocation) => invocation.InstanceId);
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
