import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { s3Histories } from '../../../src/aws/histories.ts';
import { addRow, emptyColumns } from '../../../src/history/columns.ts';
import { loggedCalls } from '../../builders/aws-call.ts';
import { FUNCTIONS } from '../../builders/functions.ts';
import { historyRow } from '../../builders/history-rows.ts';
import { queued, stateChange } from '../../builders/queued.ts';
import { fromVpc, OPERATOR_VPC, proxyEvent } from '../../handlers/gateway.ts';
import { faultsOf } from '../../handlers/openapi.ts';
import { BLUE, capital, type Deployed, deploy, GREEN } from './deployed.ts';
import { type Ask, applies, isAllowed, type Statement } from './iam.ts';
import { client, settledServer } from './printed.ts';

/**
 * What a role needs though its function makes no such call: Lambda's runtime writes the function's log, its event source
 * mapping takes messages.
 */
const NOT_CALLED = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
];

/**
 * Actions that take no narrower resource than `*`, by the Service Authorization Reference of each service ("Actions defined
 * by …": no resource type), and the condition that binds each instead.
 */
const WITHOUT_RESOURCES: Record<string, string> = {
  // EC2 lists by filter
  'ec2:DescribeInstances': 'ec2:Region',
  // metrics are no resources; the namespace is podtime's own
  'cloudwatch:PutMetricData': 'cloudwatch:namespace',
  // by command id; SSM knows no ARN of a command
  'ssm:ListCommands': 'aws:RequestedRegion',
  'ssm:ListCommandInvocations': 'aws:RequestedRegion',
};

/** Resources with a wildcard inside, and why it cannot be narrower. */
const WILDCARDS: [pattern: RegExp, reason: string][] = [
  [
    /^arn:aws:logs:us-west-2:123456789012:log-group:\/aws\/lambda\/podtime-dev-[a-z]+:\*$/,
    'log streams of its own group',
  ],
  [/^arn:aws:ec2:us-west-2:123456789012:instance\/\*$/, 'hosts come and go: bound by ssm:resourceTag/ntp-pod'],
  [
    /^arn:aws:s3:::podtime-dev-reportbucket\/\*\/(state\.json|memory\/\*|files\.json|files\/\*|trials\/\*|report\.json)$/,
    "the stack's own bucket: pod by pod, a policy of many pods would be longer than IAM takes",
  ],
  [
    /^arn:aws:s3:::podtime-dev-reportbucket\/history\/(ticks\/|hours\/|days\/)?\*$/,
    'likewise: an object a tick, hour and day',
  ],
  [
    /^arn:aws:s3:::podtime-dev-historybucket\/history\/(ticks\/|hours\/|days\/|manifests\/)?\*$/,
    'likewise, of pods whose history is locked',
  ],
];

let pod: Deployed;
/** Function, status, and what of the answer docs/openapi.yml does not say. */
const answers: [string, number, string[]][] = [];

/** The rows that a tick of then has left. */
async function keepRows({ endpoint }: Deployed, pod: string, startedAtMs: number, bucket: string) {
  // by a key of its own: the calls that are held against roles are the functions' alone
  const credentials = { accessKeyId: 'AKIDPODTIMEBEFORE', secretAccessKey: 'secret' };
  const s3 = new S3Client({ endpoint: endpoint.url, region: 'us-west-2', credentials, forcePathStyle: true });
  const columns = emptyColumns();
  addRow(columns, historyRow({ time: new Date(startedAtMs) }));
  const histories = s3Histories(s3, bucket, loggedCalls().call);
  await histories.write({ pod, tickId: 'before', startedAtMs }, [columns]);
  s3.destroy();
}

const HOUR_MS = 3_600_000;

/** It was told that other revisions have settled than the fleet file makes, and the memory is lost: both files wait for a host. */
async function unsettle({ endpoint }: Deployed, pod: string, az: string) {
  const credentials = { accessKeyId: 'AKIDPODTIMEBEFORE', secretAccessKey: 'secret' };
  const s3 = new S3Client({ endpoint: endpoint.url, region: 'us-west-2', credentials, forcePathStyle: true });
  const Bucket = 'podtime-dev-reportbucket';
  const state = JSON.parse(String(endpoint.object(Bucket, `${pod}/state.json`)?.body ?? '{}'));
  const settled = '0'.repeat(16);
  const files = { [`client ${az} ntp.conf`]: { settled }, [`boundary ${az} ntp.conf`]: { settled } };
  const lost = JSON.stringify({ ...state, memory: null });
  await s3.send(new PutObjectCommand({ Bucket, Key: `${pod}/state.json`, Body: lost }));
  await s3.send(new PutObjectCommand({ Bucket, Key: `${pod}/files.json`, Body: JSON.stringify(files) }));
  s3.destroy();
}

/** Two pods, from the first boot to a withdrawal: every call that a function can make is made. */
async function liveThrough(deployed: Deployed) {
  const { addHost, invoke, endpoint } = deployed;
  const servers = [10, 11].map((number) => addHost(BLUE, number, 'boundary', settledServer()));
  const left = client('pod', ['10.20.0.10'], ['10.20.0.99']);
  const clients = [20, 21].map((number) => addHost(BLUE, number, 'client', left));
  const unmanaged = addHost(BLUE, 30, 'client', null);
  const greenServers = [10, 11].map((number) => addHost(GREEN, number, 'boundary', settledServer()));
  addHost(GREEN, 20, 'client', client('green.pod', ['10.30.0.10'], ['10.30.0.99']));
  for (const { name } of [BLUE, GREEN]) endpoint.parameters.put(`/podtime/dev/${name}/mode`, 'act', { type: 'String' });

  const http = async (name: string, event: APIGatewayProxyEvent) => {
    const answer = (await invoke(name, event)) as unknown as APIGatewayProxyResult;
    answers.push([name, answer.statusCode, faultsOf(event, answer)]);
  };
  const blue = async () => {
    // before there is a report
    await invoke('widget', { pod: 'blue' });
    await invoke('collect', { pod: 'blue', instanceIds: [...clients, unmanaged] });
    await invoke('watchdog', { pod: 'blue', scheduled: true });
    await keepRows(deployed, BLUE.name, Date.now() - 2 * HOUR_MS, 'podtime-dev-reportbucket');
    // of a day that is surely over
    await keepRows(deployed, GREEN.name, Date.now() - 26 * HOUR_MS, 'podtime-dev-historybucket');
    await invoke('history', { fold: true });
    await invoke('history', {
      pod: 'blue',
      instanceId: clients[0],
      at: new Date(Date.now() - 2 * HOUR_MS).toISOString(),
    });
    await invoke('watchdog', { pod: 'blue' });
    await invoke('watchdog', { pod: 'blue' });
    // with its history, and what it printed
    const page = proxyEvent('GET', { pod: 'blue', id: clients[0] ?? '' }, {}, '/{pod}/hosts/{id}');
    await http('status', fromVpc(OPERATOR_VPC, page));
    endpoint.instances.terminate(servers[1] ?? '');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await invoke('instances', queued(stateChange(servers[1] ?? '', 'terminated')));
    await http('status', proxyEvent('GET', { pod: 'blue' }, {}, '/{pod}/status.json'));
    await invoke('widget', { widgetContext: { theme: 'dark', width: 588 } });
  };
  const green = async () => {
    await http('config', proxyEvent('GET', { pod: 'green-2', tier: 'client', az: 'a', file: 'ntp.conf' }));
    await http('status', proxyEvent('GET', { pod: 'green-2' }, {}, '/{pod}/status.json'));
    await invoke('instances', queued(stateChange(greenServers[0] ?? '', 'running')));
    await http('register', proxyEvent('POST', { pod: 'green-2' }, {}, '/{pod}/register'));
    await invoke('cycle', { pod: 'green-2', tier: 'client', force: true });
    // by now there is a state, and a watchdog to be told
    addHost(GREEN, 12, 'boundary', settledServer());
    await http('register', proxyEvent('POST', { pod: 'green-2' }, {}, '/{pod}/register'));
  };
  await Promise.all([blue(), green()]);
  await unsettle(deployed, 'blue', 'us-west-2a');
  const file = { pod: 'blue', tier: 'client', az: 'a', file: 'ntp.conf' };
  const query = { revision: '0'.repeat(16) };
  const tried = (await invoke('config', proxyEvent('GET', file, {}, undefined, query))) as {
    headers?: { etag?: string };
  };
  await invoke('watchdog', { pod: 'blue', settle: tried.headers?.etag?.replaceAll('"', '') });
}

beforeAll(async () => {
  pod = await deploy();
  await liveThrough(pod);
});
afterAll(() => pod.close());

const callsOf = (name: string) => pod.calls.filter(({ functionName }) => functionName === name);
const allStatements = () => FUNCTIONS.flatMap((name) => pod.statements(name));

describe.each(FUNCTIONS)('the role of %s', (name) => {
  it('allows every call that the function makes', () => {
    const refused = callsOf(name)
      .flatMap(({ asks }) => asks)
      .filter((ask) => !isAllowed(pod.statements(name), ask));
    expect(refused).toEqual([]);
  });

  it('allows nothing that the function never does', () => {
    const asked = callsOf(name).flatMap(({ asks }) => asks);
    const unused = pod
      .statements(name)
      .flatMap((statement) => [statement.Action].flat().map((action) => ({ ...statement, Action: action })))
      .filter(({ Action }) => !NOT_CALLED.includes(Action))
      .filter((statement) => !asked.some((ask) => applies(statement, ask)));
    expect(unused).toEqual([]);
  });
});

describe('the recorded calls', () => {
  it('hold every kind of call', () => {
    const called = FUNCTIONS.map((name) => [
      name,
      [...new Set(callsOf(name).flatMap(({ asks }) => asks.map(({ action }) => action)))].toSorted(),
    ]);
    const look = [
      'ec2:DescribeInstances',
      'route53:ListResourceRecordSets',
      's3:GetObject',
      's3:ListBucket',
      'ssm:GetParameters',
    ];
    const dns = ['events:PutEvents', 'route53:ChangeResourceRecordSets'];
    const hosts = ['ssm:ListCommandInvocations', 'ssm:ListCommands', 'ssm:SendCommand'];
    const write = ['cloudwatch:PutMetricData', 's3:PutObject'];
    expect(Object.fromEntries(called)).toEqual({
      config: ['s3:GetObject', 's3:ListBucket', 's3:PutObject'],
      status: ['s3:GetObject', 's3:ListBucket', 'ssm:ListCommandInvocations'],
      widget: ['s3:GetObject', 's3:ListBucket'],
      register: [...look, ...dns].toSorted(),
      instances: [...look, ...dns].toSorted(),
      collect: [...look, ...hosts].toSorted(),
      cycle: [...look, ...hosts, ...write].toSorted(),
      watchdog: [...look, ...dns, ...hosts, ...write].toSorted(),
      history: ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket', 's3:ListBucketVersions', 's3:PutObject'],
    });
  });

  it('withdraws as well as registers, and runs both documents', () => {
    const asked = pod.calls.flatMap(({ asks }) => asks);
    const values = (key: string) => [...new Set(asked.flatMap(({ context }) => context[key] ?? []))].toSorted();
    expect(values('route53:ChangeResourceRecordSetsActions')).toEqual(['DELETE', 'UPSERT']);
    const documents = asked.filter(({ resource }) => resource.includes(':document/')).map(({ resource }) => resource);
    expect([...new Set(documents.map((arn) => arn.split('/').at(-1)))].toSorted()).toEqual([
      'podtime-dev-collect',
      'podtime-dev-cycle',
    ]);
  });
});

describe('what the deployed bundles answer over HTTP', () => {
  it('is what docs/openapi.yml says', () => {
    expect(answers.toSorted()).toEqual([
      ['config', 200, []],
      ['register', 200, []],
      ['register', 200, []],
      ['status', 200, []],
      ['status', 200, []],
      ['status', 404, []],
    ]);
  });
});

describe('every role', () => {
  it('names its actions in full', () => {
    expect(allStatements().flatMap(({ Action }) => [Action].flat().filter((action) => /[*?]/.test(action)))).toEqual(
      [],
    );
  });

  it('takes all resources only where AWS knows no narrower one, bound by a condition', () => {
    const wide = allStatements().filter(({ Resource }) => [Resource].flat().includes('*'));
    expect(wide.length).toBeGreaterThan(0);
    for (const { Action, Condition } of wide) {
      const keys = Object.values(Condition ?? {}).flatMap(Object.keys);
      for (const action of [Action].flat()) expect([action, keys]).toEqual([action, [WITHOUT_RESOURCES[action]]]);
    }
  });

  it('has a wildcard within a resource only where the reason stands above', () => {
    const partly = allStatements()
      .flatMap(({ Resource }) => Resource)
      .filter((resource) => resource !== '*' && /[*?]/.test(resource));
    expect(partly.filter((resource) => !WILDCARDS.some(([pattern]) => pattern.test(resource)))).toEqual([]);
    expect(WILDCARDS.filter(([pattern]) => !partly.some((resource) => pattern.test(resource)))).toEqual([]);
  });

  it('resolves without an intrinsic left over', () => {
    expect(JSON.stringify(allStatements())).not.toMatch(/Fn::|"Ref"|\$\{/);
  });
});

describe('what the roles refuse', () => {
  const statement = (name: string) => pod.statements(name);
  /** A call that was made and allowed, changed in one thing. */
  function changed(
    name: string,
    action: string,
    change: (ask: Ask) => Partial<Ask>,
  ): { before: boolean; after: boolean } {
    const made = callsOf(name)
      .flatMap(({ asks }) => asks)
      .filter((ask) => ask.action === action)
      .find((ask) => Object.keys(change(ask)).length > 0);
    if (!made) throw new Error(`${name} made no call ${action}`);
    return {
      before: isAllowed(statement(name), made),
      after: isAllowed(statement(name), { ...made, ...change(made) }),
    };
  }
  const context = (more: Record<string, string[]>) => (ask: Ask) => ({ context: { ...ask.context, ...more } });
  const without = (gone: string) => (ask: Ask) => ({
    context: Object.fromEntries(Object.entries(ask.context).filter(([key]) => key !== gone)),
  });
  const NAMES = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
  const TYPES = 'route53:ChangeResourceRecordSetsRecordTypes';
  const CHANGES = 'route53:ChangeResourceRecordSetsActions';
  const DNS = 'route53:ChangeResourceRecordSets';
  const onHost = (ask: Ask) => ask.resource.includes(':instance/');

  it.each([
    ['another name', DNS, context({ [NAMES]: ['www.pod'] })],
    ['another name beside its own', DNS, context({ [NAMES]: ['ntp.az-a.pod', 'www.pod'] })],
    ['a name below its own', DNS, context({ [NAMES]: ['ntp.az-a.www.pod'] })],
    ['the zone itself', DNS, context({ [NAMES]: ['pod'] })],
    ['no name told', DNS, without(NAMES)],
    ['another type', DNS, context({ [TYPES]: ['TXT'] })],
    ['no type told', DNS, without(TYPES)],
    ['a record made over nothing', DNS, context({ [CHANGES]: ['CREATE'] })],
    ['no action told', DNS, without(CHANGES)],
    ['a zone that is no pod of the fleet', DNS, () => ({ resource: 'arn:aws:route53:::hostedzone/Z0RED0RED0RED' })],
    ['metrics of others', 'cloudwatch:PutMetricData', context({ 'cloudwatch:namespace': ['AWS/EC2'] })],
    ['events of others', 'events:PutEvents', context({ 'events:source': ['aws.ec2'] })],
    ['other events', 'events:PutEvents', context({ 'events:detail-type': ['Anything'] })],
    [
      'another document',
      'ssm:SendCommand',
      (ask: Ask) => (onHost(ask) ? {} : { resource: 'arn:aws:ssm:us-west-2::document/AWS-RunShellScript' }),
    ],
    ['a host of no pod', 'ssm:SendCommand', (ask: Ask) => (onHost(ask) ? without('ssm:resourceTag/ntp-pod')(ask) : {})],
    [
      'a host of a pod elsewhere',
      'ssm:SendCommand',
      (ask: Ask) => (onHost(ask) ? context({ 'ssm:resourceTag/ntp-pod': ['red'] })(ask) : {}),
    ],
    [
      'another parameter',
      'ssm:GetParameters',
      () => ({ resource: 'arn:aws:ssm:us-west-2:123456789012:parameter/password' }),
    ],
    [
      'another stage',
      'ssm:GetParameters',
      () => ({
        resource: 'arn:aws:ssm:us-west-2:123456789012:parameter/podtime/prod/blue/mode',
      }),
    ],
    [
      'another object',
      's3:PutObject',
      (ask: Ask) => ({ resource: ask.resource.replace(/[^/]*$/, 'other').replace('/memory/', '/') }),
    ],
    ['another region', 'ec2:DescribeInstances', context({ 'ec2:Region': ['eu-west-1'] })],
  ])('the watchdog: %s', (_, action, change) => {
    expect(changed('watchdog', action, change)).toEqual({ before: true, after: false });
  });

  it('collect: the document that cycles', () => {
    const cycle = (ask: Ask) => (onHost(ask) ? {} : { resource: ask.resource.replace('-collect', '-cycle') });
    expect(changed('collect', 'ssm:SendCommand', cycle)).toEqual({ before: true, after: false });
  });
});

describe('the role of the schedules', () => {
  it('invokes what the schedules aim at, and nothing else', () => {
    const schedules = pod.package
      .ofType('AWS::Scheduler::Schedule')
      .map(([, { Target }]) => Target as { Arn: unknown; RoleArn: unknown });
    const [policy, ...others] = pod.package.properties('ScheduleRole').Policies as {
      PolicyDocument: { Statement: Statement[] };
    }[];
    expect(others).toEqual([]);
    expect(schedules.length).toBeGreaterThan(0);
    for (const { RoleArn } of schedules) expect(RoleArn).toEqual({ 'Fn::GetAtt': ['ScheduleRole', 'Arn'] });
    // two pods, one watchdog
    const aims = new Set(schedules.map(({ Arn }) => JSON.stringify(Arn)));
    expect(policy?.PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: [...aims].map((arn) => JSON.parse(arn)) },
    ]);
  });

  it('and those of the functions are all the roles there are', () => {
    const roles = pod.package.ofType('AWS::IAM::Role').map(([id]) => id);
    expect(roles.toSorted()).toEqual([...FUNCTIONS.map((name) => `${capital(name)}Role`), 'ScheduleRole'].toSorted());
  });
});
