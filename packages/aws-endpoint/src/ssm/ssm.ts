import type { Agents } from '../agents.ts';
import type { Clock } from '../clock.ts';
import type { Delays } from '../delays.ts';
import type { Instances } from '../ec2/instances.ts';
import { AwsError } from '../errors.ts';
import type { Announce } from '../events.ts';
import type { FaultQueue } from '../faults.ts';
import { page } from '../paging.ts';
import { jsonError, jsonInput, jsonOperation, jsonResponse, jsonUnknownOperation } from '../protocol/aws-json.ts';
import type { Service } from '../service.ts';
import type { Timers } from '../timers.ts';
import { COMMAND_STATUS_OF, type Command, currentDetails, type Invocation, STATUS_OF } from './command.ts';
import { type Constraint, checkConstraints } from './constraints.ts';
import type { CommandDocument } from './documents.ts';
import { commandShape, type Filtered, getInvocationShape, invocationShape, readFilters } from './history.ts';
import { createNodes } from './nodes.ts';
import {
  deleteParameter,
  getParameter,
  getParameters,
  getParametersByPath,
  type ParameterStore,
  putParameter,
} from './parameters.ts';
import { createPings } from './pings.ts';
import { createRunner } from './runner.ts';
import { readSendCommand } from './send-command.ts';

export interface SsmDeps {
  timers: Timers;
  delays: Delays;
  clock: Clock;
  random: () => number;
  announce: Announce;
  faults: FaultQueue;
  agents: Agents;
  instances: Instances;
  documents: ReadonlyMap<string, CommandDocument>;
  parameters: ParameterStore;
}

export interface Ssm extends Service {
  /** Every command sent, newest first. */
  commands(): Command[];
}

const COMMAND_ID: Constraint = { type: 'string', min: 36, max: 36 };
const INSTANCE_ID: Constraint = { type: 'string', pattern: /(^i-(\w{8}|\w{17})$)|(^mi-\w{17}$)/ };
/** Service model, CommandMaxResults. */
const MAX_PAGE = 50;
/** What both lists take. */
const LIST: Record<string, Constraint> = {
  CommandId: COMMAND_ID,
  InstanceId: INSTANCE_ID,
  MaxResults: { type: 'integer', min: 1, max: MAX_PAGE },
  NextToken: { type: 'string' },
  Filters: { type: 'list', min: 1 },
};
/** The first look at a command finds nothing if it comes within this real time: the lists follow SendCommand late, whatever the time factor. */
const FIRST_LOOK_MS = 2_000;

/** SSM's JSON API, version 2014-11-06: Run Command and Parameter Store. */
export function createSsm(deps: SsmDeps): Ssm {
  const commands = new Map<string, Command>();
  const lookedAt = new Set<string>();
  const pings = createPings(deps.agents, deps.timers, deps.delays);
  const nodes = createNodes(deps.agents, deps.instances, pings);
  const runner = createRunner({ ...deps, resolve: nodes.resolve, alive: nodes.alive, pingOnline: pings.online });

  const newestFirst = () => [...commands.values()].reverse();
  const known = (command: Command) => deps.timers.nowMs() >= command.visibleAtMs;
  /** The commands a list may show; `id` names one. */
  const visible = (id: unknown): Command[] => {
    if (id === undefined) return newestFirst().filter(known);
    const command = commands.get(String(id));
    if (command === undefined) return [];
    const first = !lookedAt.has(command.id);
    lookedAt.add(command.id);
    return known(command) && !(first && Date.now() - command.requestedAtMs < FIRST_LOOK_MS) ? [command] : [];
  };

  const operations: Record<string, (input: Record<string, unknown>, region: string) => Record<string, unknown>> = {
    SendCommand(input) {
      const command = readSendCommand(input, {
        documents: deps.documents,
        valid: nodes.valid,
        nowMs: deps.timers.nowMs,
        visibleAfterMs: deps.delays.commandVisibleMs,
        factor: deps.clock.factor,
      });
      commands.set(command.id, command);
      const tags = Object.fromEntries(command.targets.map(({ key, values }) => [key, values]));
      deps.announce({
        kind: 'command sent',
        commandId: command.id,
        document: command.document.name,
        comment: command.comment,
        instanceIds: command.instanceIds,
        tags,
      });
      runner.start(command);
      return { Command: commandShape(command) };
    },
    ListCommands(input) {
      checkConstraints(input, LIST);
      const keep = readFilters(input.Filters, 'commands');
      const ofInstance = (command: Command) =>
        input.InstanceId === undefined ||
        (command.invocations ?? []).some((candidate) => candidate.instanceId === input.InstanceId);
      const found = page(
        visible(input.CommandId).filter((command) => ofInstance(command) && keep(filteredCommand(command))),
        (input.MaxResults as number) ?? MAX_PAGE,
        input.NextToken,
        `ListCommands ${input.CommandId}`,
      );
      return { Commands: found.items.map(commandShape), NextToken: found.nextToken };
    },
    ListCommandInvocations(input) {
      checkConstraints(input, { ...LIST, Details: { type: 'boolean' } });
      const keep = readFilters(input.Filters, 'invocations');
      const rows = visible(input.CommandId).flatMap((command) =>
        (command.invocations ?? []).map((invocation) => ({ command, invocation })),
      );
      const kept = rows.filter(
        ({ command, invocation }) =>
          (input.InstanceId === undefined || invocation.instanceId === input.InstanceId) &&
          keep(filteredInvocation(command, invocation)),
      );
      const found = page(
        kept,
        (input.MaxResults as number) ?? MAX_PAGE,
        input.NextToken,
        `ListCommandInvocations ${input.CommandId}`,
      );
      return {
        CommandInvocations: found.items.map(({ command, invocation }) =>
          invocationShape(command, invocation, input.Details === true),
        ),
        NextToken: found.nextToken,
      };
    },
    GetCommandInvocation(input) {
      checkConstraints(input, {
        CommandId: { ...COMMAND_ID, required: true },
        InstanceId: { ...INSTANCE_ID, required: true },
        PluginName: { type: 'string', min: 4 },
      });
      const [command] = visible(input.CommandId);
      const invocation = command?.invocations?.find((candidate) => candidate.instanceId === input.InstanceId);
      if (command === undefined || invocation === undefined) throw new AwsError('InvocationDoesNotExist', '');
      return getInvocationShape(command, invocation, input.PluginName as string | undefined);
    },
    CancelCommand(input) {
      checkConstraints(input, { CommandId: { ...COMMAND_ID, required: true }, InstanceIds: { type: 'list', max: 50 } });
      const command = commands.get(String(input.CommandId));
      if (command === undefined) throw new AwsError('InvalidCommandId', '');
      const instanceIds = (input.InstanceIds ?? []) as string[];
      if (instanceIds.some((id) => !(command.invocations ?? []).some((candidate) => candidate.instanceId === id)))
        throw new AwsError('InvalidInstanceId', '');
      runner.cancel(command, instanceIds.length > 0 ? instanceIds : null);
      return {};
    },
    GetParameter: (input, region) => getParameter(deps.parameters, input, region),
    GetParameters: (input, region) => getParameters(deps.parameters, input, region),
    GetParametersByPath: (input, region) => getParametersByPath(deps.parameters, input, region),
    PutParameter: (input) => putParameter(deps.parameters, input),
    DeleteParameter: (input) => deleteParameter(deps.parameters, input),
    DescribeInstanceInformation: (input) => nodes.describe(input),
  };

  return {
    commands: newestFirst,
    operations: Object.keys(operations),
    operation(request) {
      const name = jsonOperation(request);
      return name !== null && Object.hasOwn(operations, name) ? name : null;
    },
    handle: (operation, request, requestId) =>
      jsonResponse(
        '1.1',
        (operations[operation] as (typeof operations)[string])(jsonInput(request), request.region),
        requestId,
      ),
    refuse: (error, _request, requestId) => jsonError('1.1', error, requestId, messageMember(error.code)),
    unknownOperation: jsonUnknownOperation('Systems Manager', Object.keys(operations)),
    unsigned: () => new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token'),
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
  };
}

/** Service model: Parameter Store's errors and the common ones have `message`, Run Command's `Message`. */
function messageMember(code: string): 'Message' | 'message' {
  return code.startsWith('Parameter') || code.endsWith('Exception') ? 'message' : 'Message';
}

function filteredCommand(command: Command): Filtered {
  const details = currentDetails(command);
  return {
    requestedAtMs: command.requestedAtMs,
    documentName: command.document.name,
    status: COMMAND_STATUS_OF[details],
    statusDetails: details,
    executing: command.endedAs === null,
  };
}

function filteredInvocation(command: Command, invocation: Invocation): Filtered {
  return {
    requestedAtMs: invocation.requestedAtMs,
    documentName: command.document.name,
    status: STATUS_OF[invocation.details],
    statusDetails: invocation.details,
    executing: command.endedAs === null,
  };
}
