import type { CommandDocument } from './documents.ts';

/** StatusDetails of one invocation, as the API spells them. */
export type InvocationDetails =
  | 'Pending'
  | 'InProgress'
  | 'Delayed'
  | 'Cancelling'
  | 'Success'
  | 'DeliveryTimedOut'
  | 'ExecutionTimedOut'
  | 'Failed'
  | 'Cancelled'
  | 'Undeliverable'
  | 'Terminated'
  | 'InvalidPlatform'
  | 'AccessDenied';

/** Status, the coarser of the two, of each StatusDetails (sources in docs/aws-claims.md). */
export const STATUS_OF: Record<InvocationDetails, string> = {
  Pending: 'Pending',
  InProgress: 'InProgress',
  Delayed: 'Delayed',
  Cancelling: 'Cancelling',
  Success: 'Success',
  DeliveryTimedOut: 'TimedOut',
  ExecutionTimedOut: 'TimedOut',
  Failed: 'Failed',
  Cancelled: 'Cancelled',
  Undeliverable: 'Failed',
  Terminated: 'Cancelled',
  InvalidPlatform: 'Failed',
  AccessDenied: 'Failed',
};

const OPEN: readonly InvocationDetails[] = ['Pending', 'InProgress', 'Delayed', 'Cancelling'];

export function isOpen(details: InvocationDetails): boolean {
  return OPEN.includes(details);
}

export interface PluginRun {
  name: string;
  details: InvocationDetails;
  /** -1 until it ran. */
  responseCode: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  stdout: string;
  stderr: string;
}

export interface Invocation {
  instanceId: string;
  details: InvocationDetails;
  /** Real epoch ms. */
  requestedAtMs: number;
  plugins: PluginRun[];
}

export interface Command {
  id: string;
  document: CommandDocument;
  documentVersion: string;
  comment: string;
  /** As the request had them. */
  parameters: Record<string, string[]>;
  /** With the document's defaults. */
  values: Record<string, string[]>;
  instanceIds: string[];
  targets: { key: string; values: string[] }[];
  timeoutSeconds: number;
  maxConcurrency: string;
  maxErrors: string;
  /** Real epoch ms. */
  requestedAtMs: number;
  expiresAfterMs: number;
  /** Simulated ms from which the lists know it. */
  visibleAtMs: number;
  /** null until the hosts behind the targets are found. */
  invocations: Invocation[] | null;
  cancelled: boolean;
  /** null while it runs. */
  endedAs: CommandDetails | null;
}

export type CommandDetails =
  | 'Pending'
  | 'InProgress'
  | 'Cancelling'
  | 'Success'
  | 'Failed'
  | 'DeliveryTimedOut'
  | 'ExecutionTimedOut'
  | 'Incomplete'
  | 'Cancelled'
  | 'NoInstancesInTag';

export const COMMAND_STATUS_OF: Record<CommandDetails, string> = {
  Pending: 'Pending',
  InProgress: 'InProgress',
  Cancelling: 'Cancelling',
  Success: 'Success',
  Failed: 'Failed',
  DeliveryTimedOut: 'TimedOut',
  ExecutionTimedOut: 'TimedOut',
  Incomplete: 'Failed',
  Cancelled: 'Cancelled',
  NoInstancesInTag: 'Success',
};

/** API reference, Command: what its four counters count. */
export function countInvocations(command: Command): {
  target: number;
  completed: number;
  error: number;
  deliveryTimedOut: number;
} {
  const invocations = command.invocations ?? [];
  const count = (wanted: readonly InvocationDetails[]) =>
    invocations.filter((invocation) => wanted.includes(invocation.details)).length;
  return {
    target: invocations.length,
    completed: count([
      'Success',
      'Failed',
      'ExecutionTimedOut',
      'DeliveryTimedOut',
      'Cancelled',
      'Terminated',
      'Undeliverable',
    ]),
    error: count(['Failed', 'ExecutionTimedOut']),
    deliveryTimedOut: count(['DeliveryTimedOut']),
  };
}

/** How many of `total` a limit like `10` or `10%` means, a broken share rounded down. */
export function limitOf(limit: string, total: number): number {
  return limit.endsWith('%') ? Math.floor((Number(limit.slice(0, -1)) * total) / 100) : Number(limit);
}

/** The command's own StatusDetails when all invocations have ended (user guide, "Understanding command statuses"). */
export function finalDetails(command: Command): CommandDetails {
  const invocations = command.invocations ?? [];
  if (invocations.length === 0) return 'NoInstancesInTag';
  if (command.cancelled) return 'Cancelled';
  const allowed = limitOf(command.maxErrors, invocations.length);
  const count = (details: InvocationDetails) =>
    invocations.filter((invocation) => invocation.details === details).length;
  if (count('Failed') + count('ExecutionTimedOut') > allowed)
    return count('Failed') > 0 ? 'Failed' : 'ExecutionTimedOut';
  if (count('DeliveryTimedOut') > allowed) return 'DeliveryTimedOut';
  if (count('InvalidPlatform') + count('AccessDenied') > 0) return 'Failed';
  const neutral = count('Undeliverable');
  return count('Success') + neutral === invocations.length && count('Success') > 0 ? 'Success' : 'Incomplete';
}

/** The command's StatusDetails now. */
export function currentDetails(command: Command): CommandDetails {
  if (command.endedAs !== null) return command.endedAs;
  if (command.cancelled) return 'Cancelling';
  return (command.invocations ?? []).some((invocation) => invocation.details !== 'Pending') ? 'InProgress' : 'Pending';
}
