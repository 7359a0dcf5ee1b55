import {
  type Command,
  type CommandInvocation,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { IDS_PER_COMMAND } from '../fleet/aws-limits.ts';
import { type Pod, TAGS } from '../fleet/fleet.ts';
import { cycleParameters } from '../host/parameters.ts';
import { parseCycleOutcome } from '../host/verdict.ts';
import type { CycleCommand } from '../plan/plan.ts';
import type { CollectAnswer, CommandProgress, Commands } from '../watchdog/ports.ts';
import type { Call, CallOptions } from './call.ts';
import { reasonOf, UnreadableAnswer } from './errors.ts';
import { type CommandLimits, refusedAll, sendIsolatingInvalid } from './isolate.ts';
import { pages } from './pages.ts';

/** Comment of a SendCommand (SSM API reference). */
const COMMENT_CHARACTERS = 100;
/** The least that SSM takes: how long a command waits for its agent. */
const DELIVERY_TIMEOUT_SECONDS = 30;
/** ListCommandInvocations answers at most 50 a page. */
const INVOCATIONS_PER_PAGE = 50;
const POLL_MS = 1000;
/** A command's statuses after which nothing of it changes. */
const ENDED = ['Success', 'Cancelled', 'Failed', 'TimedOut'];

/** How the adapter waits. */
export interface Time {
  nowMs(): number;
  pause(ms: number): Promise<void>;
}

const REAL_TIME: Time = { nowMs: Date.now, pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };

export interface DocumentNames {
  collect: string;
  cycle: string;
}

/** Runs podtime's own documents by SSM Run Command. */
export function ssmCommands(client: SSMClient, documents: DocumentNames, call: Call, time: Time = REAL_TIME): Commands {
  return {
    async collect(pod, instanceIds, comment, waitSeconds) {
      const faults: string[] = [];
      const isolated: CollectAnswer[] = [];
      const send = (target: Pick<SendCommandCommandInput, 'InstanceIds' | 'Targets'>) =>
        call(`collecting from pod ${pod.name}`, (options) =>
          sendCommand(client, options, {
            ...target,
            DocumentName: documents.collect,
            Comment: comment,
            // the defaults (MaxErrors 0, MaxConcurrency 50) would end the sampling at the first failure
            MaxConcurrency: '100%',
            MaxErrors: '100%',
          }),
        );
      const commandIds: string[] = [];
      if (instanceIds === null) {
        commandIds.push(await send({ Targets: [{ Key: `tag:${TAGS.pod}`, Values: [pod.name] }] }));
      } else {
        for (const ids of chunks(instanceIds, IDS_PER_COMMAND)) {
          const all = { maxConcurrency: ids.length, maxErrors: ids.length };
          const { commands, refused, failure } = await sendIsolatingInvalid(ids, all, (some) =>
            send({ InstanceIds: some }),
          );
          commandIds.push(...commands.map(({ commandId }) => commandId));
          if (failure) faults.push(`${failure.message}.`);
          for (const { instanceId, why } of refused) {
            isolated.push({ instanceId, status: 'Undeliverable', output: null });
            faults.push(`SSM would not send to ${instanceId}: ${why}.`);
          }
        }
      }
      const answers = [...isolated];
      const deadlineMs = time.nowMs() + waitSeconds * 1000;
      for (const commandId of commandIds) {
        try {
          await untilEnded(client, call, commandId, deadlineMs, time);
          for (const invocation of await invocations(client, call, commandId)) answers.push(answerOf(invocation));
        } catch (error) {
          faults.push(`The answers to command ${commandId} in pod ${pod.name} could not be read: ${reasonOf(error)}.`);
        }
      }
      return { commandIds, answers, faults };
    },

    async cycle(pod, command, comment) {
      const { failure, unsent, ...sent } = await sendIsolatingInvalid(command.instanceIds, command, (ids, limits) =>
        call(`cycling ${ids.length} of pod ${pod.name}`, (options) =>
          sendCommand(client, options, cycleInput(pod, command, documents, ids, limits, comment)),
        ),
      );
      // certainly nothing was sent
      if (failure && sent.commands.length === 0 && sent.unsure.length === 0) throw failure;
      return { ...sent, refused: [...sent.refused, ...refusedAll(unsent, reasonOf(failure))] };
    },

    async progress(_pod, commandIds) {
      const progress: CommandProgress = { ended: true, failed: 0, outcomes: [] };
      for (const commandId of commandIds) {
        const command = await commandOf(client, call, commandId);
        // not listed: too new to be, or older than the 30 days SSM keeps
        progress.ended &&= ENDED.includes(command?.Status ?? '');
        progress.failed += command?.ErrorCount ?? 0;
        for (const invocation of command ? await invocations(client, call, commandId) : []) {
          const { instanceId, status, output } = answerOf(invocation);
          const outcome = parseCycleOutcome(status, output);
          if (outcome) progress.outcomes.push({ instanceId, ...outcome });
        }
      }
      return progress;
    },
  };
}

function cycleInput(
  pod: Pod,
  command: CycleCommand,
  documents: DocumentNames,
  ids: string[],
  limits: CommandLimits,
  comment: string,
): SendCommandCommandInput {
  return {
    InstanceIds: ids,
    DocumentName: documents.cycle,
    Comment: comment,
    Parameters: cycleParameters({ ...command, zone: pod.zone.name }),
    MaxConcurrency: String(limits.maxConcurrency),
    MaxErrors: String(limits.maxErrors),
  };
}

async function sendCommand(client: SSMClient, options: CallOptions, input: SendCommandCommandInput): Promise<string> {
  const { Command } = await client.send(
    new SendCommandCommand({
      ...input,
      Comment: (input.Comment ?? '').slice(0, COMMENT_CHARACTERS),
      TimeoutSeconds: DELIVERY_TIMEOUT_SECONDS,
    }),
    options,
  );
  if (!Command?.CommandId) throw new UnreadableAnswer('the answer has no command id');
  return Command.CommandId;
}

/** Straight after SendCommand the list is empty: that is no answer yet, not an end. */
async function untilEnded(
  client: SSMClient,
  call: Call,
  commandId: string,
  deadlineMs: number,
  time: Time,
): Promise<void> {
  while (time.nowMs() < deadlineMs) {
    await time.pause(Math.min(POLL_MS, deadlineMs - time.nowMs()));
    const command = await commandOf(client, call, commandId);
    const all = command?.TargetCount ? (command.CompletedCount ?? 0) >= command.TargetCount : false;
    // CompletedCount leaves out InvalidPlatform and AccessDenied, so the command's own end counts as well
    if (all || ENDED.includes(command?.Status ?? '')) return;
  }
}

async function commandOf(client: SSMClient, call: Call, commandId: string): Promise<Command | undefined> {
  const { Commands } = await call(`reading how command ${commandId} stands`, (options) =>
    client.send(new ListCommandsCommand({ CommandId: commandId }), options),
  );
  return Commands?.[0];
}

async function invocations(client: SSMClient, call: Call, commandId: string): Promise<CommandInvocation[]> {
  const listing = pages(call, {
    action: `reading the answers to command ${commandId}`,
    read: (options, NextToken?: string) =>
      client.send(
        new ListCommandInvocationsCommand({
          CommandId: commandId,
          Details: true,
          MaxResults: INVOCATIONS_PER_PAGE,
          NextToken,
        }),
        options,
      ),
    next: (page) => page.NextToken || undefined,
  });
  const found: CommandInvocation[] = [];
  for await (const page of listing) found.push(...(page.CommandInvocations ?? []));
  return found;
}

function answerOf(invocation: CommandInvocation): CollectAnswer {
  return {
    instanceId: invocation.InstanceId ?? '',
    status: (invocation.StatusDetails ?? invocation.Status ?? 'Unknown').replaceAll(' ', ''),
    output: invocation.CommandPlugins?.[0]?.Output ?? null,
  };
}

function* chunks<T>(all: T[], size: number): Generator<T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size);
}
