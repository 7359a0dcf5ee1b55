import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fleetNotices } from '../../infra/notices.ts';
import type { Resources } from '../../infra/template/cloudformation.ts';
import { lockedHistoryBucket, useLockedHistory } from '../../infra/template/locked-history.ts';
import { loadFleet } from '../../src/fleet/load.ts';

const SHIPPED = readFileSync('fleet.yml', 'utf8');
/** The first pod's history so. */
const fleetWith = (history: string) =>
  loadFleet(SHIPPED.replace('\n    region:', `\n    history: ${history}\n    region:`));

const COMPLIANCE = fleetWith('{ days: 2557, lock: compliance }');

/** A service whose report bucket the operator named. */
function namedService() {
  const Resource = { 'Fn::Sub': '${ReportBucket.Arn}/history/ticks/*' };
  const Statement = [{ Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource }];
  return {
    functions: { watchdog: { role: 'WatchdogRole', environment: { STAGE: 'prod' } }, config: { role: 'ConfigRole' } },
    resources: {
      Resources: {
        ReportBucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'reports' } },
        WatchdogRole: { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement } }] } },
        ConfigRole: { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement: [] } }] } },
        ...lockedHistoryBucket(COMPLIANCE.pods),
      },
      Outputs: {},
    } as { Resources: Resources; Outputs: Record<string, unknown> },
  };
}

describe('a locked history', () => {
  it('is kept for history.days in the mode that the fleet file names', () => {
    expect(lockedHistoryBucket(COMPLIANCE.pods).HistoryBucket?.Properties.ObjectLockConfiguration).toEqual({
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2557 } },
    });
  });

  it('lies in a bucket that is called after the report bucket where that has a name', () => {
    const service = namedService();
    useLockedHistory(service, COMPLIANCE.pods);
    expect(service.resources.Resources.HistoryBucket).toMatchObject({ Properties: { BucketName: 'reports-history' } });
    expect(service.functions).toEqual({
      watchdog: { role: 'WatchdogRole', environment: { STAGE: 'prod', HISTORY_BUCKET: 'reports-history' } },
      config: { role: 'ConfigRole' },
    });
  });

  it('changes nothing where no pod has one', () => {
    const service = namedService();
    useLockedHistory(service, loadFleet(SHIPPED).pods);
    expect(service).toEqual(namedService());
    expect(lockedHistoryBucket(loadFleet(SHIPPED).pods)).toEqual({});
  });

  it('is told when it is packaged, for it cannot be taken back', () => {
    const told = (history: string) => fleetNotices(fleetWith(history)).filter((each) => each.includes('locked'));
    expect(told('{ days: 2557, lock: compliance }')).toEqual([
      'Pod blue: rows of hosts are locked (compliance) for 2557 days each: nobody can remove them sooner, whatever the file says later. Rows of before stay where they are.',
    ]);
    expect(told('{ lock: governance }')).toEqual([
      'Pod blue: rows of hosts are locked (governance) for 30 days each: who has s3:BypassGovernanceRetention can remove them sooner. Rows of before stay where they are.',
    ]);
    expect(told('{ days: 30 }')).toEqual([]);
  });
});
