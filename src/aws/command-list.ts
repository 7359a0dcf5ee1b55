import {
  type Command,
  type CommandInvocation,
  ListCommandInvocationsCommand,
  type ListCommandInvocationsCommandInput,
  ListCommandsCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { ANSWERS_PER_PAGE } from '../fleet/aws-limits.ts';
import { isUnderWay } from '../host/verdict.ts';
import type { CollectAnswer, ListedCommand } from '../watchdog/ports.ts';
import type { Call, CallOptions } from './call.ts';
import { AwsCallError, isCode, isRefusal, isThrottling, NoTimeLeft, UnreadableAnswer } from './errors.ts';
import { pages } from './pages.ts';

/** One look at a list: the next one asks again, or the hosts count as unknown. */
const LOOK_LIMIT_MS = 5000;
/** A command's statuses after which nothing of it changes. */
const ENDED = ['Success', 'Cancelled', 'Failed', 'TimedOut'];
/** Invocations that end so are not in their command's CompletedCount (API reference, Command). */
const NOT_COUNTED = ['InvalidPlatform', 'AccessDenied'];
/** The codes by which SSM says that it knows no such command, or no such host of it. */
const NOT_LISTED = ['InvalidCommandId', 'InvocationDoesNotExist', 'InvalidInstanceId'];

/** SSM's own lists of commands and of what came of them: they lag behind what was sent. */
export interface CommandList {
  /** null: SSM does not list it (yet). */
  command(commandId: string): Promise<Command | null>;
  /** What each host that has begun answered so far, page by page; nothing where SSM does not list the command (yet). */
  answers(commandId: string): AsyncIterable<CollectAnswer[]>;
  /** What this host answered; null where SSM does not list it with the command (yet). */
  answer(commandId: string, instanceId: string): Promise<CollectAnswer | null>;
  /** The commands of this document since, whose parameter `Wave` is this. */
  ofWave(pod: string, documentName: string, waveId: string, sinceMs: number): Promise<ListedCommand[]>;
}

export function commandList(client: SSMClient, call: Call): CommandList {
  const command = (commandId: string): Promise<Command | null> =>
    call(
      `reading how command ${commandId} stands`,
      async (options) => {
        const { Commands } = await orNotListed(
          client.send(new ListCommandsCommand({ CommandId: commandId }), options),
          {
            Commands: [],
          },
        );
        if (!Commands) throw new UnreadableAnswer('the answer has no list of commands');
        return Commands.find((listed) => listed.CommandId === commandId) ?? null;
      },
      LOOK_LIMIT_MS,
    );

  const invocations = async (input: ListCommandInvocationsCommandInput, options: CallOptions) => {
    const { CommandInvocations, NextToken } = await orNotListed(
      client.send(
        new ListCommandInvocationsCommand({ ...input, Details: true, MaxResults: ANSWERS_PER_PAGE }),
        options,
      ),
      { CommandInvocations: [], NextToken: undefined },
    );
    if (!CommandInvocations) throw new UnreadableAnswer('the answer has no list of invocations');
    return { answers: CommandInvocations.map(answerOf), next: NextToken || undefined };
  };

  return {
    command,

    async *answers(commandId) {
      const listing = pages(call, {
        action: `reading the answers to command ${commandId}`,
        read: (options, NextToken?: string) => invocations({ CommandId: commandId, NextToken }, options),
        next: (page) => page.next,
      });
      for await (const page of listing) yield page.answers;
    },

    async answer(commandId, instanceId) {
      const input = { CommandId: commandId, InstanceId: instanceId };
      const { answers } = await call(`reading the answer of ${instanceId} to command ${commandId}`, (options) =>
        invocations(input, options),
      );
      return answers.find((answer) => answer.instanceId === instanceId) ?? null;
    },

    async ofWave(pod, documentName, waveId, sinceMs) {
      const Filters = [
        { key: 'DocumentName', value: documentName },
        { key: 'InvokedAfter', value: `${new Date(sinceMs).toISOString().slice(0, 19)}Z` },
      ] as const;
      const listing = pages(call, {
        action: `looking for the commands of wave ${waveId} of pod ${pod}`,
        read: async (options, NextToken?: string) => {
          const input = { Filters: [...Filters], MaxResults: ANSWERS_PER_PAGE, NextToken };
          const page = await client.send(new ListCommandsCommand(input), options);
          if (!page.Commands) throw new UnreadableAnswer('the answer has no list of commands');
          return { ...page, Commands: page.Commands };
        },
        next: (page) => page.NextToken || undefined,
      });
      const found: ListedCommand[] = [];
      for await (const page of listing) {
        for (const listed of page.Commands) {
          const { CommandId, InstanceIds = [], Parameters } = listed;
          if (CommandId && Parameters?.Wave?.[0] === waveId) {
            // one that ended before it began with anybody may count none
            const through = hasEnded(listed) ? listed.TargetCount || InstanceIds.length : (listed.CompletedCount ?? 0);
            found.push({ commandId: CommandId, instanceIds: InstanceIds, through });
          }
        }
      }
      return found;
    },
  };
}

/** Whether nothing of the command changes any more. */
export function isEnded(command: Command): boolean {
  return ENDED.includes(command.Status ?? '');
}

/** Whether every host that it was sent to is through. */
export function hasEnded(command: Command): boolean {
  const all = command.TargetCount ? (command.CompletedCount ?? 0) >= command.TargetCount : false;
  // CompletedCount leaves out InvalidPlatform and AccessDenied, so the command's own end counts as well
  return all || isEnded(command);
}

/** Whether the host is among those in its command's CompletedCount. */
export function isCounted(answer: CollectAnswer): boolean {
  return !isUnderWay(answer.status) && !NOT_COUNTED.includes(answer.status);
}

/** Some answer an id that is too new to be listed with an empty list, some with an error; so do they a host not begun. */
export async function orNotListed<Page, None>(step: Promise<Page>, none: None): Promise<Page | None> {
  try {
    return await step;
  } catch (error) {
    if (isRefusal(error) && isCode(error, ...NOT_LISTED)) return none;
    throw error;
  }
}

/** A look that was not answered costs that look: there is another in a second. A refusal would stay one. */
export function isForNextLook(error: unknown): boolean {
  const cause = error instanceof AwsCallError ? error.cause : error;
  return !(cause instanceof NoTimeLeft || (isRefusal(cause) && !isThrottling(cause)));
}

export function answerOf(invocation: CommandInvocation): CollectAnswer {
  return {
    instanceId: invocation.InstanceId ?? '',
    status: (invocation.StatusDetails ?? invocation.Status ?? 'Unknown').replaceAll(' ', ''),
    output: invocation.CommandPlugins?.[0]?.Output ?? null,
  };
}
