import {
  type Command,
  type CommandInvocation,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { CollectAnswer, SentCommand } from '../watchdog/ports.ts';
import type { Call } from './call.ts';
import { AwsCallError, isCode, isRefusal, isThrottling, NoTimeLeft, UnreadableAnswer } from './errors.ts';
import { pages } from './pages.ts';

/** ListCommands and ListCommandInvocations answer at most 50 a page. */
const ENTRIES_PER_PAGE = 50;
const POLL_MS = 1000;
/** One look at a list: the next one asks again, or the hosts count as unknown. */
const LOOK_LIMIT_MS = 5000;
/** A command's statuses after which nothing of it changes. */
const ENDED = ['Success', 'Cancelled', 'Failed', 'TimedOut'];

/** How the adapter waits. */
export interface Time {
  nowMs(): number;
  pause(ms: number): Promise<void>;
}

/** SSM's own lists of commands and of what came of them: they lag behind what was sent. */
export interface CommandList {
  /** null: SSM does not list it (yet). */
  command(commandId: string): Promise<Command | null>;
  /** What each host that has begun answered so far; empty where SSM does not list the command (yet). */
  answers(commandId: string): Promise<CollectAnswer[]>;
  /**
   * Those of all hosts, waited for until `untilMs` at the most. `listed`: whether SSM listed the command by then; `unread`: why
   * the last look at it was not answered, null where it was.
   */
  allAnswers(
    commandId: string,
    untilMs: number,
    time: Time,
  ): Promise<{ answers: CollectAnswer[]; listed: boolean; unread: unknown }>;
  /** The commands of this document since, whose parameter `Wave` is this. */
  ofWave(pod: string, documentName: string, waveId: string, sinceMs: number): Promise<SentCommand[]>;
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

  const answers = async (commandId: string): Promise<CollectAnswer[]> => {
    const listing = pages(call, {
      action: `reading the answers to command ${commandId}`,
      read: async (options, token?: string) => {
        const input = { CommandId: commandId, Details: true, MaxResults: ENTRIES_PER_PAGE, NextToken: token };
        const { CommandInvocations, NextToken } = await orNotListed(
          client.send(new ListCommandInvocationsCommand(input), options),
          { CommandInvocations: [], NextToken: undefined },
        );
        if (!CommandInvocations) throw new UnreadableAnswer('the answer has no list of invocations');
        return { invocations: CommandInvocations, next: NextToken || undefined };
      },
      next: (page) => page.next,
    });
    const found: CollectAnswer[] = [];
    for await (const { invocations } of listing) found.push(...invocations.map(answerOf));
    return found;
  };

  return {
    command,
    answers,

    async allAnswers(commandId, untilMs, time) {
      let last: Command | null = null;
      let unread: unknown = null;
      while (time.nowMs() < untilMs && !(last && hasEnded(last))) {
        await time.pause(Math.min(POLL_MS, untilMs - time.nowMs()));
        try {
          last = (await command(commandId)) ?? last;
          unread = null;
        } catch (error) {
          if (!isForNextLook(error)) throw error;
          unread = error;
        }
      }
      let found = await answers(commandId);
      // the list of answers lags behind the command that counts them
      while (found.length < (last?.CompletedCount ?? 0) && time.nowMs() < untilMs) {
        await time.pause(Math.min(POLL_MS, untilMs - time.nowMs()));
        try {
          found = await answers(commandId);
          unread = null;
        } catch (error) {
          // what was heard before stands
          unread = error;
          if (!isForNextLook(error)) break;
        }
      }
      return { answers: found, listed: last !== null || found.length > 0, unread };
    },

    async ofWave(pod, documentName, waveId, sinceMs) {
      const Filters = [
        { key: 'DocumentName', value: documentName },
        { key: 'InvokedAfter', value: `${new Date(sinceMs).toISOString().slice(0, 19)}Z` },
      ] as const;
      const listing = pages(call, {
        action: `looking for the commands of wave ${waveId} of pod ${pod}`,
        read: async (options, NextToken?: string) => {
          const input = { Filters: [...Filters], MaxResults: ENTRIES_PER_PAGE, NextToken };
          const page = await client.send(new ListCommandsCommand(input), options);
          if (!page.Commands) throw new UnreadableAnswer('the answer has no list of commands');
          return { ...page, Commands: page.Commands };
        },
        next: (page) => page.NextToken || undefined,
      });
      const found: SentCommand[] = [];
      for await (const page of listing) {
        for (const { CommandId, InstanceIds = [], Parameters } of page.Commands) {
          if (CommandId && Parameters?.Wave?.[0] === waveId) {
            found.push({ commandId: CommandId, instanceIds: InstanceIds });
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

function hasEnded(command: Command): boolean {
  const all = command.TargetCount ? (command.CompletedCount ?? 0) >= command.TargetCount : false;
  // CompletedCount leaves out InvalidPlatform and AccessDenied, so the command's own end counts as well
  return all || isEnded(command);
}

/** Some answer an id that is too new to be listed with an empty list, some with an error. */
async function orNotListed<Page, None>(step: Promise<Page>, none: None): Promise<Page | None> {
  try {
    return await step;
  } catch (error) {
    if (isRefusal(error) && isCode(error, 'InvalidCommandId', 'InvocationDoesNotExist')) return none;
    throw error;
  }
}

/** A look that was not answered costs that look: there is another in a second. A refusal would stay one. */
function isForNextLook(error: unknown): boolean {
  const cause = error instanceof AwsCallError ? error.cause : error;
  return !(cause instanceof NoTimeLeft || (isRefusal(cause) && !isThrottling(cause)));
}

function answerOf(invocation: CommandInvocation): CollectAnswer {
  return {
    instanceId: invocation.InstanceId ?? '',
    status: (invocation.StatusDetails ?? invocation.Status ?? 'Unknown').replaceAll(' ', ''),
    output: invocation.CommandPlugins?.[0]?.Output ?? null,
  };
}
