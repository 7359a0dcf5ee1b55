import type { CannedPages } from './canned-pages.ts';
import type { Answer } from './object-store.ts';

/** Within so long the last host of a command has answered, the others evenly before. */
const ANSWERED_WITHIN_MS = 3000;
const ENTRIES_PER_PAGE = 50;

interface SentCommand {
  commandId: string;
  documentName: string;
  sentAtMs: number;
  targets: number;
  input: Record<string, unknown>;
}

export type Input = Record<string, unknown> & { Filters?: { key?: string; Key?: string; value?: string }[] };

const json = (value: unknown): Answer => ({ status: 200, headers: {}, body: JSON.stringify(value) });

/** SSM Run Command. Hosts answer in the order of the pages that list them; a page is answered as a whole, or not yet. */
export class RunCommand {
  private readonly commands = new Map<string, SentCommand>();

  constructor(private readonly pages: CannedPages) {}

  send(input: Input, nowMs: number): Answer {
    const number = String(this.commands.size + 1).padStart(12, '0');
    const ids = (input.InstanceIds as string[] | undefined) ?? [];
    const command: SentCommand = {
      commandId: `c0113c71-0000-4000-8000-${number}`,
      documentName: String(input.DocumentName),
      sentAtMs: nowMs,
      targets: ids.length || this.pages.size,
      input,
    };
    this.commands.set(command.commandId, command);
    return json({ Command: this.shown(command, nowMs) });
  }

  list({ CommandId }: Input, nowMs: number): Answer {
    const all = [...this.commands.values()];
    const listed = CommandId === undefined ? all : all.filter(({ commandId }) => commandId === CommandId);
    return json({ Commands: listed.map((command) => this.shown(command, nowMs)) });
  }

  invocations({ CommandId, Filters = [], MaxResults = ENTRIES_PER_PAGE, NextToken }: Input, nowMs: number): Answer {
    const command = this.commands.get(String(CommandId));
    if (!command) return json({ CommandInvocations: [] });
    const entries = Number(MaxResults);
    const from = Number(NextToken ?? 0);
    const to = Math.min(from + entries, command.targets);
    const answered = this.answered(command, nowMs);
    const status = Filters.find(({ key, Key }) => (key ?? Key) === 'Status')?.value;
    const end = status === 'Success' ? answered : command.targets;
    const isNone = from >= end || (status !== undefined && !['Success', 'InProgress'].includes(status));
    if (isNone) return json({ CommandInvocations: [] });
    const last = Math.min(to, end);
    const body = this.pages.invocations(from, last, last <= answered, last < end ? String(last) : null);
    return { status: 200, headers: {}, body };
  }

  /** Whole pages. */
  private answered({ sentAtMs, targets }: SentCommand, nowMs: number): number {
    const share = (nowMs - sentAtMs) / ANSWERED_WITHIN_MS;
    if (share >= 1) return targets;
    return Math.floor((share * targets) / ENTRIES_PER_PAGE) * ENTRIES_PER_PAGE;
  }

  private shown(command: SentCommand, nowMs: number) {
    const { commandId, documentName, sentAtMs, targets, input } = command;
    const answered = this.answered(command, nowMs);
    const status = answered === targets ? 'Success' : 'InProgress';
    return {
      CommandId: commandId,
      DocumentName: documentName,
      InstanceIds: input.InstanceIds ?? [],
      Parameters: input.Parameters ?? {},
      RequestedDateTime: sentAtMs / 1000,
      Status: status,
      StatusDetails: status,
      TargetCount: targets,
      CompletedCount: answered,
      ErrorCount: 0,
    };
  }
}
