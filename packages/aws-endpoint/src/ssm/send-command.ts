import { randomUUID } from 'node:crypto';
import { ACCOUNT_ID, AwsError } from '../errors.ts';
import type { Command } from './command.ts';
import { limitOf } from './command.ts';
import { type Constraint, checkConstraints } from './constraints.ts';
import { type CommandDocument, checkParameters } from './documents.ts';

/** Service model, SendCommandRequest. */
const CONSTRAINTS: Record<string, Constraint> = {
  InstanceIds: { type: 'list', min: 0, max: 50, each: /(^i-(\w{8}|\w{17})$)|(^mi-\w{17}$)/ },
  Targets: { type: 'list', min: 0, max: 5 },
  DocumentName: { type: 'string', required: true, pattern: /^[a-zA-Z0-9_\-.:/]{3,128}$/ },
  DocumentVersion: { type: 'string', pattern: /^([$]LATEST|[$]DEFAULT|[1-9][0-9]*)$/ },
  TimeoutSeconds: { type: 'integer', min: 30, max: 2_592_000 },
  Comment: { type: 'string', max: 100 },
  Parameters: { type: 'map' },
  OutputS3BucketName: { type: 'string', min: 3, max: 63 },
  MaxConcurrency: { type: 'string', min: 1, max: 7, pattern: /^([1-9][0-9]*|[1-9][0-9]%|[1-9]%|100%)$/ },
  MaxErrors: { type: 'string', min: 1, max: 7, pattern: /^([1-9][0-9]*|[0]|[1-9][0-9]%|[0-9]%|100%)$/ },
};

/** User guide, "Understanding command timeout values": the default delivery timeout. */
const DEFAULT_TIMEOUT_SECONDS = 3_600;
/** API reference, SendCommand. */
const DEFAULT_MAX_CONCURRENCY = '50';
const DEFAULT_MAX_ERRORS = '0';
/** Service model, TargetValues. */
const MAX_TARGET_VALUES = 50;

export interface SendCommandDeps {
  documents: ReadonlyMap<string, CommandDocument>;
  /** Whether an id may be named: managed by SSM, and not terminated nor going there. */
  valid(instanceId: string): boolean;
  /** Simulated ms. */
  nowMs(): number;
  visibleAfterMs: number;
  factor: number;
}

/** Checks SendCommand whole and makes the command; nothing is sent yet. */
export function readSendCommand(input: Record<string, unknown>, deps: SendCommandDeps): Command {
  checkConstraints(input, CONSTRAINTS);
  const instanceIds = (input.InstanceIds ?? []) as string[];
  const targets = readTargets((input.Targets ?? []) as unknown[]);
  if (instanceIds.length > 0 === targets.length > 0) {
    throw new AwsError('ValidationException', 'Exactly one of InstanceIds and Targets must be specified.');
  }
  const given = String(input.DocumentName);
  const name = given.startsWith('arn:') ? given.slice(given.indexOf('/') + 1) : given;
  const document = deps.documents.get(name);
  if (document === undefined) throw new AwsError('InvalidDocument', `Document with name ${name} does not exist.`);
  const documentVersion = String(input.DocumentVersion ?? '$DEFAULT');
  if (!['$DEFAULT', '$LATEST', '1'].includes(documentVersion)) {
    throw new AwsError('InvalidDocumentVersion', `Document version ${documentVersion} of ${name} does not exist.`);
  }
  const parameters = readParameters((input.Parameters ?? {}) as Record<string, unknown>);
  const values = checkParameters(document, parameters);
  if (new Set(instanceIds).size < instanceIds.length) throw new AwsError('DuplicateInstanceId', '');
  const invalid = instanceIds.filter((id) => !deps.valid(id));
  if (invalid.length > 0) {
    throw new AwsError(
      'InvalidInstanceId',
      `Instances [[${invalid.join(', ')}]] not in a valid state for account ${ACCOUNT_ID}`,
    );
  }
  const timeoutSeconds = (input.TimeoutSeconds as number | undefined) ?? DEFAULT_TIMEOUT_SECONDS;
  const maxConcurrency = String(input.MaxConcurrency ?? DEFAULT_MAX_CONCURRENCY);
  const requestedAtMs = Date.now();
  return {
    id: randomUUID(),
    document,
    documentVersion,
    comment: String(input.Comment ?? ''),
    parameters,
    values,
    instanceIds,
    targets,
    timeoutSeconds,
    maxConcurrency,
    maxErrors: String(input.MaxErrors ?? DEFAULT_MAX_ERRORS),
    requestedAtMs,
    expiresAfterMs:
      requestedAtMs + totalSeconds(document, timeoutSeconds, instanceIds.length, maxConcurrency) * (1000 / deps.factor),
    visibleAtMs: deps.nowMs() + deps.visibleAfterMs,
    invocations: null,
    cancelled: false,
    endedAs: null,
  };
}

/** Delivery and execution of one host, as often as hosts must wait for each other. */
function totalSeconds(
  document: CommandDocument,
  timeoutSeconds: number,
  hosts: number,
  maxConcurrency: string,
): number {
  const roundSeconds = timeoutSeconds + document.steps.reduce((sum, step) => sum + step.timeoutSeconds, 0);
  const atOnce = Math.max(1, limitOf(maxConcurrency, hosts));
  return roundSeconds * Math.max(1, Math.ceil(hosts / atOnce));
}

function readTargets(given: unknown[]): Command['targets'] {
  return given.map((target) => {
    const { Key: key, Values: values } = (target ?? {}) as { Key?: unknown; Values?: unknown };
    if (typeof key !== 'string' || !Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
      throw new AwsError('ValidationException', 'Each target needs a Key and a list of Values.');
    }
    if (values.length > MAX_TARGET_VALUES) {
      throw new AwsError(
        'ValidationException',
        `Value at 'targets' failed to satisfy constraint: Member must have length less than or equal to ${MAX_TARGET_VALUES}`,
      );
    }
    if (key !== 'InstanceIds' && !key.startsWith('tag:') && key !== 'tag-key') {
      throw new AwsError(
        'InvalidTarget',
        `The target ${key} is not one that the local endpoint has: InstanceIds, tag:KEY, tag-key.`,
      );
    }
    return { key, values };
  });
}

function readParameters(given: Record<string, unknown>): Record<string, string[]> {
  for (const [name, values] of Object.entries(given)) {
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
      throw new AwsError('SerializationException', `Parameter ${name} must be a list of strings.`);
    }
  }
  return given as Record<string, string[]>;
}
