import { describe, expect, it } from '@jest/globals';
import { VPC } from '@podtime/aws-endpoint/testing';
import { ACTIONS } from '../../../scripts/preflight/connection.ts';
import { pageText, snippetsOf } from '../../docs/snippets.ts';
import { account, addPod, asked, ELSEWHERE, look, told, ZONE, zoneOf } from './account.ts';

describe('a right that is missing', () => {
  const CODES: Record<string, string> = {
    ec2: 'UnauthorizedOperation',
    lambda: 'AccessDeniedException',
    ssm: 'AccessDeniedException',
  };

  it.each(ACTIONS)('%s costs what it reads, and nothing else', async (action) => {
    const bench = await account();
    addPod();
    const whole = await told();
    expect(whole.unread).toEqual([]);
    const [service = '', operation = ''] = action.split(':');
    const code = CODES[service] ?? 'AccessDenied';
    bench.endpoint.faults.next(operation, code, { times: 2, status: 403 });
    const { status, findings, unread } = await told();
    bench.endpoint.faults.clear();
    expect(status).toBe(0);
    expect(unread).toMatchObject([{ action, code }]);
    const sentences = whole.findings.map(({ sentence }) => sentence);
    const left = findings.filter(({ check }) => check !== 'endpoints').map(({ sentence }) => sentence);
    expect(sentences).toEqual(expect.arrayContaining(left));
    expect(sentences.length - left.length).toBeLessThan(6);
    bench.endpoint.faults.next(operation, code, { times: 2, status: 403 });
    const { lines } = await look();
    expect(lines.join('\n')).toMatch(
      new RegExp(
        `\\n1 check could not be made:\\n- ${action} is not allowed \\(${code}\\), so .+ could not be looked at: `,
      ),
    );
    expect(lines.at(-1)).toBe('Nothing that was seen stops a deploy; 1 check could not be made.');
  });

  it('of one pod costs no other', async () => {
    await account({ zones: [zoneOf(), zoneOf({ id: 'Z0123456789ABCDEFGHK', name: 'green.pod' })] });
    addPod();
    const withGreen = (text: string) =>
      `${text}${text.slice(text.indexOf('  blue:')).replace('blue', 'green').replace('name: pod', 'name: green.pod').replace(ZONE, 'Z0123456789ABCDEFGHX').replace('10.20.', '10.30.').replace(VPC, ELSEWHERE)}`;
    const { stops, wells } = await told(withGreen);
    expect(stops.length).toBeGreaterThan(1);
    expect(stops.filter((stop) => !stop.startsWith('Pod green'))).toEqual([]);
    expect(wells.filter((well) => well.startsWith('Pod blue'))).toHaveLength(8);
  });

  it('an AWS that does not answer stops a deploy, and is told once', async () => {
    await account();
    const { status, lines } = await look('--endpoint-url', 'http://127.0.0.1:1');
    expect(status).toBe(1);
    expect(lines.slice(1, -3)).toEqual([
      '',
      '10 checks could not be made:',
      expect.stringMatching(
        /^- ec2:DescribeInstances, .* and sts:GetCallerIdentity failed with .*ECONNREFUSED.* and 8 more\.$/,
      ),
    ]);
    expect(lines.at(-1)).toBe('AWS answered nothing: whether anything stops a deploy is not known.');
  });

  it('credentials that AWS does not know: nothing else is asked', async () => {
    const bench = await account();
    bench.endpoint.faults.next('GetCallerIdentity', 'InvalidClientTokenId', {
      status: 403,
      message: 'The security token is invalid.',
    });
    const { status, lines } = await look();
    expect([status, lines]).toEqual([
      1,
      [
        'AWS knows nobody by these credentials (InvalidClientTokenId: The security token is invalid.). Nothing was looked at.',
      ],
    ]);
  });
});

it('has a policy in docs/deploy.md with the actions that it calls, which only read', () => {
  const policy = snippetsOf('deploy.md').find(
    ({ language, text }) => language === 'json' && text.includes('GetAccountSettings'),
  );
  const { Statement } = JSON.parse(policy?.text ?? '{"Statement": []}');
  expect(Statement).toEqual([{ Effect: 'Allow', Action: [...ACTIONS], Resource: '*' }]);
  expect(ACTIONS.filter((action) => !/:(?:Describe|Get|List)[A-Z]/.test(action))).toEqual([]);
  expect(pageText('deploy.md')).toContain('npm run preflight -- --stage prod');
});

it('makes these calls, and no other', async () => {
  await account();
  asked.clear();
  await look();
  expect([...asked].toSorted()).toEqual([...ACTIONS]);
});
