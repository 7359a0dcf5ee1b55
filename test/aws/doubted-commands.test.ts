import { ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { addHost, type Bench, hostId, STACK, startBench } from '@podtime/aws-endpoint/testing';
import { readScript } from '../../infra/script-files.ts';
import { ssmDocument } from '../../infra/template/documents.ts';
import { ssmCommands } from '../../src/aws/commands.ts';
import type { CycleCommand } from '../../src/plan/plan.ts';
import type { Commands } from '../../src/watchdog/ports.ts';
import { leaving, loggedCalls } from '../builders/aws-call.ts';
import { collectAll } from '../builders/collecting.ts';
import { BLUE } from '../builders/endpoint-fleet.ts';
import { type ScriptedAnswer, type ScriptedAws, startScriptedAws } from '../builders/scripted-aws.ts';
import { ssmClients } from '../builders/ssm-clients.ts';

const NAMES = { collect: 'podtime-local-collect', cycle: 'podtime-local-cycle' };
const TAGS = { 'ntp-pod': 'blue', 'ntp-tier': 'client' };
const WAVE: CycleCommand = {
  tier: 'client',
  instanceIds: [1, 2].map(hostId),
  waveId: 'tick-1-client',
  records: 'az-b=10.0.2.10',
  force: false,
  coolDownSeconds: 600,
  maxConcurrency: 1,
  maxErrors: 0,
  reason: 'DNS has left them behind',
};
const json = (body: unknown, status = 200) => ({ body: JSON.stringify(body), status });
const refusing = (code: string, status = 400) =>
  json(
    { __type: code, message: 'User: arn:aws:sts::123456789012:assumed-role/podtime-dev-watchdog/x may not' },
    status,
  );
const PAGE = '<html><head><meta charset="utf-8"></head><body>Sign in</body></html>';

describe('a command that cycles, answered by', () => {
  let aws: ScriptedAws;
  let client: SSMClient;
  afterEach(async () => {
    client.destroy();
    await aws.close();
  });
  const given = async (script: readonly ScriptedAnswer[], leftMs = 10_000) => {
    aws = await startScriptedAws(script, { maxAttempts: 1 });
    client = new SSMClient(aws.config);
    const { call } = loggedCalls('tick-1', leaving(leftMs));
    return ssmCommands({ repeating: client, once: client }, NAMES, call, { nowMs: Date.now, pause: async () => {} });
  };

  it.each<[string, ScriptedAnswer]>([
    ['nothing, for ever', 'hang'],
    ['a head and no body', 'head only'],
    ['half a body', 'half a body'],
    ['a body that is cut off', 'cut'],
    ['a closed connection', 'reset'],
    ['200 with an empty body', { body: '' }],
    ['200 with a page of HTML', { body: PAGE, headers: { 'content-type': 'text/html' } }],
    ['200 without a command', json({})],
    ['200 without a command id', json({ Command: { Status: 'Pending' } })],
    ['200 that ends too soon', { body: '{"Command":{"Comm' }],
    ['403 with a page of HTML', { status: 403, body: PAGE }],
    ['400 without a code', json({}, 400)],
    ['400 with nothing', { status: 400, body: '' }],
    ['302', { status: 302, body: '' }],
    ['RequestTimeout', refusing('RequestTimeout')],
    ['500 with a code', refusing('InternalServerError', 500)],
    ['503 with a page of HTML', { status: 503, body: PAGE }],
    ['InvalidInstanceId with a status of 500', refusing('InvalidInstanceId', 500)],
  ])('%s: it may have been sent, and is not sent again', async (_, answer) => {
    const commands = await given([answer]);
    const sent = await commands.cycle(BLUE, WAVE, 'podtime test');
    expect(sent).toEqual({
      commands: [],
      refused: [],
      unsure: [{ instanceIds: WAVE.instanceIds, why: expect.stringMatching(/^[A-Z].* \(log entry tick-1\.1\)$/) }],
    });
    expect(sent.unsure[0]?.why).not.toMatch(/arn:|123456789012|html/);
    expect(aws.requests).toHaveLength(1);
  });

  it.each(['AccessDeniedException', 'InvalidDocument', 'InvalidParameters', 'ExpiredTokenException'])(
    'a refusal that can be read, %s: certainly nothing was sent',
    async (code) => {
      const commands = await given([refusing(code)]);
      await expect(commands.cycle(BLUE, WAVE, 'podtime test')).rejects.toThrow(
        `cycling 2 of pod blue: ${code} (log entry tick-1.1)`,
      );
      expect(aws.requests).toHaveLength(1);
    },
  );

  it('nobody, for the time was up: certainly nothing was sent', async () => {
    const commands = await given(['hang'], 0);
    await expect(commands.cycle(BLUE, WAVE, 'podtime test')).rejects.toThrow('cycling 2 of pod blue: NoTimeLeft');
    expect(aws.requests).toEqual([]);
  });
});

describe('a list of answers that lags behind the command that counts them', () => {
  const answer = (n: number) => ({
    InstanceId: hostId(n),
    StatusDetails: 'Success',
    CommandPlugins: [{ Output: 'x' }],
  });
  const heard = { instanceId: hostId(1), status: 'Success', output: 'x' };

  it.each([
    ['InternalServerError', 500, /^SSM did not say how command c-1 of pod blue stands: InternalServerError /],
    ['AccessDeniedException', 400, /^SSM did not say how command c-1 of pod blue stands: AccessDeniedException /],
  ])('and then cannot be read (%s) costs nothing of what was heard before', async (code, status, fault) => {
    let looks = 0;
    const aws = await startScriptedAws(
      (_, target) => {
        if (target === 'SendCommand') return json({ Command: { CommandId: 'c-1' } });
        if (target === 'ListCommands') {
          return json({ Commands: [{ CommandId: 'c-1', Status: 'Success', TargetCount: 2, CompletedCount: 2 }] });
        }
        looks += 1;
        return looks === 1 ? json({ CommandInvocations: [answer(1)] }) : refusing(code, status);
      },
      { maxAttempts: 1 },
    );
    const client = new SSMClient(aws.config);
    let nowMs = 0;
    const time = {
      nowMs: () => nowMs,
      pause: async (ms: number) => {
        nowMs += ms;
      },
    };
    const commands = ssmCommands({ repeating: client, once: client }, NAMES, loggedCalls().call, time);
    const { answers, faults } = await collectAll(commands, null, 5);
    client.destroy();
    await aws.close();
    expect(answers).toEqual([heard]);
    expect(faults).toEqual([expect.stringMatching(fault)]);
  });
});

describe('a list that shows a host under way though the command counts it', () => {
  const invocation = (n: number, StatusDetails: string) => ({
    InstanceId: hostId(n),
    StatusDetails,
    CommandPlugins: [{ Output: 'x' }],
  });

  it.each([
    ['is asked for that host alone', json({ CommandInvocations: [invocation(2, 'Success')] }), 'Success'],
    ['that SSM does not know by its id yet leaves it under way', refusing('InvalidInstanceId'), 'InProgress'],
  ])('%s', async (_, answerById, status) => {
    const aws = await startScriptedAws(
      (body, target) => {
        if (target === 'SendCommand') return json({ Command: { CommandId: 'c-1' } });
        if (target === 'ListCommands') {
          return json({ Commands: [{ CommandId: 'c-1', Status: 'Success', TargetCount: 2, CompletedCount: 2 }] });
        }
        if ('InstanceId' in JSON.parse(body)) return answerById;
        return json({ CommandInvocations: [invocation(1, 'Success'), invocation(2, 'InProgress')] });
      },
      { maxAttempts: 1 },
    );
    const client = new SSMClient(aws.config);
    let nowMs = 0;
    const time = {
      nowMs: () => nowMs,
      pause: async (ms: number) => {
        nowMs += ms;
      },
    };
    const commands = ssmCommands({ repeating: client, once: client }, NAMES, loggedCalls().call, time);
    const { answers, faults } = await collectAll(commands, null, 5);
    client.destroy();
    await aws.close();
    expect(faults).toEqual([]);
    expect(answers.map((answer) => [answer.instanceId, answer.status])).toEqual([
      [hostId(1), 'Success'],
      [hostId(2), status],
    ]);
    const asked = aws.requests.map((body) => JSON.parse(body)).filter(({ InstanceId }) => InstanceId);
    expect(asked[0]).toEqual({ CommandId: 'c-1', InstanceId: hostId(2), Details: true, MaxResults: 50 });
  });
});

describe('SSM’s lists', () => {
  let bench: Bench;
  let commands: Commands;
  beforeEach(async () => {
    const content = (name: 'collect' | 'cycle') => ssmDocument(name, readScript('.', name));
    bench = await startBench({
      stack: { ...STACK, documents: { [NAMES.collect]: content('collect'), [NAMES.cycle]: content('cycle') } },
    });
    const time = { nowMs: () => bench.clock.nowMs(), pause: (ms: number) => bench.clock.advance(ms) };
    commands = ssmCommands(ssmClients(bench), NAMES, loggedCalls().call, time);
    const run = async () => ({ exitCode: 0, stdout: 'verdict cycled', stderr: '', timedOut: false });
    for (const n of [1, 2]) addHost(bench, hostId(n), TAGS, { run });
  });
  afterEach(() => bench.close());

  const succeeded = [1, 2].map((n) => expect.objectContaining({ instanceId: hostId(n), status: 'Success' }));

  it.each(['ListCommands', 'ListCommandInvocations'])(
    'do not know a new command yet (%s): it is looked for again',
    async (operation) => {
      bench.endpoint.faults.next(operation, 'InvalidCommandId', { times: 5, message: '' });
      const { answers, faults } = await collectAll(commands, null, 45);
      expect(faults).toEqual([]);
      expect(answers).toEqual(expect.arrayContaining(succeeded));
    },
  );

  it('that do not know it till the end cost its hosts’ answers, and it is said', async () => {
    bench.endpoint.faults.next('ListCommands', 'InvalidCommandId', { times: 99, message: '' });
    bench.endpoint.faults.next('ListCommandInvocations', 'InvalidCommandId', { times: 99, message: '' });
    const { answers, faults, commandIds } = await collectAll(commands, null, 20);
    expect(answers).toEqual([]);
    expect(faults).toEqual([`SSM does not list command ${commandIds[0]} of pod blue after 20 s.`]);
  });

  it('that fail for a while cost nothing but the while', async () => {
    bench.endpoint.faults.next('ListCommands', 'InternalServerError', { times: 4 });
    const { answers, faults } = await collectAll(commands, null, 45);
    expect(faults).toEqual([]);
    expect(answers).toEqual(expect.arrayContaining(succeeded));
  });

  it('that fail to the end are told of', async () => {
    bench.endpoint.faults.next('ListCommands', 'InternalServerError', { times: 99 });
    const { faults, commandIds } = await collectAll(commands, null, 5);
    expect(faults).toEqual([
      expect.stringMatching(
        `^SSM did not say how command ${commandIds[0]} of pod blue stands: InternalServerError \\(log entry .*\\)\\.$`,
      ),
    ]);
  });

  it('that are refused are not asked again', async () => {
    bench.endpoint.faults.next('ListCommands', 'AccessDeniedException', { times: 2 });
    const { faults } = await collectAll(commands, null, 45);
    expect(faults).toEqual([expect.stringContaining('could not be read: AccessDeniedException (log entry tick-1.1)')]);
  });

  it('that do not know a wave’s command leave it under way', async () => {
    const sent = await commands.cycle(BLUE, WAVE, 'podtime test');
    const ids = sent.commands.map(({ commandId }) => commandId);
    await bench.clock.advance(60_000);
    const underWay = { ended: false, isWhole: false, failed: 0, outcomes: [] };
    bench.endpoint.faults.next('ListCommands', 'InvalidCommandId', { message: '' });
    expect(await commands.progress(BLUE, ids)).toEqual(underWay);
    // the first list is an empty one
    expect(await commands.progress(BLUE, ids)).toEqual(underWay);
    bench.endpoint.faults.next('ListCommandInvocations', 'InvalidCommandId', { message: '' });
    expect(await commands.progress(BLUE, ids)).toEqual(underWay);
    expect(await commands.progress(BLUE, ids)).toMatchObject({ ended: true, outcomes: [{}, {}] });
  });

  it('tell the commands of a wave whose answer was lost, over several pages, and no others', async () => {
    const startMs = bench.clock.nowMs();
    bench.endpoint.faults.next('SendCommand', 'x', { when: 'answer lost' });
    expect((await commands.cycle(BLUE, WAVE, 'podtime test')).unsure).toHaveLength(1);
    for (let n = 0; n < 60; n += 1) {
      await commands.cycle(BLUE, { ...WAVE, waveId: `tick-2-client-${n}`, instanceIds: [hostId(2)] }, 'podtime test');
    }
    await collectAll(commands, null, 5);
    await bench.clock.advance(60_000);
    const { Commands: firstPage = [] } = await bench.ssm.send(new ListCommandsCommand({ MaxResults: 50 }));
    expect(firstPage.filter(({ Parameters }) => Parameters?.Wave?.[0] === WAVE.waveId)).toEqual([]);
    expect(await commands.findWave(BLUE, WAVE.waveId, startMs)).toEqual([
      { commandId: expect.any(String), instanceIds: WAVE.instanceIds, through: WAVE.instanceIds.length },
    ]);
    expect(await commands.findWave(BLUE, 'tick-3-client', startMs)).toEqual([]);
    expect(await commands.findWave(BLUE, WAVE.waveId, bench.clock.nowMs())).toEqual([]);
  });
});
