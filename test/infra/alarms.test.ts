import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Build } from '../../infra/build.ts';
import { BuildError } from '../../infra/errors.ts';
import { alarmRules, periodSeconds } from '../../infra/monitoring/alarm-rules.ts';
import { functionAlarms, NO_TOPICS, podAlarms, queueAlarm } from '../../infra/monitoring/alarms.ts';
import { runbookUrlFaults } from '../../infra/monitoring/runbook.ts';
import { alarmsPage } from '../../scripts/alarms-page.ts';
import { BY_AZ } from '../../src/fleet/fleet.ts';
import { SERVICE } from '../builders/functions.ts';
import { POD } from '../builders/judgements.ts';
import { type Package, packagedForProduction, ROOT, SILENT, TOPICS } from '../builders/packaged-service.ts';
import { published, type Seen } from '../builders/published-metrics.ts';
import { pageText } from '../docs/snippets.ts';

const { pods: TOPIC, details: DETAILS } = TOPICS;

type Alarm = Record<string, unknown> & { AlarmName: string; EvaluationPeriods: number; DatapointsToAlarm: number };

let prod: Package;
beforeAll(async () => {
  prod = await packagedForProduction();
});

const alarms = () => prod.ofType('AWS::CloudWatch::Alarm').map(([, properties]) => properties as Alarm);
const ofPods = () => alarms().filter(({ AlarmName }) => !/^podtime-prod-(function|queue)-/.test(AlarmName));
const composites = () => prod.ofType('AWS::CloudWatch::CompositeAlarm').map(([, properties]) => properties);

interface Watched extends Seen {
  stat: string;
  period: number;
}

/** The metrics behind an alarm, alone or in metric math. */
function watchedBy(alarm: Record<string, unknown>): Watched[] {
  const seen = (metric: Record<string, unknown>, unit: unknown, stat: unknown, period: unknown): Watched => ({
    namespace: String(metric.Namespace),
    name: String(metric.MetricName),
    unit: String(unit),
    dimensions: Object.fromEntries(
      (metric.Dimensions as { Name: string; Value: string }[]).map(({ Name, Value }) => [Name, Value]),
    ),
    stat: String(stat),
    period: Number(period),
  });
  if (alarm.Metrics === undefined) return [seen(alarm, alarm.Unit, alarm.Statistic, alarm.Period)];
  return (alarm.Metrics as { MetricStat?: Record<string, unknown> }[]).flatMap(({ MetricStat: stat }) =>
    stat ? [seen(stat.Metric as Record<string, unknown>, stat.Unit, stat.Stat, stat.Period)] : [],
  );
}

describe('every alarm of the template', () => {
  it('looks at what the code publishes: name, unit and dimensions', () => {
    const known = [...published('blue'), ...published('yellow-2')];
    for (const alarm of ofPods()) {
      const watched = watchedBy(alarm);
      expect(watched.length).toBeGreaterThan(0);
      for (const { stat: _, period: __, ...metric } of watched) expect(known).toContainEqual(metric);
    }
  });

  it.each(BY_AZ)('looks at what is published with metrics.byAz: %s, and is the same', (byAz) => {
    const pod = { ...POD, metrics: { byAz } };
    const ofSetting = podAlarms('dev', [pod], NO_TOPICS);
    const known = published(pod.name, byAz);
    for (const { Type, Properties } of Object.values(ofSetting)) {
      if (Type !== 'AWS::CloudWatch::Alarm') continue;
      for (const { stat: _, period: __, ...metric } of watchedBy(Properties)) expect(known).toContainEqual(metric);
    }
    expect(ofSetting).toEqual(podAlarms('dev', [POD], NO_TOPICS));
  });

  it('takes the most or the least of gauges, over periods of whole minutes', () => {
    for (const alarm of ofPods()) {
      for (const { stat, period } of watchedBy(alarm)) {
        expect(['Maximum', 'Minimum']).toContain(stat);
        expect(period).toBe(alarm.AlarmName.endsWith('-watchdog-silent') ? 120 : 300);
      }
    }
  });

  it('keeps to the limits of CloudWatch', () => {
    for (const alarm of alarms()) {
      expect(alarm.AlarmName.length).toBeLessThanOrEqual(255);
      expect(String(alarm.AlarmDescription).length).toBeLessThanOrEqual(1024);
      expect(alarm.DatapointsToAlarm).toBeLessThanOrEqual(alarm.EvaluationPeriods);
      const [{ period = 0 } = {}] = watchedBy(alarm);
      // PutMetricAlarm: "an alarm's total current evaluation period can be no longer than one day" for periods below an hour
      expect(alarm.EvaluationPeriods * period).toBeLessThanOrEqual(86_400);
    }
    for (const { AlarmRule } of composites()) {
      // PutCompositeAlarm: 100 alarms, 10,240 characters
      expect(String(AlarmRule).length).toBeLessThanOrEqual(10_240);
      expect(String(AlarmRule).split(' OR ').length).toBeLessThanOrEqual(100);
    }
  });

  it('has a name of its own', () => {
    const names = [...alarms().map(({ AlarmName }) => AlarmName), ...composites().map(({ AlarmName }) => AlarmName)];
    expect(new Set(names).size).toBe(names.length);
  });

  it('of a function looks at what Lambda measures of it', () => {
    const functions = prod
      .ofType('AWS::Lambda::Function')
      .map(([, { FunctionName }]) => FunctionName)
      // a failure of its stands on the dashboard, before who looks
      .filter((name) => name !== 'podtime-prod-widget');
    const watched = alarms()
      .filter((alarm) => !ofPods().includes(alarm) && alarm.Namespace !== 'AWS/SQS')
      .flatMap(watchedBy)
      .map(({ namespace, name, unit, dimensions, stat }) => [namespace, name, unit, dimensions, stat]);
    const expected = functions.flatMap((FunctionName) =>
      ['Errors', 'Throttles'].map((name) => ['AWS/Lambda', name, 'Count', { FunctionName }, 'Sum']),
    );
    expect(watched).toEqual(expect.arrayContaining(expected));
    expect(watched).toHaveLength(expected.length);
  });

  it('of the queue fires for an event that its second attempt has not done, before it is dropped', () => {
    const [alarm, ...others] = alarms().filter(({ Namespace }) => Namespace === 'AWS/SQS');
    expect(others).toEqual([]);
    expect(alarm).toMatchObject({
      AlarmName: 'podtime-prod-queue-instances-age',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: prod.properties('InstanceEventsQueue').QueueName }],
      Statistic: 'Maximum',
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
    const { VisibilityTimeout, MessageRetentionPeriod } = prod.properties('InstanceEventsQueue');
    const timeout = Number(prod.properties('InstancesLambdaFunction').Timeout);
    const [window] = prod
      .ofType('AWS::Lambda::EventSourceMapping')
      .map(([, each]) => each.MaximumBatchingWindowInSeconds);
    const secondEndsSeconds = Number(VisibilityTimeout) + 2 * Number(window) + timeout;
    expect(Number(alarm?.Threshold)).toBeGreaterThan(secondEndsSeconds);
    expect(Number(alarm?.Threshold)).toBeLessThan(Number(MessageRetentionPeriod));
  });
});

describe("a pod's composite alarm", () => {
  it('holds all of its alarms and no other, and is made after them', () => {
    for (const pod of ['Blue', 'YellowDash2']) {
      const resource = prod.resources[`PodAlarm${pod}`];
      const ids = Object.keys(prod.resources).filter((id) =>
        new RegExp(`^Alarm${pod}(Client|Boundary|Watchdog)`).test(id),
      );
      expect(ids).toHaveLength(alarmRules(POD).length);
      expect(resource?.DependsOn).toEqual(ids);
      expect(resource?.Properties.AlarmRule).toBe(
        ids.map((id) => `ALARM("${prod.properties(id).AlarmName}")`).join(' OR '),
      );
    }
  });
});

describe('who is told', () => {
  it('of a pod and of functions is one topic, of each alarm another', () => {
    const topicsOf = ({ AlarmActions, OKActions }: Record<string, unknown>) => [AlarmActions, OKActions];
    for (const alarm of composites()) expect(topicsOf(alarm)).toEqual([[TOPIC], [TOPIC]]);
    for (const alarm of alarms()) {
      const topic = ofPods().includes(alarm) ? DETAILS : TOPIC;
      expect(topicsOf(alarm)).toEqual([[topic], [topic]]);
    }
  });

  it('is nobody unless it is said', () => {
    const all = {
      ...podAlarms('dev', [POD], NO_TOPICS),
      ...functionAlarms('dev', ['config'], NO_TOPICS),
      ...queueAlarm('dev', NO_TOPICS),
    };
    for (const { Properties } of Object.values(all)) {
      expect(Object.keys(Properties).filter((name) => name.endsWith('Actions'))).toEqual([]);
    }
  });

  it('is told to the operator who writes no topic, or one that the alarms cannot reach', () => {
    const elsewhere = TOPIC.replace('us-west-2', 'eu-west-1');
    const topics = {
      pods: 'ops@example.invalid',
      details: elsewhere,
      runbookUrl: 'docs/runbook.md#adrift',
      pagesUrl: 'x?',
    };
    const build = new Build(ROOT, SILENT, { fleetFile: 'fleet.yml', stage: 'local', region: 'us-west-2', topics });
    const check = () => build.check('package', SERVICE.functions);
    expect(check).toThrow(BuildError);
    expect(check).toThrow('--param alarmTopic=ops@example.invalid is no ARN of a topic, such as arn:aws:sns:');
    expect(check).toThrow(
      `--param alarmDetailTopic=${elsewhere} is a topic in eu-west-1; alarms in us-west-2 tell topics in us-west-2 only`,
    );
    expect(check).toThrow('--param pagesUrl=x? is no address of the API, such as https://');
    expect(check).toThrow('--param runbookUrl=docs/runbook.md#adrift is no address of the runbook, such as https://');
  });
});

describe('what to do', () => {
  const sections = new Set([...pageText('runbook.md').matchAll(/^## ([\w-]+)$/gm)].map(([, name = '']) => name));
  const linkOf = ({ AlarmDescription }: Record<string, unknown>) => String(AlarmDescription).split(' ').at(-1) ?? '';

  it("is a section of the runbook's, by a link where its address is given", () => {
    const links = [...alarms(), ...composites()].map(linkOf);
    expect(links.length).toBeGreaterThan(50);
    for (const link of links) {
      const [address, anchor = ''] = link.split('#');
      expect([address, sections.has(anchor)]).toEqual([TOPICS.runbookUrl, true]);
    }
    expect(new Set(links.map((link) => link.split('#')[1]))).toEqual(
      // two of votes where a pod's settings tell them apart
      new Set([...sections].filter((name) => name !== 'losses-left')),
    );
  });

  it('is a path of the repository where it is not', () => {
    const all = {
      ...podAlarms('dev', [POD], NO_TOPICS),
      ...functionAlarms('dev', ['config'], NO_TOPICS),
      ...queueAlarm('dev', NO_TOPICS),
    };
    for (const { Properties } of Object.values(all)) expect(linkOf(Properties)).toMatch(/^docs\/runbook\.md#[\w-]+$/);
  });

  it('fits into a description with the longest address and names, and no longer one is taken', () => {
    const longest = `https://git.example.com/${'x'.repeat(300 - 24)}`;
    expect([runbookUrlFaults(longest), runbookUrlFaults('')]).toEqual([[], []]);
    expect(runbookUrlFaults(`${longest}x`)).toEqual([
      `--param runbookUrl=${longest}x has 301 characters; 300 are the most`,
    ]);
    const topics = { ...NO_TOPICS, runbookUrl: longest };
    const pods = [0, 1].map((liesLeft) => ({ ...POD, name: 'p'.repeat(40), alarms: { ...POD.alarms, liesLeft } }));
    const all = pods.flatMap((pod) => Object.values(podAlarms('s'.repeat(40), [pod], topics)));
    for (const { Properties } of all) expect(String(Properties.AlarmDescription).length).toBeLessThanOrEqual(1024);
  });
});

describe('thresholds', () => {
  const rule = (key: string, alarmsOf = {}, more = {}) => {
    const pod = { ...POD, ...more, alarms: { ...POD.alarms, ...alarmsOf } };
    const found = alarmRules(pod).find((one) => one.key === key);
    if (!found) throw new Error(`there is no alarm ${key}`);
    return [found.threshold, found.datapoints, found.periods];
  };

  it.each([
    ['client-adrift', { adriftHosts: 7 }, [7, 2, 3]],
    ['boundary-adrift-from-time-service', { adriftFromTimeServiceHosts: 2 }, [2, 2, 3]],
    ['client-unsynchronised', { unsynchronisedHosts: 3 }, [3, 2, 3]],
    ['client-uncertain', { uncertainHosts: 4 }, [4, 2, 3]],
    ['boundary-holdover', { holdoverHosts: 2 }, [2, 2, 3]],
    ['boundary-contradicted', {}, [1, 2, 3]],
    ['boundary-lies-left', { liesLeft: 2 }, [2, 2, 3]],
    ['boundary-losses-left', { lossesLeft: 2 }, [2, 2, 3]],
    ['boundary-losses-left', { liesLeft: 0 }, [1, 2, 3]],
    ['watchdog-upstream-contradicted', {}, [1, 2, 3]],
    ['client-low-reach', { clientLowReachShare: 0.29 }, [29, 2, 3]],
    ['boundary-low-reach', { boundaryLowReachShare: 0.125 }, [12.5, 2, 3]],
    ['boundary-coverage', { coverageShare: 0.57 }, [57, 2, 3]],
    ['client-given-up', { givenUpHosts: 5 }, [5, 2, 3]],
    ['client-stale', { staleHosts: 4, staleSeconds: 86_400 }, [4, 288, 288]],
    ['client-stale', { staleSeconds: 60 }, [1, 1, 1]],
    ['client-roll-out-stopped', {}, [1, 2, 3]],
    ['watchdog-silent', {}, [0, 3, 3]],
  ])('of %s come from fleet.yml: %j', (key, settings, expected) => {
    expect(rule(key, settings)).toEqual(expected);
  });

  it.each([
    [60, 60],
    [300, 120],
    [600, 240],
    [3600, 1440],
  ])('of silence are two intervals of %i s: five periods of %i s', (intervalSeconds, seconds) => {
    const silent = alarmRules({ ...POD, intervalSeconds }).find(({ key }) => key === 'watchdog-silent');
    expect(silent).toMatchObject({ periodSeconds: seconds, datapoints: 3, periods: 3, missing: 'breaching' });
  });

  it('of votes are one alarm where both are raised by the same number of clocks, and none where the number is 0', () => {
    const keys = (alarmsOf: object, confidentSources = 2) =>
      alarmRules({
        ...POD,
        alarms: { ...POD.alarms, ...alarmsOf },
        thresholds: { ...POD.thresholds, confidentSources },
      })
        .map(({ key }) => key)
        .filter((key) => key.endsWith('-left'));
    expect(keys({})).toEqual(['boundary-lies-left']);
    expect(keys({ liesLeft: 2, lossesLeft: 3 })).toEqual(['boundary-lies-left']);
    expect(keys({}, 3)).toEqual(['boundary-lies-left', 'boundary-losses-left']);
    expect(keys({ liesLeft: 0 })).toEqual(['boundary-losses-left']);
    expect(keys({ lossesLeft: 0 })).toEqual(['boundary-lies-left']);
    expect(keys({ liesLeft: 0, lossesLeft: 0 }, 1)).toEqual([]);
  });

  it("of the confident boundary servers is the cycling policy's floor", () => {
    expect(rule('boundary-below-floor', {}, { cycling: { ...POD.cycling, floor: 2 } })).toEqual([2, 2, 3]);
  });

  it.each([
    [5, 60],
    [60, 60],
    [61, 120],
    [300, 300],
    [3600, 3600],
  ])('are held against periods that an interval of %i s fills: %i s', (intervalSeconds, seconds) => {
    expect(periodSeconds({ ...POD, intervalSeconds })).toBe(seconds);
  });
});

describe('docs/alarms.md', () => {
  it('is what the build makes (else: npm run docs:alarms)', () => {
    expect(readFileSync(join(ROOT, 'docs/alarms.md'), 'utf8')).toBe(alarmsPage());
  });
});
