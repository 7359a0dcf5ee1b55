import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import type { Call } from '../../src/aws/call.ts';
import { ssmCommands } from '../../src/aws/commands.ts';
import { eventBridgeEvents } from '../../src/aws/events.ts';
import { ec2Instances } from '../../src/aws/instances.ts';
import { s3Memories } from '../../src/aws/memories.ts';
import { cloudWatchMetrics } from '../../src/aws/metrics.ts';
import { ssmModes } from '../../src/aws/modes.ts';
import { s3Reports } from '../../src/aws/reports.ts';
import { s3States } from '../../src/aws/states.ts';
import { route53Zone } from '../../src/aws/zone.ts';
import type { CycleCommand, RecordChange } from '../../src/plan/plan.ts';
import { emptyHostMemory, emptyState } from '../../src/state/state.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { collectAll } from '../builders/collecting.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { BLUE } from '../builders/endpoint-fleet.ts';
import { type ScriptedAnswer, type ScriptedAws, startScriptedAws } from '../builders/scripted-aws.ts';

const CHANGE: RecordChange = {
  action: 'UPSERT',
  name: 'ntp.az-b.pod',
  type: 'A',
  setIdentifier: hostId(1),
  address: '10.0.2.1',
  ttlSeconds: 30,
  reason: 'it runs',
};
const WAVE: CycleCommand = {
  tier: 'client',
  instanceIds: [hostId(1)],
  waveId: 'tick-1-client',
  records: 'az-b=10.0.2.10',
  force: false,
  coolDownSeconds: 600,
  maxConcurrency: 1,
  maxErrors: 0,
  reason: 'DNS has left it behind',
};

let aws: ScriptedAws;
const clients: { destroy(): void }[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await aws.close();
});

/** Every port of a tick, all of AWS being this one. */
async function given(script: Parameters<typeof startScriptedAws>[0], call: Call, patient = false) {
  aws = await startScriptedAws(script, { maxAttempts: 1, ...(patient ? { requestHandler: {} } : {}) });
  const kept = <Client extends { destroy(): void }>(client: Client): Client => {
    clients.push(client);
    return client;
  };
  const ssm = kept(new SSMClient(aws.config));
  const pausing = {
    nowMs: Date.now,
    pause: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms / 50)),
  };
  const s3 = kept(new S3Client({ ...aws.config, forcePathStyle: true }));
  return {
    instances: ec2Instances(kept(new EC2Client(aws.config)), call),
    zone: route53Zone(kept(new Route53Client(aws.config)), call),
    commands: ssmCommands({ repeating: ssm, once: ssm }, { collect: 'collect', cycle: 'cycle' }, call, pausing),
    metrics: cloudWatchMetrics(kept(new CloudWatchClient(aws.config)), call),
    states: s3States(s3, 'reports', call, Date.now),
    memories: s3Memories(s3, 'reports', call),
    reports: s3Reports(s3, 'reports', call),
    modes: ssmModes(ssm, 'test', call),
    events: eventBridgeEvents(kept(new EventBridgeClient(aws.config)), call),
  };
}
type Ports = Awaited<ReturnType<typeof given>>;

const CALLS: [string, (ports: Ports) => Promise<unknown>][] = [
  ['instances of a pod', ({ instances }) => instances.ofPod(BLUE, [{ instanceId: hostId(1), az: 'us-west-2b' }])],
  ['who is held', ({ instances }) => instances.heldOf(BLUE, [])],
  ['states of instances', ({ instances }) => instances.statesOf([1, 2, 3, 4, 5, 6, 7].map(hostId))],
  ['boundary servers', ({ instances }) => instances.serversOf([BLUE], async () => [{ instanceId: hostId(1), az: '' }])],
  ['a zone', ({ zone }) => zone.read(BLUE)],
  ['a change of records', ({ zone }) => zone.change(BLUE, [CHANGE], 'test')],
  ['a collection by tag', ({ commands }) => collectAll(commands, null, 1)],
  ['a collection by id', ({ commands }) => collectAll(commands, [hostId(1)], 1)],
  ['a wave', ({ commands }) => commands.cycle(BLUE, WAVE, 'test')],
  ['how a wave stands', ({ commands }) => commands.progress(BLUE, ['c-1'])],
  ['the commands of a wave', ({ commands }) => commands.findWave(BLUE, WAVE.waveId, 0)],
  ['metrics', ({ metrics }) => metrics.put({ Namespace: 'Podtime', MetricData: [] })],
  ['the last report', ({ reports }) => reports.read('blue')],
  ['a report', ({ reports }) => reports.write(emptyReport('blue'))],
  ['the state', ({ states }) => states.read('blue')],
  ['a state', ({ states }) => states.write(emptyState('blue'), null)],
  ['a memory', ({ memories }) => memories.read('blue', 'blue/memory/x')],
  ['a new memory', ({ memories }) => memories.write(emptyHostMemory('blue', 'tick-1'))],
  ['the mode', ({ modes }) => modes.read('blue')],
  ['an event', ({ events }) => events.dnsChanged('blue', ['ntp.az-b.pod'])],
];

/** What came of it, also where it is told in an answer. */
async function outcome(step: Promise<unknown>): Promise<string> {
  return step.then(
    (answer) => JSON.stringify(answer),
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe.each(CALLS)('%s', (_, ask) => {
  it.each<ScriptedAnswer>(['hang', 'head only'])(
    'ends in time and lets go of its connection when AWS does this: %s',
    async (answer) => {
      const endsMs = Date.now() + 1000;
      const { call } = loggedCalls('tick-1', { leftMs: () => Math.max(0, endsMs - Date.now()) });
      const ports = await given([answer], call, true);
      expect(await outcome(ask(ports))).toMatch(/(TimeoutError|NoTimeLeft) \(log entry tick-1\.\d+\)/);
      while ((await aws.openConnections()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  );

  it('tells a page of HTML as what cannot be read', async () => {
    const ports = await given([{ body: '<html><body><p>Sign in</p></body></html>' }], loggedCalls().call);
    expect(await outcome(ask(ports))).toMatch(/UnreadableAnswer: [^<]* \(log entry tick-1\.\d+\)/);
  });
});

const json = (body: object) => ({ body: JSON.stringify(body) });
const COMMAND = { CommandId: 'c-1', Status: 'Success', TargetCount: 1, CompletedCount: 1 };
/** Answers of SSM by what it is asked. */
const ssm = (answers: Record<string, object>) => (_: string, target: string) => json(answers[target] ?? {});

describe('an answer that lacks what podtime depends on', () => {
  type MissingField = [string, (ports: Ports) => Promise<unknown>, Parameters<typeof startScriptedAws>[0], string];

  it.each<MissingField>([
    [
      'a list of commands',
      ({ commands }) => commands.progress(BLUE, ['c-1']),
      [json({})],
      'the answer has no list of commands',
    ],
    [
      'a list of invocations',
      ({ commands }) => commands.progress(BLUE, ['c-1']),
      ssm({ ListCommands: { Commands: [COMMAND] } }),
      'the answer has no list of invocations',
    ],
    [
      'a list to find a wave in',
      ({ commands }) => commands.findWave(BLUE, 'w', 0),
      [json({})],
      'the answer has no list of commands',
    ],
    [
      'the value of a mode',
      ({ modes }) => modes.read('blue'),
      [json({ Parameters: [{}] })],
      'the answer does not tell of parameter /podtime/test/mode',
    ],
    [
      'the entries of events',
      ({ events }) => events.dnsChanged('blue', []),
      [json({ FailedEntryCount: 0 })],
      'the answer has no entry',
    ],
    [
      'the id of an event',
      ({ events }) => events.dnsChanged('blue', []),
      [json({ Entries: [{}] })],
      'the answer has no event id',
    ],
    [
      'record sets',
      ({ zone }) => zone.read(BLUE),
      [{ body: '<ListResourceRecordSetsResponse><IsTruncated>false</IsTruncated></ListResourceRecordSetsResponse>' }],
      'the answer has no list of record sets',
    ],
    ...['<Type>A</Type>', '<Name>ntp.az-b.pod.</Name>'].map(
      (field): MissingField => [
        `a record set of which only ${field} is there`,
        ({ zone }) => zone.records(BLUE),
        [
          {
            body:
              `<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet>${field}</ResourceRecordSet></ResourceRecordSets>` +
              '<IsTruncated>false</IsTruncated></ListResourceRecordSetsResponse>',
          },
        ],
        'a record set has no name or no type',
      ],
    ),
    [
      'the id of a change',
      ({ zone }) => zone.change(BLUE, [CHANGE], 'test'),
      [{ body: '<ChangeResourceRecordSetsResponse/>' }],
      'the answer does not say that the change was taken',
    ],
  ])('is an error: %s', async (_, ask, script, why) => {
    const ports = await given(script, loggedCalls().call);
    expect(await outcome(ask(ports))).toContain(`UnreadableAnswer: ${why} (log entry tick-1.1)`);
  });
});

describe('the same page for ever', () => {
  const again = 'UnreadableAnswer: AWS gave the same page token again (log entry tick-1.1)';
  const zonePage = {
    body:
      '<ListResourceRecordSetsResponse><ResourceRecordSets/><IsTruncated>true</IsTruncated>' +
      '<NextRecordName>ntp.az-b.pod.</NextRecordName><NextRecordType>A</NextRecordType></ListResourceRecordSetsResponse>',
  };

  it.each<[string, (ports: Ports) => Promise<unknown>, Parameters<typeof startScriptedAws>[0], number]>([
    ['of a zone', ({ zone }) => zone.read(BLUE), [zonePage], 3],
    ['of commands', ({ commands }) => commands.findWave(BLUE, 'w', 0), [json({ Commands: [], NextToken: 'a' })], 2],
    [
      'of invocations',
      ({ commands }) => commands.progress(BLUE, ['c-1']),
      ssm({
        ListCommands: { Commands: [COMMAND] },
        ListCommandInvocations: { CommandInvocations: [], NextToken: 'a' },
      }),
      3,
    ],
  ])('ends with an error: %s', async (_, ask, script, requests) => {
    const ports = await given(script, loggedCalls().call);
    expect(await outcome(ask(ports))).toContain(again);
    expect(aws.requests).toHaveLength(requests);
  });
});
