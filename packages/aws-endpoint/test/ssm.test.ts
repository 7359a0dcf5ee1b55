import {
  DeleteParameterCommand,
  DescribeInstanceInformationCommand,
  GetParameterCommand,
  GetParametersCommand,
  PutParameterCommand,
  type SendCommandCommandInput,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EndpointEvent } from '../src/events.ts';
import { addHost, type Bench, hostId, refusalOf, startBench } from '../src/testing/index.ts';
import { BY_TAG, runCommand, TAGS } from './run-command.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const { send } = runCommand(() => bench);

describe('SendCommand refuses', () => {
  beforeEach(() => void addHost(bench, hostId(1), TAGS));
  const refusal = (input: Partial<SendCommandCommandInput>) => refusalOf(send({ InstanceIds: [hostId(1)], ...input }));

  it('the whole call when one id is unknown, terminated or not managed', async () => {
    addHost(bench, hostId(2));
    bench.endpoint.instances.terminate(hostId(2));
    bench.endpoint.instances.adopt({ instanceId: hostId(3), vpc: 'vpc-1', az: 'us-west-2a', ipv4: null, tags: {} });
    expect(await refusal({ InstanceIds: [hostId(1), hostId(2), hostId(3), hostId(4)] })).toEqual({
      name: 'InvalidInstanceId',
      message: `Instances [[${hostId(2)}, ${hostId(3)}, ${hostId(4)}]] not in a valid state for account 123456789012`,
      status: 400,
    });
  });

  it('a document that does not exist', async () => {
    expect(await refusal({ DocumentName: 'AWS-RunShellScript' })).toMatchObject({
      name: 'InvalidDocument',
      status: 400,
    });
    expect(await refusal({ DocumentVersion: '7' })).toMatchObject({ name: 'InvalidDocumentVersion' });
  });

  it('parameters that the document does not allow', async () => {
    const faults = await refusal({ Parameters: { Words: ['$(reboot)'], Force: ['perhaps'], Other: ['x'] } });
    expect(faults).toEqual({
      name: 'InvalidParameters',
      message:
        'Parameter Other is not defined in document echo. Parameter Words has value not matching "^[a-z ]*$". Parameter Force has value perhaps not found in [yes, no].',
      status: 400,
    });
    expect(await refusal({ Parameters: { Words: ['a', 'b'] } })).toMatchObject({ name: 'InvalidParameters' });
  });

  it('what is outside its limits', async () => {
    const outside = await refusal({
      TimeoutSeconds: 29,
      Comment: 'x'.repeat(101),
      MaxConcurrency: '0',
      MaxErrors: '101%',
    });
    expect(outside.name).toBe('ValidationException');
    expect(outside.message).toMatch(
      /^4 validation errors detected: Value '29' at 'timeoutSeconds' failed to satisfy constraint: Member must have value greater than or equal to 30; /,
    );
    const many = Array.from({ length: 51 }, (_, at) => hostId(at + 1));
    expect(await refusal({ InstanceIds: many })).toMatchObject({ name: 'ValidationException' });
    expect(await refusal({ Targets: BY_TAG })).toMatchObject({
      name: 'ValidationException',
      message: 'Exactly one of InstanceIds and Targets must be specified.',
    });
    expect(await refusal({ InstanceIds: [hostId(1), hostId(1)] })).toMatchObject({ name: 'DuplicateInstanceId' });
  });
});

describe('a parameter', () => {
  it('is not found, then put, then read with its version', async () => {
    const get = (Name: string) => bench.ssm.send(new GetParameterCommand({ Name }));
    expect(await refusalOf(get('/podtime/local/blue/mode'))).toMatchObject({ name: 'ParameterNotFound', status: 400 });
    const put = (Value: string, Overwrite?: boolean) =>
      bench.ssm.send(
        new PutParameterCommand({
          Name: '/podtime/local/blue/mode',
          Value,
          Overwrite,
          Type: Overwrite ? undefined : 'String',
          AllowedPattern: Overwrite ? undefined : '^(observe|act|hold)$',
        }),
      );
    expect((await put('observe')).Version).toBe(1);
    expect(await refusalOf(put('act'))).toMatchObject({ name: 'ParameterAlreadyExists' });
    expect((await put('act', true)).Version).toBe(2);
    expect(await refusalOf(put('reboot', true))).toMatchObject({ name: 'ParameterPatternMismatchException' });
    const { Parameter } = await get('/podtime/local/blue/mode');
    expect([Parameter?.Value, Parameter?.Version, Parameter?.Type, Parameter?.ARN]).toEqual([
      'act',
      2,
      'String',
      'arn:aws:ssm:us-west-2:123456789012:parameter/podtime/local/blue/mode',
    ]);
  });

  it('is read with others at once, and who is not there is named', async () => {
    const name = '/podtime/local/blue/mode';
    await bench.ssm.send(new PutParameterCommand({ Name: name, Value: 'act', Type: 'String' }));
    const get = (Names: string[]) => bench.ssm.send(new GetParametersCommand({ Names }));
    const { Parameters, InvalidParameters } = await get(['/podtime/local/mode', `${name}:1`, `${name}:2`]);
    expect(Parameters?.map(({ Name, Value, Selector }) => [Name, Value, Selector])).toEqual([[name, 'act', ':1']]);
    expect(InvalidParameters).toEqual(['/podtime/local/mode', `${name}:2`]);
    const eleven = Array.from({ length: 11 }, (_, at) => `/podtime/local/pod-${at}/mode`);
    expect(await refusalOf(get(eleven))).toMatchObject({ name: 'ValidationException', status: 400 });
  });

  it('is deleted by its name, once, and begins anew', async () => {
    const Name = '/podtime/local/mode';
    const put = () => bench.ssm.send(new PutParameterCommand({ Name, Value: 'hold', Type: 'String' }));
    const remove = (name: string) => bench.ssm.send(new DeleteParameterCommand({ Name: name }));
    expect(await refusalOf(remove(Name))).toMatchObject({ name: 'ParameterNotFound', status: 400 });
    await put();
    const arn = `arn:aws:ssm:us-west-2:123456789012:parameter${Name}`;
    expect(await refusalOf(remove(arn))).toMatchObject({ name: 'ParameterNotFound' });
    const deleted: EndpointEvent[] = [];
    bench.endpoint.on((event) => deleted.push(event));
    expect((await remove(Name)).$metadata.httpStatusCode).toBe(200);
    expect(deleted).toEqual([{ kind: 'parameter deleted', name: Name }]);
    expect(await refusalOf(bench.ssm.send(new GetParameterCommand({ Name })))).toMatchObject({
      name: 'ParameterNotFound',
    });
    expect(await refusalOf(remove(Name))).toMatchObject({ name: 'ParameterNotFound' });
    expect((await put()).Version).toBe(1);
    expect(await refusalOf(remove(''))).toMatchObject({ name: 'ValidationException', status: 400 });
  });
});

describe('the nodes', () => {
  it('are described ten at a time, those with an agent only', async () => {
    for (let at = 1; at <= 12; at += 1) addHost(bench, hostId(at), at === 1 ? TAGS : {});
    bench.endpoint.instances.adopt({ instanceId: hostId(99), vpc: 'vpc-1', az: 'us-west-2a', ipv4: null, tags: {} });
    const first = await bench.ssm.send(new DescribeInstanceInformationCommand({}));
    const second = await bench.ssm.send(new DescribeInstanceInformationCommand({ NextToken: first.NextToken }));
    expect([first.InstanceInformationList?.length, second.InstanceInformationList?.length, second.NextToken]).toEqual([
      10,
      2,
      undefined,
    ]);
    const tagged = await bench.ssm.send(
      new DescribeInstanceInformationCommand({
        Filters: [
          { Key: 'tag:ntp-pod', Values: ['blue'] },
          { Key: 'PingStatus', Values: ['Online'] },
        ],
      }),
    );
    expect(tagged.InstanceInformationList?.map((node) => node.InstanceId)).toEqual([hostId(1)]);
  });
});
