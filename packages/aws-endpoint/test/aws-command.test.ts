import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { addHost, type Bench, hostId, startBench, ZONE_ID } from '../src/testing/index.ts';
import { type AwsCommand, isInstalled, openAwsCommand, tellSkipped } from './aws-command.ts';

tellSkipped();

let command: AwsCommand;
beforeAll(() => {
  if (isInstalled) command = openAwsCommand();
});
afterAll(() => command?.close());

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const aws = (...words: string[]) => command.run(bench.endpoint.url, ...words);
const refusal = (...words: string[]) =>
  aws(...words).then(
    () => {
      throw new Error('the command was taken');
    },
    (failure: Error) => failure.message,
  );

/** Words of a command line as a person types them: single blanks between, JSON handed on its own. */
const type = (line: string) => line.split(' ');

(isInstalled ? describe : describe.skip)("Debian's aws command", () => {
  it('changes and lists records of Route 53', async () => {
    const change = (Action: string, Value: string) =>
      JSON.stringify({
        Comment: 'by hand',
        Changes: [
          {
            Action,
            ResourceRecordSet: {
              Name: 'ntp.az-e.pod',
              Type: 'A',
              SetIdentifier: 'i-1',
              MultiValueAnswer: true,
              TTL: 30,
              ResourceRecords: [{ Value }],
            },
          },
        ],
      });
    const words = ['route53', 'change-resource-record-sets', '--hosted-zone-id', ZONE_ID, '--change-batch'];
    const taken = (await aws(...words, change('CREATE', '10.0.0.1'))) as {
      ChangeInfo?: { Id: string; Status: string; Comment: string };
    };
    expect(taken.ChangeInfo).toMatchObject({
      Status: 'PENDING',
      Comment: 'by hand',
      Id: expect.stringMatching(/^\/change\/C[A-Z0-9]+$/),
    });
    expect(await refusal(...words, change('CREATE', '10.0.0.1'))).toContain('PriorRequestNotComplete');
    await bench.clock.advance(60_000);
    expect(await refusal(...words, change('CREATE', '10.0.0.1'))).toBe(
      "An error occurred (InvalidChangeBatch) when calling the ChangeResourceRecordSets operation: [Tried to create resource record set [name='ntp.az-e.pod.', type='A', set-identifier='i-1'] but it already exists]",
    );
    expect(await aws('route53', 'get-change', '--id', taken.ChangeInfo?.Id ?? '')).toMatchObject({
      ChangeInfo: { Status: 'INSYNC' },
    });
    const { ResourceRecordSets } = (await aws('route53', 'list-resource-record-sets', '--hosted-zone-id', ZONE_ID)) as {
      ResourceRecordSets?: object[];
    };
    expect(ResourceRecordSets?.at(-1)).toEqual({
      Name: 'ntp.az-e.pod.',
      Type: 'A',
      SetIdentifier: 'i-1',
      MultiValueAnswer: true,
      TTL: 30,
      ResourceRecords: [{ Value: '10.0.0.1' }],
    });
    expect(await aws('route53', 'list-hosted-zones')).toMatchObject({
      HostedZones: [{ Id: `/hostedzone/${ZONE_ID}`, Name: 'pod.' }],
    });
    expect(await aws('route53', 'list-hosted-zones-by-name', '--dns-name', 'pod')).toMatchObject({
      HostedZones: [{ Name: 'pod.' }],
      IsTruncated: false,
    });
    expect(await aws(...type(`route53 get-hosted-zone --id /hostedzone/${ZONE_ID}`))).toMatchObject({
      HostedZone: { ResourceRecordSetCount: 3 },
    });
    const zone = await aws(
      ...type('route53 create-hosted-zone --name green.pod --caller-reference x --vpc VPCRegion=us-west-2,VPCId=vpc-1'),
    );
    expect(zone).toMatchObject({
      HostedZone: { Name: 'green.pod.', Config: { PrivateZone: true } },
      ChangeInfo: { Status: 'PENDING' },
    });
  });

  it('pages through a zone of more than 300 records by itself', async () => {
    const Changes = Array.from({ length: 350 }, (_, at) => ({
      Action: 'CREATE',
      ResourceRecordSet: { Name: `h${at}.pod`, Type: 'A', TTL: 30, ResourceRecords: [{ Value: '10.0.0.1' }] },
    }));
    await aws(
      'route53',
      'change-resource-record-sets',
      '--hosted-zone-id',
      ZONE_ID,
      '--change-batch',
      JSON.stringify({ Changes }),
    );
    const listed = (await aws('route53', 'list-resource-record-sets', '--hosted-zone-id', ZONE_ID)) as {
      ResourceRecordSets?: object[];
    };
    expect(listed.ResourceRecordSets?.length).toBe(352);
  });

  it('sends commands through SSM and reads what came of them', async () => {
    addHost(
      bench,
      hostId(1),
      { 'ntp-pod': 'blue' },
      { run: async () => ({ exitCode: 0, stdout: 'good day\n', stderr: '', timedOut: false }) },
    );
    const sent = (await aws(
      ...type(
        'ssm send-command --document-name echo --targets Key=tag:ntp-pod,Values=blue --timeout-seconds 30 --max-errors 100% --comment hello',
      ),
    )) as {
      Command?: { CommandId: string; Status: string };
    };
    const id = sent.Command?.CommandId ?? '';
    expect(sent.Command).toMatchObject({
      Status: 'Pending',
      DocumentName: 'echo',
      MaxErrors: '100%',
      TimeoutSeconds: 30,
    });
    expect(await aws('ssm', 'list-commands', '--command-id', id)).toEqual({ Commands: [] });
    await bench.clock.advance(5_000);
    expect(await aws('ssm', 'list-commands', '--command-id', id)).toMatchObject({
      Commands: [{ Status: 'Success', TargetCount: 1, CompletedCount: 1 }],
    });
    expect(await aws('ssm', 'list-command-invocations', '--command-id', id, '--details')).toMatchObject({
      CommandInvocations: [
        {
          InstanceId: hostId(1),
          StatusDetails: 'Success',
          CommandPlugins: [{ Name: 'speak', Output: 'good day\n', ResponseCode: 0 }],
        },
      ],
    });
    expect(await aws('ssm', 'get-command-invocation', '--command-id', id, '--instance-id', hostId(1))).toMatchObject({
      StandardOutputContent: 'good day\n',
      Status: 'Success',
    });
    expect(await refusal('ssm', 'send-command', '--document-name', 'echo', '--instance-ids', hostId(7))).toBe(
      `An error occurred (InvalidInstanceId) when calling the SendCommand operation: Instances [[${hostId(7)}]] not in a valid state for account 123456789012`,
    );
    expect(await refusal('ssm', 'get-parameter', '--name', '/podtime/local/blue/mode')).toBe(
      'An error occurred (ParameterNotFound) when calling the GetParameter operation:',
    );
    expect(await aws(...type('ssm put-parameter --name /podtime/local/blue/mode --type String --value hold'))).toEqual({
      Version: 1,
      Tier: 'Standard',
    });
    expect(await aws(...type('ssm get-parameter --name /podtime/local/blue/mode'))).toMatchObject({
      Parameter: { Value: 'hold', Version: 1 },
    });
    expect(await aws(...type('ssm delete-parameter --name /podtime/local/blue/mode'))).toEqual({});
    expect(await refusal('ssm', 'delete-parameter', '--name', '/podtime/local/blue/mode')).toBe(
      'An error occurred (ParameterNotFound) when calling the DeleteParameter operation:',
    );
    expect(await aws(...type('ssm describe-instance-information'))).toMatchObject({
      InstanceInformationList: [{ InstanceId: hostId(1), PingStatus: 'Online' }],
    });
    expect(await aws('ssm', 'cancel-command', '--command-id', id)).toEqual({});
  });

  it('speaks the other services too', async () => {
    addHost(bench, hostId(1), { 'ntp-pod': 'blue' });
    expect(await aws(...type('ec2 describe-instances --filters Name=tag:ntp-pod,Values=blue'))).toMatchObject({
      Reservations: [
        {
          Instances: [{ InstanceId: hostId(1), State: { Name: 'running' }, Tags: [{ Key: 'ntp-pod', Value: 'blue' }] }],
        },
      ],
    });
    await aws(
      'cloudwatch',
      'put-metric-data',
      '--namespace',
      'Podtime',
      '--metric-data',
      '[{"MetricName":"Offset","Values":[1,2],"Counts":[3,1],"Dimensions":[{"Name":"Pod","Value":"blue"}]}]',
    );
    await bench.clock.advance(200_000);
    expect(await aws('cloudwatch', 'list-metrics')).toEqual({
      Metrics: [{ Namespace: 'Podtime', MetricName: 'Offset', Dimensions: [{ Name: 'Pod', Value: 'blue' }] }],
    });
    const event = [{ Source: 'podtime', DetailType: 'DNS changed', Detail: '{"pod":"blue","names":[]}' }];
    expect(await aws('events', 'put-events', '--entries', JSON.stringify(event))).toMatchObject({
      FailedEntryCount: 0,
    });
  });
});
