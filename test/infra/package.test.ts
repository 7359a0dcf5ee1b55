import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { unzipSync } from 'fflate';
import { Build } from '../../infra/build.ts';
import { BuildError } from '../../infra/errors.ts';
import { NO_TOPICS } from '../../infra/monitoring/alarms.ts';
import { readScript } from '../../infra/script-files.ts';
import { DOCUMENT_NAMES, ssmDocument } from '../../infra/template/documents.ts';
import { FUNCTIONS, SERVICE } from '../builders/functions.ts';
import {
  type Package,
  packagedForProduction,
  packagedTwiceAtOnce,
  REPORT_BUCKET,
  ROOT,
  SILENT,
  sls,
} from '../builders/packaged-service.ts';
import { write } from '../builders/temporary-folder.ts';

let dev: Package;
let again: Package;
let prod: Package;

beforeAll(async () => {
  [dev, again] = await packagedTwiceAtOnce();
  prod = await packagedForProduction();
});

const lambda = (stage: Package, name: string) =>
  stage.properties(`${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`);

describe('the package', () => {
  it('is the same each time, also when two are made at once', () => {
    const template = (one: Package) =>
      one
        .file('cloudformation-template-update-stack.json')
        .toString()
        .replaceAll(/\d{13}-[\dT:.-]+Z/g, 'WHEN');
    expect(template(again)).toBe(template(dev));
    for (const name of FUNCTIONS) expect(again.archive(name).equals(dev.archive(name))).toBe(true);
  });

  it.each(FUNCTIONS)('of %s holds its bundle alone', (name) => {
    const files = unzipSync(dev.archive(name));
    expect(Object.keys(files)).toEqual([`handlers/${name}.mjs`]);
    expect(lambda(dev, name)).toMatchObject({
      FunctionName: `podtime-dev-${name}`,
      Handler: `handlers/${name}.handler`,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: { LogFormat: 'JSON' },
    });
  });

  it("has the region's pods and names the others", async () => {
    expect(dev.outcome.output).toContain('blue, green-2 in us-west-2; left out, being elsewhere: red (eu-west-1)');
    expect(dev.outcome.output).toMatch(
      /blue: [\d,]+ stale clients are cycled in \d+ waves of up to \d+, \d+ at one time/,
    );
    expect(dev.ofType('AWS::Scheduler::Schedule').map(([id]) => id)).toEqual([
      'ScheduleBlue',
      'ScheduleGreenDash2',
      'HistorySchedule',
    ]);
  });

  it('keeps logs for a while', () => {
    const groups = dev.ofType('AWS::Logs::LogGroup').map(([, properties]) => properties);
    expect(groups).toEqual(
      FUNCTIONS.map((name) => ({ LogGroupName: `/aws/lambda/podtime-dev-${name}`, RetentionInDays: 30 })),
    );
  });
});

describe('settings of the functions', () => {
  const documents = { COLLECT_DOCUMENT: 'podtime-dev-collect', CYCLE_DOCUMENT: 'podtime-dev-cycle' };
  const bucket = { REPORT_BUCKET: { Ref: 'ReportBucket' } };
  // one pod of the fixture has a locked history
  const locked = { HISTORY_BUCKET: { Ref: 'HistoryBucket' } };

  it.each([
    ['config', bucket],
    ['status', { STAGE: 'dev', ...bucket, ...locked, RUNBOOK_URL: '', ...documents }],
    ['widget', { STAGE: 'dev', ...bucket, RUNBOOK_URL: '', PAGES_URL: '' }],
    ['register', { STAGE: 'dev', ...bucket }],
    ['instances', { STAGE: 'dev', ...bucket }],
    ['watchdog', { STAGE: 'dev', ...bucket, ...locked, ...documents }],
    ['collect', { STAGE: 'dev', ...bucket, ...documents }],
    ['cycle', { STAGE: 'dev', ...bucket, ...locked, ...documents }],
    ['history', { ...bucket, ...locked }],
  ])('%s has what it needs', (name, variables) => {
    expect(lambda(dev, name).Environment).toEqual(variables && { Variables: variables });
  });

  it('are plain strings where the bucket is named', () => {
    expect(lambda(prod, 'watchdog').Environment).toEqual({
      Variables: {
        STAGE: 'prod',
        REPORT_BUCKET,
        COLLECT_DOCUMENT: 'podtime-prod-collect',
        CYCLE_DOCUMENT: 'podtime-prod-cycle',
      },
    });
    expect(prod.properties('ReportBucket').BucketName).toBe(REPORT_BUCKET);
    expect(dev.properties('ReportBucket').BucketName).toEqual({ Ref: 'AWS::NoValue' });
  });

  it('let the API answer before the gateway gives up after 29 s', () => {
    for (const name of ['config', 'register', 'status']) expect(lambda(dev, name).Timeout).toBeLessThan(29);
    expect(lambda(dev, 'watchdog').Timeout).toBe(180);
  });

  it('repeat no scheduled run, and none that is old', () => {
    expect(dev.properties('WatchdogLambdaEvConf')).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });
});

describe('what starts the functions', () => {
  it('is a schedule a pod, every minute', () => {
    expect(dev.properties('ScheduleGreenDash2')).toEqual({
      Name: 'podtime-dev-green-2',
      Description: 'Watches the clocks of pod green-2',
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': ['WatchdogLambdaFunction', 'Arn'] },
        RoleArn: { 'Fn::GetAtt': ['ScheduleRole', 'Arn'] },
        Input: '{"pod":"green-2","scheduled":true,"delaySeconds":1}',
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    });
  });

  it("is EC2's state change, and podtime's own event", () => {
    const rules = dev.ofType('AWS::Events::Rule').map(([, { EventPattern, Targets }]) => [EventPattern, Targets]);
    expect(rules).toEqual([
      [
        { source: ['podtime'], 'detail-type': ['DNS changed'], detail: { pod: ['blue', 'green-2'] } },
        [expect.objectContaining({ Arn: { 'Fn::GetAtt': ['WatchdogLambdaFunction', 'Arn'] } })],
      ],
      [
        {
          source: ['aws.ec2'],
          'detail-type': ['EC2 Instance State-change Notification'],
          detail: { state: ['running', 'shutting-down', 'stopping', 'stopped', 'terminated'] },
        },
        [expect.objectContaining({ Arn: { 'Fn::GetAtt': ['InstanceEventsQueue', 'Arn'] } })],
      ],
    ]);
  });
});

describe('the SSM documents', () => {
  it.each(DOCUMENT_NAMES)('%s is the shell of src/host/', (name) => {
    const script = readScript(ROOT, name);
    expect(dev.properties(`Document${name.charAt(0).toUpperCase()}${name.slice(1)}`)).toEqual({
      Name: `podtime-dev-${name}`,
      DocumentType: 'Command',
      DocumentFormat: 'JSON',
      TargetType: '/AWS::EC2::Instance',
      UpdateMethod: 'NewVersion',
      Content: JSON.parse(JSON.stringify(ssmDocument(name, script))),
    });
  });
});

describe('the build stops', () => {
  it('at a faulty fleet file, with every fault of it in one message', async () => {
    const folder = write({ 'bad.yml': 'upstreams: []\ntimeService: never\ncolour: red\npods: {}\n' });
    const { status, output } = await sls('package', '--param', `fleet=${join(folder, 'bad.yml')}`);
    expect(status).toBe(1);
    for (const fault of [/bad\.yml:1: upstreams/, /bad\.yml:2: timeService/, /bad\.yml:3: colour/]) {
      expect(output.match(new RegExp(fault, 'g'))).toHaveLength(1);
    }
    expect(output).not.toContain('    at ');
  });

  it('before a deployment that lacks ids of AWS', () => {
    const settings = { fleetFile: 'fleet.yml', stage: 'dev', region: 'us-west-2', topics: NO_TOPICS };
    const check = () => new Build(ROOT, SILENT, settings).check('deploy', SERVICE.functions);
    expect(check).toThrow(BuildError);
    expect(check).toThrow('fleet.yml cannot be deployed.\n- Pod blue has no vpc');
  });
});
