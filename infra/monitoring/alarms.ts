import type { Pod } from '../../src/fleet/fleet.ts';
import { WATCHDOG_CLASSES } from '../../src/fleet/watchdog-classes.ts';
import { metricNamed, NAMESPACE } from '../../src/metrics/catalogue.ts';
import { alarmName } from '../../src/report/alarms.ts';
import { runbookSection } from '../../src/report/runbook.ts';
import { BuildError } from '../errors.ts';
import { logicalId, type Resource, type Resources } from '../template/cloudformation.ts';
import type { AlarmRule, Gauge, Share } from './alarm-rule.ts';
import { alarmRules } from './alarm-rules.ts';
import { pagesUrlFaults, runbookUrlFaults } from './runbook.ts';

/** Who is told when an alarm changes its state, '' is nobody, and where they read what to do. */
export interface AlarmTopics {
  /** Of each pod's composite alarm and of the functions' alarms: what wakes somebody. */
  pods: string;
  /** Of every alarm of a pod by itself: what one reads then. */
  details: string;
  /** Address at which they read the runbook; '' is none. */
  runbookUrl: string;
  /** Address at which their browsers reach the API; none: nobody says. */
  pagesUrl?: string;
}

export const NO_TOPICS: AlarmTopics = { pods: '', details: '', runbookUrl: '' };

const TOPIC_ARN = /^arn:aws[a-z-]*:sns:([a-z0-9-]+):\d{12}:[\w-]{1,256}$/;

/**
 * Throws `BuildError` with every one that is no topic, or of another region (CloudWatch tells topics of its own only), and with an
 * address of the runbook that is none.
 */
export function checkTopics(topics: AlarmTopics, region: string): AlarmTopics {
  const wrong = Object.entries({ alarmTopic: topics.pods, alarmDetailTopic: topics.details })
    .filter(([, arn]) => arn !== '')
    .flatMap(([name, arn]) => {
      const topicRegion = TOPIC_ARN.exec(arn)?.[1];
      const given = `--param ${name}=${arn}`;
      if (topicRegion === undefined)
        return [`${given} is no ARN of a topic, such as arn:aws:sns:${region}:123456789012:time`];
      return topicRegion === region
        ? []
        : [`${given} is a topic in ${topicRegion}; alarms in ${region} tell topics in ${region} only`];
    });
  const faults = [...wrong, ...runbookUrlFaults(topics.runbookUrl), ...pagesUrlFaults(topics.pagesUrl ?? '')];
  if (faults.length > 0) throw new BuildError(faults.join('\n'));
  return topics;
}

/** For each pod its alarms, and one composite that is in ALARM while any of them is. */
export function podAlarms(stage: string, pods: Pod[], topics: AlarmTopics): Resources {
  return Object.fromEntries(
    pods.flatMap((pod): [string, Resource][] => {
      const alarms = alarmRules(pod).map((rule): [string, Resource] => [
        logicalId(logicalId('Alarm', pod.name), rule.key),
        metricAlarm(stage, pod, rule, topics),
      ]);
      return [...alarms, [logicalId('PodAlarm', pod.name), composite(stage, pod, alarms, topics)]];
    }),
  );
}

function metricAlarm(stage: string, pod: Pod, rule: AlarmRule, topics: AlarmTopics): Resource {
  const { watched, comparison, threshold, datapoints, periods, missing } = rule;
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: alarmName(stage, pod.name, rule.key),
      AlarmDescription: descriptionOf(pod, rule, topics),
      ...('part' in watched ? shareOf(pod, rule, watched) : gaugeOf(pod, rule, watched)),
      ComparisonOperator: comparison,
      Threshold: threshold,
      EvaluationPeriods: periods,
      DatapointsToAlarm: datapoints,
      TreatMissingData: missing,
      ...actions(topics.details),
    },
  };
}

function descriptionOf(
  pod: Pod,
  { key, tier, meaning, datapoints, periods, periodSeconds }: AlarmRule,
  { runbookUrl }: AlarmTopics,
): string {
  const where = tier === null ? `Pod ${pod.name}` : `Pod ${pod.name}, ${tier} tier`;
  return `${where}: ${meaning} (${datapoints} of ${periods} periods of ${periodSeconds} s). What to do: ${runbookSection(key, runbookUrl)}`;
}

function gaugeOf(pod: Pod, { tier, periodSeconds }: AlarmRule, { metric, stat }: Gauge) {
  return {
    Namespace: NAMESPACE,
    MetricName: metric,
    Dimensions: dimensions(pod, tier),
    Unit: metricNamed(metric).unit,
    Statistic: stat,
    Period: periodSeconds,
  };
}

function shareOf(pod: Pod, rule: AlarmRule, { part, whole, empty }: Share) {
  const query = (id: string, { metric, stat }: Gauge) => ({
    Id: id,
    MetricStat: {
      Metric: { Namespace: NAMESPACE, MetricName: metric, Dimensions: dimensions(pod, rule.tier) },
      Period: rule.periodSeconds,
      Stat: stat,
      Unit: metricNamed(metric).unit,
    },
    ReturnData: false,
  });
  return {
    Metrics: [
      query('part', part),
      query('whole', whole),
      {
        Id: 'share',
        Label: `${part.metric} / ${whole.metric}, percent`,
        Expression: `IF(whole > 0, 100 * part / whole, ${empty})`,
        ReturnData: true,
      },
    ],
  };
}

/** In the order in which the metrics are published. */
export function dimensions(pod: Pod, tier: string | null, az?: string): { Name: string; Value: string }[] {
  return [
    { Name: 'Pod', Value: pod.name },
    ...(tier === null ? [] : [{ Name: 'Tier', Value: tier }]),
    ...(az === undefined ? [] : [{ Name: 'AZ', Value: az }]),
  ];
}

function composite(stage: string, pod: Pod, alarms: [string, Resource][], topics: AlarmTopics): Resource {
  return {
    Type: 'AWS::CloudWatch::CompositeAlarm',
    // the rule names the alarms, so CloudFormation does not see that it needs them
    DependsOn: alarms.map(([id]) => id),
    Properties: {
      AlarmName: alarmName(stage, pod.name),
      AlarmDescription: `Pod ${pod.name}: at least one of its alarms is in ALARM. Dashboard ${alarmName(stage, pod.name)}; ${runbookSection('a-pod-in-alarm', topics.runbookUrl)}`,
      AlarmRule: alarms.map(([, { Properties }]) => `ALARM("${Properties.AlarmName}")`).join(' OR '),
      ...actions(topics.pods),
    },
  };
}

/** Five minutes: functions run by schedule each minute, so one period holds several runs of each pod. */
const FUNCTION_PERIOD_SECONDS = 300;

/** Nobody is woken for a dashboard: who looks at it sees there that the widget failed, and two alarms cost more than all its runs. */
export const UNWATCHED_FUNCTIONS: readonly string[] = ['widget'];

/**
 * For each function one alarm on errors and one on throttles. A tick of the watchdog that fails is made whole by the next, a
 * minute away: two periods of three. All others fail somebody who called them: at once.
 */
export function functionAlarms(stage: string, functions: string[], topics: AlarmTopics): Resources {
  const alarm = (name: string, metric: 'Errors' | 'Throttles', meaning: string): [string, Resource] => {
    const heals = WATCHDOG_CLASSES.some(({ functionName }) => functionName === name);
    return [
      logicalId(`Function${metric}`, name),
      {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          AlarmName: `podtime-${stage}-function-${name}-${metric.toLowerCase()}`,
          AlarmDescription: `Function podtime-${stage}-${name}: ${meaning}. What to do: ${runbookSection(`function-${metric.toLowerCase()}`, topics.runbookUrl)}`,
          Namespace: 'AWS/Lambda',
          MetricName: metric,
          Dimensions: [{ Name: 'FunctionName', Value: `podtime-${stage}-${name}` }],
          Unit: 'Count',
          Statistic: 'Sum',
          Period: FUNCTION_PERIOD_SECONDS,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          Threshold: 1,
          EvaluationPeriods: heals ? 3 : 1,
          DatapointsToAlarm: heals ? 2 : 1,
          // Lambda says nothing of a function that nobody calls
          TreatMissingData: 'notBreaching',
          ...actions(topics.pods),
        },
      },
    ];
  };
  return Object.fromEntries(
    functions
      .filter((name) => !UNWATCHED_FUNCTIONS.includes(name))
      .flatMap((name) => [
        alarm(name, 'Errors', 'it ended with an error; its log tells which'),
        alarm(name, 'Throttles', "the account's concurrency is used up and it could not start"),
      ]),
  );
}

/**
 * An event that its second attempt, 150 s after it came at the latest, has not done. Maximum of the period: also one that the
 * third did in time is worth a look.
 */
const OLDEST_EVENT_SECONDS = 200;

/** Of the queue before `instances`: a run that fails in part is no error of the function. */
export function queueAlarm(stage: string, topics: AlarmTopics): Resources {
  const queue = `podtime-${stage}-instances`;
  return {
    [logicalId('QueueAge', 'instances')]: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: `podtime-${stage}-queue-instances-age`,
        AlarmDescription: `Queue ${queue}: events of EC2's are not done, or not taken; the log of ${queue} tells which. What to do: ${runbookSection('queue-instances-age', topics.runbookUrl)}`,
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateAgeOfOldestMessage',
        Dimensions: [{ Name: 'QueueName', Value: queue }],
        Statistic: 'Maximum',
        Period: FUNCTION_PERIOD_SECONDS,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        Threshold: OLDEST_EVENT_SECONDS,
        EvaluationPeriods: 1,
        DatapointsToAlarm: 1,
        // SQS says nothing of a queue that nobody has used for long
        TreatMissingData: 'notBreaching',
        ...actions(topics.pods),
      },
    },
  };
}

function actions(topic: string): Record<string, string[]> {
  return topic === '' ? {} : { AlarmActions: [topic], OKActions: [topic] };
}
