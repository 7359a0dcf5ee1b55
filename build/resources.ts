import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENT_NAMES, type DocumentName, documentScript, ssmDocument } from '../documents/documents.ts';
import type { Pod } from '../src/fleet/fleet.ts';
import { logicalId, type Resource, type Resources } from './cloudformation.ts';

/** What the fleet and the documents' folder add to the stack; `resources/` holds the rest. */
export function generatedResources(serviceDir: string, stage: string, pods: Pod[]): Resources {
  return {
    ...Object.fromEntries(
      DOCUMENT_NAMES.map((name) => [logicalId('Document', name), document(serviceDir, stage, name)]),
    ),
    ...Object.fromEntries(pods.map((pod) => [logicalId('Schedule', pod.name), schedule(stage, pod)])),
  };
}

function document(serviceDir: string, stage: string, name: DocumentName): Resource {
  const script = documentScript(name, (file) => readFileSync(join(serviceDir, 'documents', file), 'utf8'));
  return {
    Type: 'AWS::SSM::Document',
    Properties: {
      Name: `podtime-${stage}-${name}`,
      DocumentType: 'Command',
      DocumentFormat: 'JSON',
      TargetType: '/AWS::EC2::Instance',
      // a document of a given name cannot be replaced by another of that name
      UpdateMethod: 'NewVersion',
      Content: ssmDocument(name, script),
    },
  };
}

/**
 * Every minute, for one pod; the watchdog itself decides whether a tick is due. The window of one minute lets EventBridge
 * Scheduler spread the pods' runs, which a rule of EventBridge cannot. A run that could not be started is not made up for:
 * the next one is a minute away.
 */
function schedule(stage: string, pod: Pod): Resource {
  return {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Name: `podtime-${stage}-${pod.name}`,
      Description: `Watches the clocks of pod ${pod.name}`,
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1 },
      Target: {
        Arn: { 'Fn::GetAtt': ['WatchdogLambdaFunction', 'Arn'] },
        RoleArn: { 'Fn::GetAtt': ['ScheduleRole', 'Arn'] },
        Input: JSON.stringify({ pod: pod.name, scheduled: true }),
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    },
  };
}
