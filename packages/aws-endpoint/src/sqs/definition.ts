import { numberOrNull } from '../intrinsics.ts';
import { functionNameOf } from '../lambda/function.ts';

/** A standard queue of SQS. */
export interface QueueDefinition {
  name: string;
  visibilitySeconds: number;
  retentionSeconds: number;
  delaySeconds: number;
  /** How long ReceiveMessage waits that does not say so. */
  waitSeconds: number;
}

/** What hands a queue's messages to a function. */
export interface MappingDefinition {
  functionName: string;
  queueName: string;
  batchSize: number;
  windowSeconds: number;
  /** Runs at one time; null: no limit of its own. */
  maximumConcurrency: number | null;
  /** ReportBatchItemFailures: what the function does not name as failed is done. */
  reportsFailures: boolean;
}

/** CloudFormation's defaults: 30 s until a message comes again, kept for four days. */
export function readQueue(name: string, properties: Record<string, unknown>): QueueDefinition {
  for (const property of ['FifoQueue', 'RedrivePolicy']) {
    if (properties[property]) throw new Error(`queue ${name}: the local endpoint has no ${property}`);
  }
  return {
    name,
    visibilitySeconds: Number(properties.VisibilityTimeout ?? 30),
    retentionSeconds: Number(properties.MessageRetentionPeriod ?? 345_600),
    delaySeconds: Number(properties.DelaySeconds ?? 0),
    waitSeconds: Number(properties.ReceiveMessageWaitTimeSeconds ?? 0),
  };
}

/** Names stand where the template has references. */
export function readMapping(logicalId: string, properties: Record<string, unknown>): MappingDefinition {
  for (const property of ['FilterCriteria', 'ProvisionedPollerConfig']) {
    if (properties[property]) throw new Error(`mapping ${logicalId}: the local endpoint has no ${property}`);
  }
  const scaling = (properties.ScalingConfig ?? {}) as { MaximumConcurrency?: unknown };
  return {
    functionName: functionNameOf(properties.FunctionName),
    queueName: String(properties.EventSourceArn).split(':').at(-1) ?? '',
    batchSize: Number(properties.BatchSize ?? 10),
    windowSeconds: Number(properties.MaximumBatchingWindowInSeconds ?? 0),
    maximumConcurrency: numberOrNull(scaling.MaximumConcurrency),
    reportsFailures: ((properties.FunctionResponseTypes ?? []) as string[]).includes('ReportBatchItemFailures'),
  };
}
