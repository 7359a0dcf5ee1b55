import {
  ListCommandInvocationsCommand,
  type ListCommandInvocationsCommandInput,
  ListCommandsCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
} from '@aws-sdk/client-ssm';
import type { AgentRun } from '../src/agents.ts';
import type { Bench } from '../src/testing/index.ts';

export const DOCUMENT = 'echo';
export const TAGS = { 'ntp-pod': 'blue', 'ntp-tier': 'client' };
export const BY_TAG = [
  { Key: 'tag:ntp-pod', Values: ['blue'] },
  { Key: 'tag:ntp-tier', Values: ['client'] },
];

/** A script that ended without a word. */
export const ended = (exitCode: number): AgentRun => ({ exitCode, stdout: '', stderr: '', timedOut: false });

/** Run Command through the SDK, on the bench that is set up now. */
export function runCommand(bench: () => Bench) {
  const send = async (input: Partial<SendCommandCommandInput>) => {
    const { Command } = await bench().ssm.send(new SendCommandCommand({ DocumentName: DOCUMENT, ...input }));
    return Command ?? {};
  };
  const list = (input: ListCommandInvocationsCommandInput) =>
    bench().ssm.send(new ListCommandInvocationsCommand(input));
  const command = async (CommandId: string | undefined) =>
    (await bench().ssm.send(new ListCommandsCommand({ CommandId }))).Commands?.[0];
  return {
    send,
    list,
    command,
    /** The first look finds nothing; this is the second. */
    async lookedAt(CommandId: string | undefined) {
      await command(CommandId);
      return command(CommandId);
    },
    /** instance id -> Status and StatusDetails */
    async statuses(CommandId: string | undefined) {
      await list({ CommandId });
      const { CommandInvocations } = await list({ CommandId });
      return Object.fromEntries(
        (CommandInvocations ?? []).map((invocation) => [
          invocation.InstanceId,
          `${invocation.Status} ${invocation.StatusDetails}`,
        ]),
      );
    },
  };
}
