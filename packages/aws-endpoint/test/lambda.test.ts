import {
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EndpointOptions } from '../src/endpoint.ts';
import { type Bench, refusalOf, startBench } from '../src/testing/index.ts';
import { OPERATOR_STACK } from './operator-template.ts';

let bench: Bench;
let lambda: LambdaClient;
const called: { functionName: string; payload: unknown }[] = [];
const start = async (options: Partial<EndpointOptions> = {}) => {
  called.length = 0;
  bench = await startBench({
    stack: OPERATOR_STACK,
    async invoke(functionName, payload) {
      called.push({ functionName, payload });
      if ((payload as { fail?: boolean }).fail) throw new TypeError('no clock in the house');
      return { watched: payload };
    },
    ...options,
  });
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
  lambda = new LambdaClient({ endpoint: bench.endpoint.url, region: 'us-west-2', credentials, maxAttempts: 1 });
};
beforeEach(() => start());
afterEach(async () => {
  lambda.destroy();
  await bench.close();
});

const invoke = async (FunctionName: string, payload: unknown = undefined, more: Partial<InvokeCommandInput> = {}) => {
  const Payload = payload === undefined ? undefined : JSON.stringify(payload);
  const { Payload: answer, ...rest } = await lambda.send(new InvokeCommand({ FunctionName, Payload, ...more }));
  return { ...rest, answer: answer?.transformToString() };
};

describe('Invoke', () => {
  it.each([
    'app-prod-watch',
    'app-prod-watch:$LATEST',
    '123456789012:function:app-prod-watch',
    'arn:aws:lambda:us-west-2:123456789012:function:app-prod-watch',
  ])('calls the function that %s names, and answers what it did', async (name) => {
    const answer = await invoke(name, { pod: 'blue' });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST', answer: '{"watched":{"pod":"blue"}}' });
    expect(answer.FunctionError).toBeUndefined();
    expect(called).toEqual([{ functionName: 'app-prod-watch', payload: { pod: 'blue' } }]);
  });

  it('takes nothing for an empty event', async () => {
    expect((await invoke('app-prod-report')).answer).toBe('{"watched":{}}');
  });

  it('tells of a function that failed, which is no failure of the call', async () => {
    expect(await invoke('app-prod-watch', { fail: true })).toMatchObject({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      answer: '{"errorType":"TypeError","errorMessage":"no clock in the house"}',
    });
    const failed = { functionName: 'app-prod-watch', cause: 'Invoke', attempt: 1 };
    expect(bench.events.filter(({ kind }) => kind.startsWith('function'))).toEqual([
      { kind: 'function invoked', ...failed },
      { kind: 'function failed', ...failed, message: 'no clock in the house', retried: false },
    ]);
  });

  it('as an event answers at once, and repeats what failed', async () => {
    expect(await invoke('app-prod-watch', { fail: true }, { InvocationType: 'Event' })).toMatchObject({
      StatusCode: 202,
    });
    await bench.clock.advance(200_000);
    expect(called.length).toBe(3);
  });

  it('as a dry run calls nobody', async () => {
    expect(await invoke('app-prod-watch', {}, { InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204 });
    expect(called).toEqual([]);
  });

  it('of a function that is not there names those that are', async () => {
    expect(await refusalOf(invoke('app-prod-wacth'))).toEqual({
      name: 'ResourceNotFoundException',
      message:
        'Function not found: arn:aws:lambda:us-west-2:123456789012:function:app-prod-wacth. Did you mean app-prod-watch? ' +
        'The template has app-prod-watch, app-prod-report.',
      status: 404,
    });
    expect(await refusalOf(invoke('app-prod-watch', {}, { Qualifier: '7' }))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining('function:app-prod-watch:7.'),
    });
  });

  it('refuses an event that is no JSON, or too large, or to be handed over in a way that there is not', async () => {
    const send = (Payload: string, more: Partial<InvokeCommandInput> = {}) =>
      refusalOf(lambda.send(new InvokeCommand({ FunctionName: 'app-prod-watch', Payload, ...more })));
    expect(await send('{')).toMatchObject({ name: 'InvalidRequestContentException', status: 400 });
    const large = JSON.stringify('x'.repeat(1_048_576));
    expect(await send(large, { InvocationType: 'Event' })).toMatchObject({
      name: 'RequestTooLargeException',
      message: '1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
      status: 413,
    });
    expect(await send('{}', { InvocationType: 'Soon' as 'Event' })).toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });

  it('is refused where nobody runs functions', async () => {
    await bench.close();
    await start({ invoke: undefined });
    expect(await refusalOf(invoke('app-prod-watch'))).toEqual({
      name: 'NotImplemented',
      message: 'This local endpoint was started without anything that runs functions.',
      status: 501,
    });
  });
});

describe('the functions of the template', () => {
  it('are listed, page after page', async () => {
    const first = await lambda.send(new ListFunctionsCommand({ MaxItems: 1 }));
    expect(first.Functions).toEqual([
      {
        FunctionName: 'app-prod-watch',
        FunctionArn: 'arn:aws:lambda:us-west-2:123456789012:function:app-prod-watch',
        Runtime: 'nodejs22.x',
        Role: 'arn:aws:iam::123456789012:role/app-watch-role',
        Handler: 'watch.handler',
        Description: 'Looks every minute',
        Timeout: 60,
        MemorySize: 512,
        LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
        Version: '$LATEST',
        PackageType: 'Zip',
        Architectures: ['arm64'],
        Environment: { Variables: { STAGE: 'prod' } },
      },
    ]);
    const second = await lambda.send(new ListFunctionsCommand({ Marker: first.NextMarker }));
    expect([second.Functions?.map(({ FunctionName }) => FunctionName), second.NextMarker]).toEqual([
      ['app-prod-report'],
      undefined,
    ]);
    const wrong = refusalOf(lambda.send(new ListFunctionsCommand({ Marker: 'x' })));
    expect(await wrong).toMatchObject({ name: 'InvalidParameterValueException', status: 400 });
  });

  it('are told of by name', async () => {
    const get = (FunctionName: string) => lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    expect(await get('app-prod-report')).toMatchObject({ Timeout: 3, MemorySize: 128, State: 'Active' });
    expect(await refusalOf(get('other'))).toMatchObject({ name: 'ResourceNotFoundException', status: 404 });
  });

  it('have no other call', async () => {
    const refusal = await refusalOf(lambda.send(new GetFunctionCommand({ FunctionName: 'app-prod-watch' })));
    expect(refusal).toEqual({
      name: 'UnknownOperationException',
      message:
        'The local endpoint has no operation GET /2015-03-31/functions/app-prod-watch of Lambda. ' +
        'It has GetAccountSettings, GetFunctionConfiguration, Invoke, ListFunctions.',
      status: 404,
    });
  });
});

it.each([
  [undefined, { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 }],
  [
    { executions: 10, unreserved: 8 },
    { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 8 },
  ],
])('an account says how many functions may run at one time: %j', async (concurrency, limit) => {
  await bench.close();
  await start({ ...(concurrency && { concurrency }) });
  const { AccountLimit, AccountUsage } = await lambda.send(new GetAccountSettingsCommand({}));
  expect(AccountLimit).toMatchObject(limit);
  expect(AccountUsage).toEqual({ TotalCodeSize: 0, FunctionCount: 2 });
});
