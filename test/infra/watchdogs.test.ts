import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { resourcesBesidePods } from '../../infra/template/limits.ts';
import { BY_HAND_TIMEOUT_SECONDS } from '../../src/watchdog/budget.ts';
import { ALL_FUNCTIONS } from '../builders/functions.ts';
import { type Package, packaged, ROOT } from '../builders/packaged-service.ts';

// Pods of two classes: what belongs to a watchdog is there for each, and nothing of the class between.

let stack: Package;

beforeAll(async () => {
  stack = await packaged('--stage', 'prod', '--param', `fleet=${join(ROOT, 'test/fixtures/infra/sizes.yml')}`);
});

const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

describe('a stack of small and large pods', () => {
  it('has a watchdog for each class in use, with its memory and time, of the same code and role', () => {
    const watchdogs = stack.ofType('AWS::Lambda::Function').filter(([id]) => id.startsWith('Watchdog'));
    expect(watchdogs.map(([id, { MemorySize, Timeout, Role }]) => [id, MemorySize, Timeout, Role])).toEqual([
      ['WatchdogLambdaFunction', 512, 180, arnOf('WatchdogRole')],
      ['Watchdog50kLambdaFunction', 1024, 300, arnOf('WatchdogRole')],
    ]);
    const [small, large] = watchdogs.map(([, { Handler, Environment }]) => ({ Handler, Environment }));
    expect(large).toEqual(small);
  });

  it('has one collect and one cycle, with the memory of the largest and the time that sls invoke waits', () => {
    for (const id of ['CollectLambdaFunction', 'CycleLambdaFunction']) {
      expect(stack.properties(id)).toMatchObject({ MemorySize: 1024, Timeout: BY_HAND_TIMEOUT_SECONDS });
    }
  });

  it('says of which pods a look by hand reaches but a part', () => {
    const beyond = stack.outcome.output.split('\n').filter((line) => line.includes('by hand'));
    expect(beyond).toEqual([
      expect.stringContaining(
        'Pod large: in the 110 s of collect and cycle by hand the answers of some 26,500 hosts can be read, not of 50,000. ' +
          'With more of them collect shows a part and cycle does nothing; ticks have more time.',
      ),
    ]);
  });

  it('has one status, with the memory that the report of the largest takes', () => {
    expect(stack.properties('StatusLambdaFunction')).toMatchObject({ MemorySize: 1024 });
  });

  it("starts each pod's ticks by schedule in its class", () => {
    const targets = stack
      .ofType('AWS::Scheduler::Schedule')
      .map(([, { Name, Target }]) => [Name, (Target as { Arn: unknown }).Arn]);
    expect(targets).toEqual([
      ['podtime-prod-blue', arnOf('WatchdogLambdaFunction')],
      ['podtime-prod-green', arnOf('WatchdogLambdaFunction')],
      ['podtime-prod-large', arnOf('Watchdog50kLambdaFunction')],
      ['podtime-prod_history', arnOf('HistoryLambdaFunction')],
    ]);
    const [policy] = stack.properties('ScheduleRole').Policies as { PolicyDocument: { Statement: object[] } }[];
    expect(policy?.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: ['Watchdog', 'Watchdog50k', 'History'].map((name) => arnOf(`${name}LambdaFunction`)),
      },
    ]);
  });

  it("tells each of the changed DNS of its own pods alone, and runs no event's tick twice", () => {
    const rules = stack
      .ofType('AWS::Events::Rule')
      .map(([, { EventPattern, Targets }]) => [
        (EventPattern as { detail: { pod?: string[] } }).detail.pod,
        (Targets as { Arn: unknown }[]).map(({ Arn }) => Arn),
      ])
      .filter(([pods]) => pods !== undefined);
    expect(rules).toEqual([
      [['blue', 'green'], [arnOf('WatchdogLambdaFunction')]],
      [['large'], [arnOf('Watchdog50kLambdaFunction')]],
    ]);
    for (const id of ['WatchdogLambdaEvConf', 'Watchdog50kLambdaEvConf']) {
      expect(stack.properties(id)).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
    }
  });

  it('writes each log, and alarms on each as on the watchdog: two periods of three', () => {
    expect(JSON.stringify(stack.properties('WatchdogRole'))).toContain('podtime-prod-watchdog50k:*');
    expect(stack.ofType('AWS::Logs::LogGroup').map(([, { LogGroupName }]) => LogGroupName)).toContain(
      '/aws/lambda/podtime-prod-watchdog50k',
    );
    const alarms = stack
      .ofType('AWS::CloudWatch::Alarm')
      .filter(([, { AlarmName }]) => String(AlarmName).includes('function-watchdog'))
      .map(([, { AlarmName, EvaluationPeriods, DatapointsToAlarm }]) => [
        AlarmName,
        EvaluationPeriods,
        DatapointsToAlarm,
      ]);
    expect(alarms.toSorted()).toEqual([
      ['podtime-prod-function-watchdog-errors', 3, 2],
      ['podtime-prod-function-watchdog-throttles', 3, 2],
      ['podtime-prod-function-watchdog50k-errors', 3, 2],
      ['podtime-prod-function-watchdog50k-throttles', 3, 2],
    ]);
  });

  it("shows each pod's own watchdog on its dashboard", () => {
    expect(JSON.stringify(stack.properties('DashboardLarge'))).toContain('podtime-prod-watchdog50k');
    expect(JSON.stringify(stack.properties('DashboardBlue'))).not.toContain('watchdog50k');
  });

  it('is counted whole before it is made', () => {
    const { watchdog10k, ...inUse } = ALL_FUNCTIONS;
    const ofPods = /^(Document|Schedule(?!Role)|HistorySchedule|Alarm|PodAlarm|Dashboard|ApiGatewayRestApi$)/;
    const beside = Object.keys(stack.resources).filter((id) => !ofPods.test(id));
    expect(watchdog10k).toBeDefined();
    expect(beside).toHaveLength(resourcesBesidePods(inUse));
  });
});
