import { type Command, ListCommandsCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { addHost, type Bench, hostId, STACK, startBench } from '@podtime/aws-endpoint/testing';
import { readScript } from '../../infra/script-files.ts';
import { ssmDocument } from '../../infra/template/documents.ts';
import { type DocumentNames, type SsmClients, ssmCommands } from '../../src/aws/commands.ts';
import type { CycleCommand } from '../../src/plan/plan.ts';
import type { Commands } from '../../src/watchdog/ports.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { collectAll } from '../builders/collecting.ts';
import { BLUE } from '../builders/endpoint-fleet.ts';
import { ssmClients } from '../builders/ssm-clients.ts';

const NAMES: DocumentNames = { collect: 'podtime-local-collect', cycle: 'podtime-local-cycle' };
const content = (name: 'collect' | 'cycle') => ssmDocument(name, readScript('.', name));
const TAGS = { 'ntp-pod': 'blue', 'ntp-tier': 'client' };

let bench: Bench;
let commands: Commands;
let clients: SsmClients;
async function start(maxAttempts: number) {
  bench = await startBench({
    maxAttempts,
    stack: { ...STACK, documents: { [NAMES.collect]: content('collect'), [NAMES.cycle]: content('cycle') } },
  });
  clients = ssmClients(bench);
  commands = ssmCommands(clients, NAMES, loggedCalls().call, {
    nowMs: () => bench.clock.nowMs(),
    pause: (ms) => bench.clock.advance(ms),
  });
}
beforeEach(() => start(4));
afterEach(() => bench.close());

const says = (stdout: string) => ({ run: async () => ({ exitCode: 0, stdout, stderr: '', timedOut: false }) });

describe('collecting', () => {
  it('hears every host behind the tag, over several pages', async () => {
    for (let n = 1; n <= 120; n += 1) addHost(bench, hostId(n), TAGS, says(`output of ${n}\n`));
    addHost(bench, hostId(999), { 'ntp-pod': 'green' }, says('of another pod'));
    const { answers, faults, commandIds } = await collectAll(commands, null, 45);
    expect(faults).toEqual([]);
    expect(commandIds).toHaveLength(1);
    expect(answers).toHaveLength(120);
    expect(new Map(answers.map((answer) => [answer.instanceId, answer])).get(hostId(77))).toEqual({
      instanceId: hostId(77),
      status: 'Success',
      output: 'output of 77\n',
    });
  });

  it('waits no longer than it was told for an agent that is dead, and hears the others', async () => {
    addHost(bench, hostId(1), TAGS, says('alive'));
    const dead = addHost(bench, hostId(2), TAGS);
    await collectAll(commands, null, 45);
    dead.online = false;
    const before = bench.clock.nowMs();
    const { answers } = await collectAll(commands, null, 20);
    expect((bench.clock.nowMs() - before) / 1000).toBe(20);
    expect(answers.filter((answer) => answer.status === 'Success')).toEqual([
      { instanceId: hostId(1), status: 'Success', output: 'alive' },
    ]);
    expect(answers.find((answer) => answer.instanceId === hostId(2))?.status).toMatch(/^(Pending|InProgress|Delayed)$/);
  });

  it('keeps going when a host fails: the rest is not terminated', async () => {
    for (let n = 1; n <= 60; n += 1) {
      const failed = async () => ({ exitCode: 1, stdout: '', stderr: 'no', timedOut: false });
      addHost(bench, hostId(n), TAGS, n % 2 ? { run: failed } : says('fine'));
    }
    const { answers } = await collectAll(commands, null, 45);
    const count = (status: string) => answers.filter((answer) => answer.status === status).length;
    expect([count('Success'), count('Failed'), answers.length]).toEqual([30, 30, 60]);
  });

  it('isolates ids that SSM does not know, and hears the others', async () => {
    for (let n = 1; n <= 5; n += 1) addHost(bench, hostId(n), TAGS, says(`output of ${n}`));
    const asked = [1, 2, 70, 3, 4, 71, 5].map(hostId);
    const { answers, faults } = await collectAll(commands, asked, 45);
    expect(
      answers
        .filter(({ status }) => status === 'Success')
        .map(({ instanceId }) => instanceId)
        .sort(),
    ).toEqual([1, 2, 3, 4, 5].map(hostId));
    expect(faults).toEqual(
      [70, 71].map((n) => expect.stringContaining(`SSM would not send to ${hostId(n)}: InvalidInstanceId`)),
    );
  });

  it('ends at once when the tag has no hosts', async () => {
    const { answers, faults } = await collectAll(commands, null, 45);
    expect({ answers, faults }).toEqual({ answers: [], faults: [] });
  });

  it('is throttled and goes on', async () => {
    addHost(bench, hostId(1), TAGS, says('fine'));
    bench.endpoint.faults.next('ListCommands', 'ThrottlingException', { times: 2 });
    bench.endpoint.faults.next('ListCommandInvocations', 'ThrottlingException', { times: 2 });
    const { answers } = await collectAll(commands, null, 45);
    expect(answers.map(({ output }) => output)).toEqual(['fine']);
  });

  it('tells what could not be read, with the command that was sent', async () => {
    addHost(bench, hostId(1), TAGS, says('fine'));
    bench.endpoint.faults.next('ListCommandInvocations', 'AccessDeniedException', { times: 9 });
    const { answers, commandIds, faults } = await collectAll(commands, null, 45);
    expect(answers).toEqual([]);
    expect(faults).toEqual([
      `The answers to command ${commandIds[0]} in pod blue could not be read: ` +
        'AccessDeniedException (log entry tick-1.1).',
    ]);
  });
});

describe('cycling', () => {
  const command = (ids: string[]): CycleCommand => ({
    tier: 'client',
    instanceIds: ids,
    records: 'az-b=10.0.2.10|fd00::2:10 az-c=10.0.3.10',
    force: false,
    coolDownSeconds: 600,
    waveId: 'tick-1-client',
    maxConcurrency: 1,
    maxErrors: 0,
    reason: 'DNS has left them behind',
  });

  it('tells the document what DNS says, and ends within its own comment', async () => {
    const scripts: string[] = [];
    const run = async (script: string) => {
      scripts.push(script);
      return { exitCode: 0, stdout: 'verdict nothing already-right\n', stderr: '', timedOut: false };
    };
    addHost(bench, hostId(1), TAGS, { run });
    const sent = await commands.cycle(BLUE, command([hostId(1)]), `podtime test ${'x'.repeat(200)}`);
    await bench.clock.advance(10_000);
    expect(sent).toEqual({
      commands: [{ commandId: expect.any(String), instanceIds: [hostId(1)] }],
      refused: [],
      unsure: [],
    });
    expect(scripts[0]?.split('\n').slice(0, 6)).toEqual([
      '#!/bin/sh',
      "PODTIME_RECORDS='az-b=10.0.2.10|fd00::2:10 az-c=10.0.3.10'",
      "PODTIME_ZONE='pod'",
      "PODTIME_FORCE='no'",
      "PODTIME_COOL_DOWN_SECONDS='600'",
      "PODTIME_WAVE='tick-1-client'",
    ]);
    const [id = ''] = sent.commands.map(({ commandId }) => commandId);
    await commands.progress(BLUE, [id]); // the list may not know the command at the first look
    expect(await commands.progress(BLUE, [id])).toEqual({
      ended: true,
      isWhole: true,
      failed: 0,
      outcomes: [{ instanceId: hostId(1), kind: 'nothing', reason: 'already-right', why: 'it polls what DNS says' }],
    });
  });

  it('counts who failed, and a wave under way has not ended', async () => {
    const stdout = 'verdict failed not-cycled: service says that restarting ntp failed: Job for ntp failed\n';
    const failed = async () => ({ exitCode: 1, stdout, stderr: '', timedOut: false });
    addHost(bench, hostId(1), TAGS, { run: failed });
    addHost(bench, hostId(2), TAGS, says('verdict cycled ntpd in 4 s\n'));
    const sent = await commands.cycle(BLUE, { ...command([hostId(1), hostId(2)]), maxErrors: 1 }, 'podtime test');
    const ids = sent.commands.map(({ commandId }) => commandId);
    expect(await commands.progress(BLUE, ids)).toMatchObject({ ended: false, failed: 0, outcomes: [] });
    await bench.clock.advance(30_000);
    const { outcomes, ...counts } = await commands.progress(BLUE, ids);
    expect(counts).toEqual({ ended: true, isWhole: true, failed: 1 });
    expect(outcomes.toSorted((a, b) => a.instanceId.localeCompare(b.instanceId))).toEqual([
      {
        instanceId: hostId(1),
        kind: 'failed',
        reason: 'not-cycled',
        why: 'its daemon could not be cycled: service says that restarting ntp failed: Job for ntp failed',
      },
      { instanceId: hostId(2), kind: 'cycled', reason: 'ntpd', why: 'cycled ntpd in 4 s' },
    ]);
  });

  it('isolates a host that was terminated meanwhile', async () => {
    for (const n of [1, 2, 3]) addHost(bench, hostId(n), TAGS, says('verdict cycled\n'));
    const sent = await commands.cycle(BLUE, command([1, 2, 9, 3].map(hostId)), 'podtime test');
    expect(sent.commands.flatMap(({ instanceIds }) => instanceIds)).toEqual([1, 2, 3].map(hostId));
    const why = expect.stringContaining('InvalidInstanceId');
    expect(sent.refused).toEqual([{ instanceId: hostId(9), why, cause: 'InvalidInstanceId' }]);
  });

  describe('when a part of it fails', () => {
    const fifty = Array.from({ length: 50 }, (_, n) => hostId(n + 1));
    const wave = { ...command(fifty), maxConcurrency: 10, maxErrors: 5 };
    /** What SSM took, in the order in which it came. */
    const taken = async () => {
      await bench.clock.advance(10_000);
      const { Commands = [] } = await bench.ssm.send(new ListCommandsCommand({}));
      return Commands.toReversed();
    };
    const sum = (sent: Command[], key: 'MaxConcurrency' | 'MaxErrors') =>
      sent.reduce((total, one) => total + Number(one[key]), 0);
    const FOR_EVER = { times: 99 };
    const UNNAMED = { message: 'The following problems can cause this exception: the node is not registered.' };
    beforeEach(async () => {
      // clients that try once: what comes after the last try is the same, and comes sooner
      await bench.close();
      await start(1);
      for (const id of fifty) addHost(bench, id, TAGS, says('verdict cycled\n'));
    });

    it('leaves out the id that SSM names and sends the others as one command, within the wave’s limits', async () => {
      bench.endpoint.instances.terminate(hostId(31));
      await bench.clock.advance(60_000);
      const sent = await commands.cycle(BLUE, wave, 'podtime test');
      expect(sent.refused.map(({ instanceId }) => instanceId)).toEqual([hostId(31)]);
      expect(await taken()).toMatchObject([
        { InstanceIds: fifty.filter((id) => id !== hostId(31)), MaxConcurrency: '10', MaxErrors: '4' },
      ]);
    });

    it.each([1, 2, 26, 50])(
      'halves when SSM names none (host %i is at fault): all parts together keep the limits',
      async (n) => {
        const bad = hostId(n);
        // SSM answers so for every command that holds the host
        clients.once.middlewareStack.add(
          (next, context) => (args) => {
            const { InstanceIds = [] } = args.input as { InstanceIds?: string[] };
            if (context.commandName === 'SendCommandCommand' && InstanceIds.includes(bad)) {
              bench.endpoint.faults.next('SendCommand', 'InvalidInstanceId', UNNAMED);
            }
            return next(args);
          },
          { step: 'initialize' },
        );
        const sent = await commands.cycle(BLUE, wave, 'podtime test');
        const reached = sent.commands.flatMap(({ instanceIds }) => instanceIds);
        expect(sent.refused.map(({ instanceId }) => instanceId)).toContain(bad);
        expect([...reached, ...sent.refused.map(({ instanceId }) => instanceId)].toSorted()).toEqual(fifty);
        expect(reached.length).toBeGreaterThanOrEqual(45);
        const all = await taken();
        expect(all.flatMap(({ InstanceIds }) => InstanceIds)).toEqual(reached);
        expect(sum(all, 'MaxConcurrency')).toBeLessThanOrEqual(10);
        expect(sum(all, 'MaxErrors')).toBeLessThanOrEqual(5);
      },
    );

    it('tells what was sent when another part is throttled, and refuses the rest', async () => {
      bench.endpoint.faults.next('SendCommand', 'InvalidInstanceId', UNNAMED);
      bench.endpoint.on((event) => {
        if (event.kind === 'command sent') bench.endpoint.faults.next('SendCommand', 'ThrottlingException', FOR_EVER);
      });
      const sent = await commands.cycle(BLUE, wave, 'podtime test');
      bench.endpoint.faults.clear();
      const [running] = await taken();
      expect(sent.commands).toEqual([{ commandId: running?.CommandId, instanceIds: fifty.slice(0, 25) }]);
      expect(sent.refused).toEqual(
        fifty.slice(25).map((instanceId) => ({
          instanceId,
          why: 'ThrottlingException (log entry tick-1.2)',
          cause: 'ThrottlingException',
        })),
      );
    });

    it('asks no further when the first part is throttled', async () => {
      bench.endpoint.faults.next('SendCommand', 'InvalidInstanceId', UNNAMED);
      bench.endpoint.faults.next('SendCommand', 'ThrottlingException', FOR_EVER);
      await expect(commands.cycle(BLUE, wave, 'podtime test')).rejects.toThrow(
        'cycling 25 of pod blue: ThrottlingException (log entry tick-1.2)',
      );
      expect(bench.endpoint.commands()).toEqual([]);
    });

    it('sends what was throttled for a while, once', async () => {
      bench.endpoint.faults.next('SendCommand', 'ThrottlingException', { times: 3 });
      const sent = await commands.cycle(BLUE, wave, 'podtime test');
      expect(sent).toMatchObject({ commands: [{ instanceIds: fifty }], refused: [], unsure: [] });
      expect(bench.endpoint.commands()).toHaveLength(1);
    });

    it('is unsure of what SSM may have taken without saying so', async () => {
      bench.endpoint.faults.next('SendCommand', 'InternalServerError');
      const sent = await commands.cycle(BLUE, wave, 'podtime test');
      expect(sent).toEqual({
        commands: [],
        refused: [],
        unsure: [{ instanceIds: fifty, why: expect.stringContaining('InternalServerError') }],
      });
    });

    it('hears, in a collection, the hosts of the commands that were sent', async () => {
      const sixty = [...fifty, ...Array.from({ length: 10 }, (_, n) => hostId(n + 101))];
      for (const id of sixty.slice(50)) addHost(bench, id, TAGS, says('fine'));
      bench.endpoint.on((event) => {
        if (event.kind === 'command sent') bench.endpoint.faults.next('SendCommand', 'ThrottlingException');
      });
      const { answers, faults } = await collectAll(commands, sixty, 45);
      expect(answers.map(({ instanceId }) => instanceId).toSorted()).toEqual(fifty);
      expect(faults[0]).toBe('collecting from pod blue: ThrottlingException (log entry tick-1.1).');
    });
  });
});
