import { AwsError } from '../errors.ts';
import { epochSeconds } from '../protocol/aws-json.ts';
import {
  COMMAND_STATUS_OF,
  type Command,
  countInvocations,
  currentDetails,
  type Invocation,
  type PluginRun,
  STATUS_OF,
} from './command.ts';
import { listedOutput, STDERR_CHARACTERS, STDOUT_CHARACTERS } from './output.ts';

/** `Command` of the API. */
export function commandShape(command: Command): Record<string, unknown> {
  const counts = countInvocations(command);
  const details = currentDetails(command);
  return {
    CommandId: command.id,
    DocumentName: command.document.name,
    DocumentVersion: command.documentVersion,
    Comment: command.comment,
    ExpiresAfter: epochSeconds(command.expiresAfterMs),
    Parameters: command.parameters,
    InstanceIds: command.instanceIds,
    Targets: command.targets.map(({ key, values }) => ({ Key: key, Values: values })),
    RequestedDateTime: epochSeconds(command.requestedAtMs),
    Status: COMMAND_STATUS_OF[details],
    StatusDetails: details,
    MaxConcurrency: command.maxConcurrency,
    MaxErrors: command.maxErrors,
    TargetCount: command.invocations === null ? command.instanceIds.length : counts.target,
    CompletedCount: counts.completed,
    ErrorCount: counts.error,
    DeliveryTimedOutCount: counts.deliveryTimedOut,
    CloudWatchOutputConfig: { CloudWatchOutputEnabled: false },
    TimeoutSeconds: command.timeoutSeconds,
  };
}

/** `CommandInvocation` of the API; its plugins only with `details`. */
export function invocationShape(command: Command, invocation: Invocation, details: boolean): Record<string, unknown> {
  return {
    CommandId: command.id,
    InstanceId: invocation.instanceId,
    InstanceName: '',
    Comment: command.comment,
    DocumentName: command.document.name,
    DocumentVersion: command.documentVersion,
    RequestedDateTime: epochSeconds(invocation.requestedAtMs),
    Status: STATUS_OF[invocation.details],
    StatusDetails: invocation.details,
    StandardOutputUrl: '',
    StandardErrorUrl: '',
    CommandPlugins: details ? invocation.plugins.map(pluginShape) : [],
    ServiceRole: '',
    CloudWatchOutputConfig: { CloudWatchOutputEnabled: false },
  };
}

function pluginShape(plugin: PluginRun): Record<string, unknown> {
  return {
    Name: plugin.name,
    Status: STATUS_OF[plugin.details],
    StatusDetails: plugin.details,
    ResponseCode: plugin.responseCode,
    ResponseStartDateTime: plugin.startedAtMs === null ? undefined : epochSeconds(plugin.startedAtMs),
    ResponseFinishDateTime: plugin.endedAtMs === null ? undefined : epochSeconds(plugin.endedAtMs),
    Output: listedOutput(plugin.stdout, plugin.stderr),
    StandardOutputUrl: '',
    StandardErrorUrl: '',
    OutputS3Region: 'us-west-2',
    OutputS3BucketName: undefined,
    OutputS3KeyPrefix: '',
  };
}

/** GetCommandInvocation's answer: the plugin named, or the only one. Throws InvalidPluginName. */
export function getInvocationShape(
  command: Command,
  invocation: Invocation,
  pluginName: string | undefined,
): Record<string, unknown> {
  const names = command.document.steps.map((step) => step.name);
  if (pluginName !== undefined ? !names.includes(pluginName) : names.length > 1)
    throw new AwsError('InvalidPluginName', '');
  const name = pluginName ?? names[0] ?? '';
  const plugin = invocation.plugins.find((candidate) => candidate.name === name);
  const ended = plugin !== undefined && plugin.endedAtMs !== null;
  return {
    CommandId: command.id,
    InstanceId: invocation.instanceId,
    Comment: command.comment,
    DocumentName: command.document.name,
    DocumentVersion: command.documentVersion,
    PluginName: name,
    ResponseCode: plugin?.responseCode ?? -1,
    ExecutionStartDateTime: plugin?.startedAtMs ? isoSeconds(plugin.startedAtMs) : '',
    ExecutionElapsedTime: ended ? elapsed((plugin.endedAtMs ?? 0) - (plugin.startedAtMs ?? 0)) : '',
    ExecutionEndDateTime: ended ? isoSeconds(plugin.endedAtMs ?? 0) : '',
    Status: STATUS_OF[invocation.details],
    StatusDetails: invocation.details,
    StandardOutputContent: ended ? plugin.stdout.slice(0, STDOUT_CHARACTERS) : '',
    StandardOutputUrl: '',
    StandardErrorContent: ended ? plugin.stderr.slice(0, STDERR_CHARACTERS) : '',
    StandardErrorUrl: '',
    CloudWatchOutputConfig: { CloudWatchOutputEnabled: false },
  };
}

/** `2026-01-02T03:04:05.678Z` -> as the API writes it. */
function isoSeconds(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** ISO 8601: `PT0.65S`, `PT1H0.271S`. */
function elapsed(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  return `PT${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${(ms % 60_000) / 1000}S`;
}

/** API reference, CommandFilter: the values of Status for either list, and for each. */
const STATUSES = [
  'Pending',
  'InProgress',
  'Success',
  'Cancelled',
  'Failed',
  'TimedOut',
  'AccessDenied',
  'DeliveryTimedOut',
  'ExecutionTimedOut',
];
const STATUSES_OF = {
  commands: [...STATUSES, 'Incomplete', 'NoInstancesInTag', 'LimitExceeded'],
  invocations: [...STATUSES, 'Delayed', 'Undeliverable', 'InvalidPlatform', 'Terminated'],
};
const MAX_FILTERS = 5;

/** What a filter looks at, of a command or of an invocation. */
export interface Filtered {
  requestedAtMs: number;
  documentName: string;
  status: string;
  statusDetails: string;
  executing: boolean;
}

/** Reads CommandFilterList into a test. Throws InvalidFilterKey or ValidationException. */
export function readFilters(given: unknown, list: 'commands' | 'invocations'): (candidate: Filtered) => boolean {
  const filters = (given ?? []) as { key?: unknown; value?: unknown }[];
  if (!Array.isArray(filters) || filters.length > MAX_FILTERS) {
    throw new AwsError(
      'ValidationException',
      `Value at 'filters' failed to satisfy constraint: Member must have length less than or equal to ${MAX_FILTERS}`,
    );
  }
  const tests = filters.map(({ key, value }) => readFilter(String(key), String(value), list));
  return (candidate) => tests.every((test) => test(candidate));
}

function readFilter(key: string, value: string, list: 'commands' | 'invocations'): (candidate: Filtered) => boolean {
  switch (key) {
    case 'InvokedAfter':
    case 'InvokedBefore': {
      const atMs = Date.parse(value);
      if (Number.isNaN(atMs))
        throw new AwsError(
          'ValidationException',
          `Filter ${key} takes a timestamp like 2024-07-07T00:00:00Z, not ${value}`,
        );
      return (candidate) => (key === 'InvokedAfter' ? candidate.requestedAtMs >= atMs : candidate.requestedAtMs < atMs);
    }
    case 'DocumentName':
      return (candidate) => candidate.documentName === value;
    case 'Status': {
      const known = STATUSES_OF[list];
      if (!known.includes(value))
        throw new AwsError('ValidationException', `Filter Status takes one of ${known.join(', ')}, not ${value}`);
      return (candidate) => candidate.status === value || candidate.statusDetails === value;
    }
    case 'ExecutionStage':
      if (list === 'invocations') throw new AwsError('InvalidFilterKey', '');
      return (candidate) => candidate.executing === (value === 'Executing');
    default:
      throw new AwsError('InvalidFilterKey', '');
  }
}
