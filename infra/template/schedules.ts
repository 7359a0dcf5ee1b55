import type { Pod } from '../../src/fleet/fleet.ts';
import { watchdogOf } from '../../src/fleet/watchdog-classes.ts';
import { functionLogicalId, logicalId, type Resource, type Resources } from './cloudformation.ts';

/** Beyond so many pods two have their turn in the same second again; the watchdog's timeout counts on it. */
const TURNS = 30;

/**
 * One schedule a pod, every minute; the watchdog itself decides whether a tick is due. EventBridge Scheduler knows minutes
 * only, so each pod is told the second of its turn in its input, one after the other in the order of their names.
 * Decisions 0005, 0028.
 */
export function schedules(stage: string, pods: Pod[]): Resources {
  const inOrder = pods.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    ...Object.fromEntries(
      inOrder.map((pod, index) => [logicalId('Schedule', pod.name), schedule(stage, pod, index % TURNS)]),
    ),
    HistorySchedule: historySchedule(stage),
  };
}

/** An hour is folded some 20 to 50 minutes after its end. A run that could not be started is made up for by the next. */
function historySchedule(stage: string): Resource {
  return {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Name: `podtime-${stage}_history`,
      Description: 'Puts the rows of the hour before in the order of hosts',
      ScheduleExpression: 'rate(30 minutes)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': [functionLogicalId('history'), 'Arn'] },
        RoleArn: { 'Fn::GetAtt': ['ScheduleRole', 'Arn'] },
        Input: JSON.stringify({ fold: true }),
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    },
  };
}

/**
 * A flexible window would spread the pods too, but each run by itself: two of one pod would lie up to two minutes apart.
 * A run that could not be started is not made up for: the next one is a minute away.
 */
function schedule(stage: string, pod: Pod, delaySeconds: number): Resource {
  return {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Name: `podtime-${stage}-${pod.name}`,
      Description: `Watches the clocks of pod ${pod.name}`,
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': [functionLogicalId(watchdogOf(pod).functionName), 'Arn'] },
        RoleArn: { 'Fn::GetAtt': ['ScheduleRole', 'Arn'] },
        Input: JSON.stringify({ pod: pod.name, scheduled: true, delaySeconds }),
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    },
  };
}
