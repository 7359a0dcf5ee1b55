import { type AlarmDefinition, readCompositeAlarm, readMetricAlarm } from './cloudwatch/alarms/definition.ts';
import type { EventPattern } from './eventbridge/pattern.ts';
import { numberOrNull, resolveValue } from './intrinsics.ts';
import { type FunctionDefinition, functionNameOf, readFunction } from './lambda/function.ts';
import { type BucketConfig, readBucketConfig } from './s3/bucket-config.ts';
import { type MappingDefinition, type QueueDefinition, readMapping, readQueue } from './sqs/definition.ts';
import type { StoredParameter } from './ssm/parameters.ts';

/** What of the packaged CloudFormation template the endpoint carries out. */
export interface Stack {
  /** SSM documents by name: their content, schema 2.2. */
  documents: Record<string, unknown>;
  rules: StackRule[];
  schedules: StackSchedule[];
  /** Physical names of the S3 buckets by logical id. */
  buckets: Record<string, string>;
  /** Their versions and Object Lock, by physical name; a bucket that is not here has neither. */
  bucketConfigs: Record<string, BucketConfig>;
  parameters: Pick<StoredParameter, 'name' | 'type' | 'value' | 'allowedPattern'>[];
  functions: FunctionDefinition[];
  /** Lambda's settings for asynchronous invocation, by function name. */
  invokeConfigs: Record<string, { maximumRetryAttempts: number | null; maximumEventAgeSeconds: number | null }>;
  /** CloudWatch's, metric and composite. */
  alarms: AlarmDefinition[];
  /** CloudWatch's: their JSON by name. */
  dashboards: Record<string, string>;
  /** SQS's standard queues. */
  queues: QueueDefinition[];
  /** Lambda's event source mappings of queues. */
  mappings: MappingDefinition[];
}

/** A rule of EventBridge: a pattern or a schedule. */
export interface StackRule {
  name: string;
  enabled: boolean;
  pattern: EventPattern | null;
  /** `rate(1 minute)` */
  schedule: string | null;
  targets: (RuleTarget | QueueTarget)[];
}

/** A schedule of EventBridge Scheduler. */
export interface StackSchedule {
  name: string;
  enabled: boolean;
  /** `rate(1 minute)` */
  expression: string;
  /** FlexibleTimeWindow; 0: off. */
  windowMinutes: number;
  target: RuleTarget;
}

export interface RuleTarget {
  functionName: string;
  /** Constant JSON; null: the event. */
  input: string | null;
  inputPath: string | null;
}

/** A target that is a queue: the input is the message's body. */
export type QueueTarget = Omit<RuleTarget, 'functionName'> & { queueName: string };

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}

export const EMPTY_STACK: Stack = {
  documents: {},
  rules: [],
  schedules: [],
  buckets: {},
  bucketConfigs: {},
  parameters: [],
  functions: [],
  invokeConfigs: {},
  alarms: [],
  dashboards: {},
  queues: [],
  mappings: [],
};

/**
 * Reads the template that `sls package` writes. `pseudo` gives `AWS::Region` and the like. Bucket names that the template leaves to
 * CloudFormation are made up from the logical id. Resources that the endpoint has no use for are passed over; a target that
 * is no function of the template is an error, with the name of its rule or schedule.
 */
export function readStack(
  template: { Resources?: Record<string, unknown> },
  pseudo: { region: string; accountId: string; stackName: string },
): Stack {
  const resources = Object.entries((template.Resources ?? {}) as Record<string, Resource>);
  const names = new Map<string, string>();
  const resolve = (value: unknown): unknown => resolveValue(value, names);
  for (const [name, value] of [
    ['AWS::Region', pseudo.region],
    ['AWS::AccountId', pseudo.accountId],
    ['AWS::StackName', pseudo.stackName],
    ['AWS::Partition', 'aws'],
  ] as const)
    names.set(name, value);
  const physical: Record<string, string> = {
    'AWS::Lambda::Function': 'FunctionName',
    'AWS::IAM::Role': 'RoleName',
    'AWS::S3::Bucket': 'BucketName',
    'AWS::SSM::Document': 'Name',
    'AWS::SSM::Parameter': 'Name',
    'AWS::Events::Rule': 'Name',
    'AWS::Scheduler::Schedule': 'Name',
    'AWS::CloudWatch::Alarm': 'AlarmName',
    'AWS::CloudWatch::CompositeAlarm': 'AlarmName',
    'AWS::CloudWatch::Dashboard': 'DashboardName',
    'AWS::SQS::Queue': 'QueueName',
  };
  for (const [logicalId, { Type: type, Properties: properties = {} }] of resources) {
    const given = resolve(properties[physical[type] ?? '']);
    names.set(logicalId, typeof given === 'string' ? given : `${pseudo.stackName}-${logicalId}`.toLowerCase());
  }

  const queueIds = new Set(
    resources.filter(([, { Type }]) => Type === 'AWS::SQS::Queue').map(([logicalId]) => logicalId),
  );
  const stack: Stack = structuredClone(EMPTY_STACK);
  for (const [logicalId, resource] of resources) {
    const properties = (resolve(resource.Properties ?? {}) ?? {}) as Record<string, unknown>;
    const name = names.get(logicalId) ?? logicalId;
    switch (resource.Type) {
      case 'AWS::SSM::Document':
        if ((properties.DocumentType ?? 'Command') === 'Command') stack.documents[name] = properties.Content;
        break;
      case 'AWS::Events::Rule':
        stack.rules.push(readRule(name, properties, resource.Properties ?? {}, names, queueIds));
        break;
      case 'AWS::Scheduler::Schedule':
        stack.schedules.push(readSchedule(name, properties, resource.Properties ?? {}, names));
        break;
      case 'AWS::CloudWatch::Alarm':
        stack.alarms.push(readMetricAlarm(name, properties));
        break;
      case 'AWS::CloudWatch::CompositeAlarm':
        stack.alarms.push(readCompositeAlarm(name, properties));
        break;
      case 'AWS::CloudWatch::Dashboard':
        stack.dashboards[name] = String(properties.DashboardBody);
        break;
      case 'AWS::Lambda::Function':
        stack.functions.push(readFunction(name, properties));
        break;
      case 'AWS::S3::Bucket':
        stack.buckets[logicalId] = name;
        stack.bucketConfigs[name] = readBucketConfig(name, properties);
        break;
      case 'AWS::SSM::Parameter':
        stack.parameters.push({
          name,
          type: properties.Type as StoredParameter['type'],
          value: String(properties.Value),
          allowedPattern: typeof properties.AllowedPattern === 'string' ? properties.AllowedPattern : null,
        });
        break;
      case 'AWS::SQS::Queue':
        stack.queues.push(readQueue(name, properties));
        break;
      case 'AWS::Lambda::EventSourceMapping':
        if (properties.Enabled !== false) stack.mappings.push(readMapping(logicalId, properties));
        break;
      case 'AWS::Lambda::EventInvokeConfig':
        stack.invokeConfigs[functionNameOf(properties.FunctionName)] = {
          maximumRetryAttempts: numberOrNull(properties.MaximumRetryAttempts),
          maximumEventAgeSeconds: numberOrNull(properties.MaximumEventAgeInSeconds),
        };
        break;
    }
  }
  return stack;
}

function readRule(
  name: string,
  properties: Record<string, unknown>,
  raw: Record<string, unknown>,
  names: ReadonlyMap<string, string>,
  queueIds: ReadonlySet<string>,
): StackRule {
  const targets = ((raw.Targets ?? []) as Record<string, unknown>[]).map((target) => {
    const { functionName, ...input } = readTarget(`rule ${name}`, target, names);
    return queueIds.has(targetId(target)) ? { queueName: functionName, ...input } : { functionName, ...input };
  });
  return {
    name,
    enabled: (properties.State ?? 'ENABLED') !== 'DISABLED',
    pattern: (properties.EventPattern as EventPattern | undefined) ?? null,
    schedule: typeof properties.ScheduleExpression === 'string' ? properties.ScheduleExpression : null,
    targets,
  };
}

function readSchedule(
  name: string,
  properties: Record<string, unknown>,
  raw: Record<string, unknown>,
  names: ReadonlyMap<string, string>,
): StackSchedule {
  const window = (properties.FlexibleTimeWindow ?? {}) as { Mode?: string; MaximumWindowInMinutes?: number };
  return {
    name,
    enabled: (properties.State ?? 'ENABLED') !== 'DISABLED',
    expression: String(properties.ScheduleExpression),
    windowMinutes: window.Mode === 'FLEXIBLE' ? Number(window.MaximumWindowInMinutes ?? 0) : 0,
    target: readTarget(`schedule ${name}`, (raw.Target ?? {}) as Record<string, unknown>, names),
  };
}

/** Logical id of the resource whose Arn the target is; '' for any other. */
function targetId(target: Record<string, unknown>): string {
  const attribute = (target.Arn as { 'Fn::GetAtt'?: unknown } | undefined)?.['Fn::GetAtt'];
  const [logicalId] = Array.isArray(attribute) ? attribute : String(attribute ?? '').split('.');
  return String(logicalId);
}

/** A function of the template, or a queue, aimed at by its Arn. `owner`: the rule or schedule, for the error. */
function readTarget(owner: string, target: Record<string, unknown>, names: ReadonlyMap<string, string>): RuleTarget {
  const functionName = names.get(targetId(target));
  if (functionName === undefined) {
    throw new Error(`${owner}: its target is no function of the template: ${JSON.stringify(target.Arn)}`);
  }
  if (target.InputTransformer !== undefined) throw new Error(`${owner}: the local endpoint has no InputTransformer`);
  const input = resolveValue(target.Input, names);
  return {
    functionName,
    input: typeof input === 'string' ? input : null,
    inputPath: typeof target.InputPath === 'string' ? target.InputPath : null,
  };
}
