import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { proxyEvent } from '../../handlers/gateway.ts';
import { faultsOf } from '../../handlers/openapi.ts';
import { BLUE, type Deployed, deploy } from './deployed.ts';
import { client, settledServer } from './printed.ts';

let pod: Deployed;
beforeAll(async () => {
  pod = await deploy();
  pod.endpoint.parameters.put('/podtime/dev/blue/mode', 'act', { type: 'String' });
});
afterAll(() => pod.close());

describe('register', () => {
  it('that Route 53 refuses is a problem, with the sentence of each change', async () => {
    const [first, second] = [10, 11].map((number) => pod.addHost(BLUE, number, 'boundary', settledServer()));
    // the batch of both, then the first server alone
    pod.endpoint.faults.next('ChangeResourceRecordSets', 'AccessDenied', { times: 2 });
    const event = proxyEvent('POST', { pod: 'blue' }, {}, '/{pod}/register');
    const answer = (await pod.invoke('register', event)) as unknown as APIGatewayProxyResult;
    expect(faultsOf(event, answer)).toEqual([]);
    const body = JSON.parse(answer.body.replace(/[0-9a-f]{12}\.\d+/, 'TICK'));
    expect({ ...answer, body }).toEqual({
      statusCode: 502,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
      body: {
        title: 'Bad Gateway',
        status: 502,
        detail:
          'Route 53 did not take 1 of 2 changes; the watchdog tries again at its next tick. ' +
          `Register ntp.az-a.pod A 10.20.0.10 (${first}), ${first} runs at 10.20.0.10: ` +
          'failed: changing ntp.az-a.pod in zone Z0BLUE0BLUE0BLUE of pod blue: AccessDenied (log entry TICK). ' +
          `Register ntp.az-b.pod A 10.20.0.11 (${second}), ${second} runs at 10.20.0.11: done.`,
      },
    });
    const again = (await pod.invoke('register', event)) as unknown as APIGatewayProxyResult;
    expect([again.statusCode, faultsOf(event, again)]).toEqual([200, []]);
  });
});

describe('collect', () => {
  it('says of every id that it does not ask why', async () => {
    const running = pod.addHost(BLUE, 20, 'client', client('pod', ['10.20.0.10']));
    const stopped = pod.addHost(BLUE, 21, 'client', client('pod', ['10.20.0.10']));
    pod.endpoint.instances.stop(stopped);
    const stranger = 'i-0fffffffffffffff0';
    const instanceIds = [stopped, stranger, running];
    const answer = (await pod.invoke('collect', { pod: 'blue', instanceIds })) as {
      sentences: string[];
      hosts: { instanceId: string }[];
    };
    expect(answer.sentences.slice(0, 2)).toEqual([
      expect.stringMatching(new RegExp(`^${stopped} is stop(ping|ped): not asked\\.$`)),
      `${stranger} is no instance of pod blue.`,
    ]);
    expect(answer.hosts.map(({ instanceId }) => instanceId)).toEqual([running]);
  });

  it('shows what a host printed with its lines, and what steers a terminal escaped', async () => {
    const printed = client('pod', ['10.20.0.10']).replace('4.2.8p15', '\u001b[2J\u202e');
    const instanceIds = [pod.addHost(BLUE, 22, 'client', printed)];
    const answer = (await pod.invoke('collect', { pod: 'blue', instanceIds })) as { hosts: { output: string }[] };
    const [host] = answer.hosts;
    expect(host?.output.split('\n')[1]).toBe('found ntpd \\u{1b}[2J\\u{202e} service=ntpd file=/etc/ntp.conf');
    expect(JSON.stringify(answer)).not.toMatch(/\\u001b|\u202e/);
  });

  it('tells all faults of a payload', async () => {
    expect(await pod.invoke('collect', { pod: 5, instanceIds: ['web'], all: true })).toEqual({
      refused: true,
      sentences: [
        'pod must be one of the pods blue, green-2, not 5.',
        'instanceIds[0] must be an instance id (i- and 8 or 17 hexadecimal digits), not "web".',
        'The payload has unknown field "all"; there are pod, instanceIds.',
      ],
    });
  });
});
