import type { Pod } from '../../src/fleet/fleet.ts';
import { NO_TOPICS, podAlarms } from '../monitoring/alarms.ts';
import { dashboards } from '../monitoring/dashboard.ts';
import { readScript } from '../script-files.ts';
import { logicalId, type Resource, type Resources } from './cloudformation.ts';
import { DOCUMENT_NAMES, type DocumentName, ssmDocument } from './documents.ts';
import { newEndpoints } from './endpoints.ts';
import { lockedHistoryBucket } from './locked-history.ts';
import { schedules } from './schedules.ts';

/** What the fleet and the scripts of `src/host` add to the stack; `infra/resources/` holds the rest. */
export function generatedResources(serviceDir: string, stage: string, pods: Pod[], topics = NO_TOPICS): Resources {
  return {
    ...Object.fromEntries(
      DOCUMENT_NAMES.map((name) => [logicalId('Document', name), document(serviceDir, stage, name)]),
    ),
    ...schedules(stage, pods),
    ...newEndpoints(stage, pods),
    ...podAlarms(stage, pods, topics),
    ...dashboards(stage, pods),
    ...lockedHistoryBucket(pods),
  };
}

function document(serviceDir: string, stage: string, name: DocumentName): Resource {
  return {
    Type: 'AWS::SSM::Document',
    Properties: {
      Name: `podtime-${stage}-${name}`,
      DocumentType: 'Command',
      DocumentFormat: 'JSON',
      TargetType: '/AWS::EC2::Instance',
      // a document of a given name cannot be replaced by another of that name
      UpdateMethod: 'NewVersion',
      Content: ssmDocument(name, readScript(serviceDir, name)),
    },
  };
}
