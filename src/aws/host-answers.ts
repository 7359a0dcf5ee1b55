import {
  type CommandInvocation,
  ListCommandInvocationsCommand,
  type ListCommandInvocationsCommandInput,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { ANSWERS_PER_PAGE } from '../fleet/aws-limits.ts';
import type { HostAnswer, HostAnswers } from '../report/host/answers.ts';
import type { Call } from './call.ts';
import { answerOf, orNotListed } from './command-list.ts';
import type { DocumentNames } from './commands.ts';
import { UnreadableAnswer } from './errors.ts';
import { pages } from './pages.ts';

/**
 * SSM may look for a filter's few among all of a host's, page by page, of which some are empty: a host is asked 288 times a day.
 */
const MOST_PAGES = 10;

/** What SSM keeps of what one host answered, to podtime's own documents alone. Decision 0138. */
export function ssmHostAnswers(client: SSMClient, documents: DocumentNames, call: Call): HostAnswers {
  const list = async (action: string, documentName: string, input: ListCommandInvocationsCommandInput) => {
    const Filters = [{ key: 'DocumentName' as const, value: documentName }, ...(input.Filters ?? [])];
    const listing = pages(call, {
      action,
      read: async (options, NextToken?: string) => {
        const asked = { ...input, Filters, Details: true, MaxResults: ANSWERS_PER_PAGE, NextToken };
        const page = await orNotListed(client.send(new ListCommandInvocationsCommand(asked), options), {
          CommandInvocations: [],
          NextToken: undefined,
        });
        if (!page.CommandInvocations) throw new UnreadableAnswer('the answer has no list of invocations');
        return { found: page.CommandInvocations, next: page.NextToken || undefined };
      },
      next: (page) => page.next,
    });
    const found: HostAnswer[] = [];
    let read = 0;
    for await (const page of listing) {
      // whatever a list has: what other documents print is none of podtime's business
      found.push(...page.found.filter(({ DocumentName }) => DocumentName === documentName).map(hostAnswerOf));
      read += 1;
      if (read === MOST_PAGES) break;
    }
    return found.sort((a, b) => b.requestedAtMs - a.requestedAtMs);
  };
  return {
    async collected(commandIds, instanceId) {
      for (const commandId of commandIds) {
        const input = { CommandId: commandId, InstanceId: instanceId };
        const [answer] = await list(`reading what ${instanceId} printed`, documents.collect, input);
        if (answer) return answer;
      }
      return null;
    },

    cycled(instanceId, { fromMs, toMs }) {
      const Filters = [
        { key: 'InvokedAfter' as const, value: toTheSecond(fromMs) },
        ...(toMs === null ? [] : [{ key: 'InvokedBefore' as const, value: toTheSecond(toMs) }]),
      ];
      return list(`reading how ${instanceId} was cycled`, documents.cycle, { InstanceId: instanceId, Filters });
    },
  };
}

function hostAnswerOf(invocation: CommandInvocation): HostAnswer {
  const { CommandId = '', RequestedDateTime, Comment = '' } = invocation;
  const { status, output } = answerOf(invocation);
  return { commandId: CommandId, requestedAtMs: RequestedDateTime?.getTime() ?? 0, status, comment: Comment, output };
}

/** As filters take times. */
function toTheSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
