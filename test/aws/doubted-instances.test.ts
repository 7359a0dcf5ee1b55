import { EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, describe, expect, it } from '@jest/globals';
import { hostId, VPC } from '@podtime/aws-endpoint/testing';
import { ec2Instances } from '../../src/aws/instances.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { BLUE } from '../builders/endpoint-fleet.ts';
import {
  ATTEMPT_MS,
  type ScriptedAnswer,
  type ScriptedAws,
  startScriptedAws,
  UNHURRIED,
} from '../builders/scripted-aws.ts';

let aws: ScriptedAws;
let client: EC2Client;
afterEach(async () => {
  client.destroy();
  await aws.close();
});

async function given(script: Parameters<typeof startScriptedAws>[0], maxAttempts = 1) {
  aws = await startScriptedAws(script, { ...UNHURRIED, maxAttempts });
  client = new EC2Client(aws.config);
  return ec2Instances(client, loggedCalls().call);
}

const answer = (inside: string) => ({
  body: `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${inside}</DescribeInstancesResponse>`,
});
const describing = (...numbers: number[]) =>
  answer(`<reservationSet>${numbers.map(reservation).join('')}</reservationSet>`);
const reservation = (n: number) =>
  `<item><instancesSet><item><instanceId>${hostId(n)}</instanceId><instanceState><name>running</name></instanceState>` +
  `<vpcId>${VPC}</vpcId><placement><availabilityZone>us-west-2b</availabilityZone></placement>` +
  '<tagSet><item><key>ntp-pod</key><value>blue</value></item><item><key>ntp-tier</key><value>client</value></item></tagSet>' +
  '</item></instancesSet></item>';
const refusing = (code: string, message: string, status = 400) => ({
  status,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
});
const notFound = (...ids: string[]) =>
  refusing('InvalidInstanceID.NotFound', `The instance IDs '${ids.join(', ')}' do not exist`);

const EMPTY = answer('<reservationSet/>');
const PAGE = { body: '<html><body><p>Sign in</p></body></html>', headers: { 'content-type': 'text/html' } };

const UNREADABLE: [string, ScriptedAnswer][] = [
  ['nothing', { body: '' }],
  ['a page of HTML', PAGE],
  ['HTML that is no XML', { body: '<html><meta charset="utf-8"><p>Sign in' }],
  ['no reservation set', answer('<requestId>r</requestId>')],
  ['a reservation without instances', answer('<reservationSet><item><ownerId>1</ownerId></item></reservationSet>')],
  ['half an answer', { body: '<DescribeInstancesResponse><reservationSet><item>' }],
];

describe.each(UNREADABLE)('an answer of 200 with %s', (_, unreadable) => {
  it('is no pod without hosts', async () => {
    const instances = await given([unreadable]);
    await expect(instances.ofPod(BLUE, [])).rejects.toThrow(
      /^reading the instances of pod blue from EC2: UnreadableAnswer: .* \(log entry tick-1\.1\)$/,
    );
  });

  it('makes no host unknown to EC2', async () => {
    const instances = await given([unreadable]);
    expect(await instances.statesOf([hostId(1)])).toEqual({
      states: new Map(),
      unknown: [],
      faults: [expect.stringMatching(`^EC2 does not say whether ${hostId(1)} exists: UnreadableAnswer: `)],
    });
  });

  it('is no pod without boundary servers', async () => {
    const instances = await given([unreadable]);
    await expect(instances.serversOf([BLUE], async () => [])).rejects.toThrow(
      /^reading the boundary servers of pod blue from EC2: UnreadableAnswer: .* \(log entry tick-1\.1\)$/,
    );
  });
});

it('an answer is read though the process was held up for a while', async () => {
  const instances = await given(() => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1.25 * ATTEMPT_MS);
    return { body: '<html><meta charset="utf-8"><p>Sign in' };
  });
  await expect(instances.serversOf([BLUE], async () => [])).rejects.toThrow(
    /^reading the boundary servers of pod blue from EC2: UnreadableAnswer: /,
  );
});

describe('unknown to EC2', () => {
  it('is an id of which EC2 says so, asked for it alone', async () => {
    const instances = await given((body) =>
      body.includes(hostId(1)) ? refusing('InvalidInstanceID.NotFound', 'no such') : describing(2),
    );
    expect(await instances.statesOf([hostId(1), hostId(2)])).toEqual({
      states: new Map([[hostId(2), 'running']]),
      unknown: [hostId(1)],
      faults: [],
    });
    expect(
      aws.requests.map((body) => [...new URLSearchParams(body)].filter(([key]) => key.startsWith('Inst'))).toSorted(),
    ).toEqual([1, 2].map((n) => [['InstanceId.1', hostId(n)]]));
  });

  it.each([
    ['an empty set', EMPTY],
    ['another instance', describing(7)],
    ['a refusal for another reason', refusing('UnauthorizedOperation', 'arn:aws:sts::123456789012:role/x', 403)],
    ['the words with a status of 500', refusing('InvalidInstanceID.NotFound', 'no such', 500)],
    ['nothing at all', 'reset' as const],
  ])('is none that is answered with %s', async (_, given_) => {
    const instances = await given([given_]);
    const { states, unknown, faults } = await instances.statesOf([hostId(1)]);
    expect({ states: states.size, unknown }).toEqual({ states: 0, unknown: [] });
    expect(faults).toEqual([expect.stringMatching(`^EC2 does not say whether ${hostId(1)} exists: [^:]+`)]);
    expect(faults[0]).not.toMatch(/arn:|123456789012/);
  });
});

describe('while an AZ is disrupted and the list by tag fails', () => {
  const known = [
    { instanceId: hostId(1), az: 'us-west-2a' },
    { instanceId: hostId(2), az: 'us-west-2b' },
    { instanceId: hostId(3), az: 'us-west-2b' },
    { instanceId: hostId(4), az: 'us-west-2b' },
  ];
  const idsOf = (body: string) =>
    [...new URLSearchParams(body)].filter(([key]) => key.startsWith('InstanceId.')).map(([, id]) => id);
  const UNAVAILABLE = refusing('Unavailable', 'The server is overloaded', 503);

  it('a wave is asked by id, AZ by AZ, whether it is held; of whom EC2 does not say it nobody knows', async () => {
    const { body: both } = describing(2, 3);
    const tag = '<item><key>ntp-hold</key><value>yes</value></item>';
    const instances = await given((body) => {
      const ids = idsOf(body);
      if (ids.length === 0 || ids.includes(hostId(1))) return UNAVAILABLE;
      // the first of them
      return { body: both.replace('</tagSet>', `${tag}</tagSet>`) };
    });
    expect(await instances.heldOf(BLUE, known)).toEqual({
      held: [hostId(2)],
      unsaid: [hostId(1), hostId(4)],
      faults: [
        'EC2 does not list who of pod blue is held: Unavailable (log entry tick-1.1). The hosts of the wave are asked for by id, AZ by AZ.',
        'EC2 does not describe the hosts of pod blue in us-west-2a: Unavailable (log entry tick-1.2).',
      ],
    });
  });

  it('the known hosts are asked for by id, AZ by AZ, and who did not answer is not gone', async () => {
    const instances = await given((body) => {
      const ids = idsOf(body);
      if (ids.length === 0 || ids.includes(hostId(1))) return UNAVAILABLE;
      return describing(2, 3, 4);
    });
    const { hosts, refused, faults, unread } = await instances.ofPod(BLUE, known);
    expect(hosts.map(({ instanceId }) => instanceId)).toEqual([2, 3, 4].map(hostId));
    expect(unread).toEqual([hostId(1)]);
    expect([...faults, ...refused]).toEqual([
      'EC2 does not list pod blue by tag: Unavailable (log entry tick-1.1). The hosts of the last report are asked for by id, AZ by AZ; newer ones are not seen.',
      'EC2 does not describe the hosts of pod blue in us-west-2a: Unavailable (log entry tick-1.2).',
    ]);
    expect(aws.requests.map(idsOf).toSorted()).toEqual([[], [hostId(1)], [2, 3, 4].map(hostId)]);
    expect(aws.requests.every((body) => new URLSearchParams(body).get('Filter.1.Name') === 'tag:ntp-pod')).toBe(true);
  });

  it('ids that EC2 does not know are left out, and the rest of their AZ is asked for again', async () => {
    const instances = await given((body) => {
      const ids = idsOf(body);
      if (ids.length === 0) return 'reset';
      const gone = ids.filter((id) => [hostId(1), hostId(3)].includes(id));
      return gone.length > 0 ? notFound(...gone) : describing(2, 4);
    });
    const { hosts, unread } = await instances.ofPod(BLUE, known);
    expect(hosts.map(({ instanceId }) => instanceId)).toEqual([2, 4].map(hostId));
    expect(unread).toEqual([]);
  });

  it('ids are halved when EC2 does not name the one that it does not know', async () => {
    const instances = await given((body) => {
      const ids = idsOf(body);
      if (ids.length === 0) return 'reset';
      if (ids.includes(hostId(3))) return refusing('InvalidInstanceID.NotFound', 'An id does not exist');
      return describing(...[1, 2, 4].filter((n) => ids.includes(hostId(n))));
    });
    const { hosts } = await instances.ofPod(BLUE, known);
    expect(hosts.map(({ instanceId }) => instanceId).toSorted()).toEqual([1, 2, 4].map(hostId));
  });

  it('an AZ of which EC2 describes nobody is not gone', async () => {
    const instances = await given((body) => {
      const ids = idsOf(body);
      if (ids.length === 0) return UNAVAILABLE;
      return ids.includes(hostId(1)) ? describing() : describing(2, 3, 4);
    });
    const { hosts, faults, unread } = await instances.ofPod(BLUE, known);
    expect(hosts.map(({ instanceId }) => instanceId)).toEqual([2, 3, 4].map(hostId));
    expect(unread).toEqual([hostId(1)]);
    expect(faults[1]).toBe(
      'EC2 does not describe the hosts of pod blue in us-west-2a: UnreadableAnswer: the answer describes no instance, and does not say that there is none (log entry tick-1.2).',
    );
  });

  it('it fails when no AZ answers', async () => {
    const instances = await given([PAGE]);
    await expect(instances.ofPod(BLUE, known)).rejects.toThrow(
      'reading the instances of pod blue from EC2: UnreadableAnswer',
    );
    expect(aws.requests).toHaveLength(3);
  });

  it.each([
    ['UnauthorizedOperation', 403],
    ['RequestLimitExceeded', 503],
  ])('nobody is asked for by id where EC2 refuses: %s', async (code, status) => {
    const instances = await given([refusing(code, 'no', status)]);
    await expect(instances.ofPod(BLUE, known)).rejects.toThrow(`from EC2: ${code} (log entry tick-1.1)`);
    expect(aws.requests).toHaveLength(1);
  });
});

describe('boundary servers while an AZ is disrupted and the list by tag fails', () => {
  const byTag = (body: string) => body.includes('Filter.1');
  const UNAVAILABLE = refusing('Unavailable', 'The server is overloaded', 503);
  const server = (n: number) => reservation(n).replace('<value>client', '<value>boundary');
  const describingServers = (...numbers: number[]) =>
    answer(`<reservationSet>${numbers.map(server).join('')}</reservationSet>`);
  const idsOf = (body: string) =>
    [...new URLSearchParams(body)].filter(([key]) => key.startsWith('InstanceId.')).map(([, id]) => id);
  const known = [
    { instanceId: hostId(1), az: 'us-west-2a' },
    { instanceId: hostId(2), az: 'us-west-2b' },
  ];
  const unplaced = (...numbers: number[]) => numbers.map((n) => ({ instanceId: hostId(n), az: '' }));

  it('known ones are asked for by AZ, those of events alone, and who did not answer is not gone', async () => {
    const instances = await given((body) => {
      const ids = idsOf(body);
      if (byTag(body) || ids.includes(hostId(1)) || ids.includes(hostId(4))) return UNAVAILABLE;
      if (ids.includes(hostId(5))) return notFound(hostId(5));
      return ids.includes(hostId(6))
        ? describing(6)
        : describingServers(...[2, 3].filter((n) => ids.includes(hostId(n))));
    });
    const { hosts, faults, unread } = await instances.serversOf([BLUE], async () => [
      ...known,
      ...unplaced(3, 4, 5, 6),
    ]);
    expect(hosts.map(({ instanceId }) => instanceId).toSorted()).toEqual([2, 3].map(hostId));
    expect(unread).toEqual([1, 4].map(hostId));
    expect(faults).toEqual([
      'EC2 does not list the boundary servers of blue by tag: Unavailable (log entry tick-1.1). Those that are known are asked for by id, AZ by AZ.',
      expect.stringMatching(`^EC2 does not describe ${hostId(4)}: Unavailable`),
      expect.stringMatching(/^EC2 does not describe the instances in us-west-2a: Unavailable/),
    ]);
  });

  it('a hundred of events are asked for in one request', async () => {
    const hundred = Array.from({ length: 100 }, (_, n) => n + 1);
    const instances = await given((body) => (byTag(body) ? UNAVAILABLE : describingServers(...hundred)));
    const { hosts } = await instances.serversOf([BLUE], async () => unplaced(...hundred));
    expect([hosts.length, aws.requests.length]).toEqual([100, 2]);
  });

  it('it fails when nobody is answered for, and nobody is asked for by id where EC2 refuses', async () => {
    const unavailable = await given([UNAVAILABLE]);
    await expect(unavailable.serversOf([BLUE], async () => unplaced(1))).rejects.toThrow('from EC2: Unavailable');
    client.destroy();
    await aws.close();
    const refused = await given([refusing('UnauthorizedOperation', 'no', 403)]);
    await expect(refused.serversOf([BLUE], async () => unplaced(1))).rejects.toThrow('UnauthorizedOperation');
    expect(aws.requests).toHaveLength(1);
  });
});

describe('the pages of a pod’s instances', () => {
  const page = (n: number, token: string) =>
    answer(`<reservationSet>${n > 0 ? reservation(n) : ''}</reservationSet><nextToken>${token}</nextToken>`);

  it('go on after an empty one that has a token', async () => {
    const instances = await given([page(1, 'a'), page(0, 'b'), describing(2)]);
    const { hosts } = await instances.ofPod(BLUE, []);
    expect(hosts.map(({ instanceId }) => instanceId)).toEqual([1, 2].map(hostId));
  });

  it.each([
    ['the last', ['a', 'a'], 2],
    ['an earlier one', ['a', 'b', 'c', 'a'], 4],
  ])('end with an error when a token comes again: %s', async (_, tokens, requests) => {
    const instances = await given(tokens.map((token) => page(1, token)));
    await expect(instances.ofPod(BLUE, [])).rejects.toThrow(
      'reading the instances of pod blue from EC2: UnreadableAnswer: AWS gave the same page token again (log entry tick-1.1)',
    );
    expect(aws.requests).toHaveLength(requests);
  });
});
