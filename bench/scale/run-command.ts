import { type CannedPages, invocation, invocationPage } from './canned-pages.ts';
import type { Answer } from './object-store.ts';

/** Within so long the last host of a command has answered, the others evenly before. */
const ANSWERED_WITHIN_MS = 3000;
const ENTRIES_PER_PAGE = 50;
const CYCLED = 'verdict cycled ntp.service\n';

interface SentCommand {
  commandId: string;
  documentName: string;
  sentAtMs: number;
  /** null: sent by tag, to all. */
  instanceIds: string[] | null;
  targets: number;
  input: Record<string, unknown>;
}

export type Input = Record<string, unknown> & { Filters?: { key?: string; Key?: string; value?: string }[] };

const json = (value: unknown): Answer => ({ status: 200, headers: {}, body: JSON.stringify(value) });

/**
 * SSM Run Command. To one sent by tag hosts answer as `collect`, in the order of the pages that list them; to one sent by ids as
 * `cycle`, and polled is then what DNS says.
 */
export class RunCommand {
  /** So many hosts, the last, never answer `collect`. */
  silent = 0;
  private readonly commands = new Map<string, SentCommand>();

  constructor(private readonly pages: CannedPages) {}

  send(input: Input, nowMs: number): Answer {
    const number = String(this.commands.size + 1).padStart(12, '0');
    const instanceIds = (input.InstanceIds as string[] | undefined) ?? null;
    const command: SentCommand = {
      commandId: `c0113c71-0000-4000-8000-${number}`,
      documentName: String(input.DocumentName),
      sentAtMs: nowMs,
      instanceIds,
      targets: instanceIds?.length ?? this.pages.size,
      input,
    };
    this.commands.set(command.commandId, command);
    for (const id of instanceIds ?? []) this.pages.leftBehind.delete(id);
    return json({ Command: this.shown(command, nowMs) });
  }

  list({ CommandId, Filters = [] }: Input, nowMs: number): Answer {
    const ofDocument = Filters.find(({ key, Key }) => (key ?? Key) === 'DocumentName')?.value;
    const listed = [...this.commands.values()].filter(
      ({ commandId, documentName }) =>
        (CommandId === undefined || commandId === CommandId) &&
        (ofDocument === undefined || documentName === ofDocument),
    );
    return json({ Commands: listed.map((command) => this.shown(command, nowMs)) });
  }

  invocations({ CommandId, InstanceId, Filters = [], NextToken }: Input, nowMs: number): Answer {
    const command = this.commands.get(String(CommandId));
    if (!command) return json({ CommandInvocations: [] });
    const answered = this.answered(command, nowMs);
    if (command.instanceIds) {
      const outputs = command.instanceIds.map((id, at) => invocation(id, at < answered ? CYCLED : null));
      return { status: 200, headers: {}, body: invocationPage(outputs, null) };
    }
    const [start, end] = this.listed(command, answered, InstanceId, Filters);
    const from = Number(NextToken ?? start);
    const to = Math.min(from + ENTRIES_PER_PAGE, end);
    if (from >= end) return json({ CommandInvocations: [] });
    const body = this.pages.invocations(from, to, answered, to < end ? String(to) : null);
    return { status: 200, headers: {}, body };
  }

  /** From which host to which. */
  private listed(
    { targets }: SentCommand,
    answered: number,
    InstanceId: unknown,
    filters: NonNullable<Input['Filters']>,
  ): [number, number] {
    if (InstanceId !== undefined) {
      const number = this.pages.hosts.findIndex(({ instanceId }) => instanceId === InstanceId);
      return [number, number + 1];
    }
    const status = filters.find(({ key, Key }) => (key ?? Key) === 'Status')?.value;
    if (status === undefined) return [0, targets];
    return ({ Success: [0, answered], InProgress: [answered, targets] }[status] as [number, number]) ?? [0, 0];
  }

  /** Whole pages, until all that are not silent have answered. */
  private answered({ sentAtMs, instanceIds, targets }: SentCommand, nowMs: number): number {
    const share = (nowMs - sentAtMs) / ANSWERED_WITHIN_MS;
    const most = instanceIds ? targets : targets - this.silent;
    if (share >= 1) return most;
    return Math.min(most, Math.floor((share * targets) / ENTRIES_PER_PAGE) * ENTRIES_PER_PAGE);
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
