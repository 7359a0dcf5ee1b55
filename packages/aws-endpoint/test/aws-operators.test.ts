import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { addHost, type Bench, hostId, startBench } from '../src/testing/index.ts';
import { type AwsCommand, isInstalled, openAwsCommand, tellSkipped } from './aws-command.ts';
import { OPERATOR_STACK } from './operator-template.ts';

tellSkipped();

let command: AwsCommand;
beforeAll(() => {
  if (isInstalled) command = openAwsCommand();
});
afterAll(() => command?.close());

let bench: Bench;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aws-endpoint-operators-'));
  bench = await startBench({
    stack: OPERATOR_STACK,
    delays: { objectWriteMs: 0 },
    async invoke(_functionName, payload) {
      if ((payload as { fail?: boolean }).fail) throw new Error('no clock in the house');
      return { watched: payload };
    },
  });
});
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true });
});

/** A command line as a person types it: single blanks between. */
const aws = (line: string, ...words: string[]) => command.run(bench.endpoint.url, ...line.split(' '), ...words);
const text = (line: string) => command.text(bench.endpoint.url, ...line.split(' '));
const refusal = (line: string) =>
  text(line).then(
    (printed) => {
      throw new Error(`the command was taken: ${printed}`);
    },
    (failure: Error) => failure.message,
  );
/** A line of `aws s3 ls` without its time. */
const untimed = (printed: string) =>
  printed
    .replaceAll(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/gm, 'AT')
    .trimEnd()
    .split('\n');

(isInstalled ? describe : describe.skip)('aws s3', () => {
  const file = (name: string) => join(folder, name);

  it('copies there and back, lists, and removes', async () => {
    writeFileSync(file('one.txt'), 'one\n');
    expect(await text('s3 ls')).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d archive\n\d{4}\S+ \S+ reports\n$/);
    await text(`s3 cp ${file('one.txt')} s3://reports/blue/one.txt`);
    await text(`s3 cp ${file('one.txt')} s3://reports/blue/deep/two.txt`);
    await text(`s3 cp ${file('one.txt')} s3://reports/top.txt`);
    expect(untimed(await text('s3 ls s3://reports'))).toEqual([
      '                           PRE blue/',
      'AT          4 top.txt',
    ]);
    expect(untimed(await text('s3 ls s3://reports/blue/'))).toEqual([
      '                           PRE deep/',
      'AT          4 one.txt',
    ]);
    expect(untimed(await text('s3 ls --recursive s3://reports/blue'))).toEqual([
      'AT          4 blue/deep/two.txt',
      'AT          4 blue/one.txt',
    ]);
    await text(`s3 cp s3://reports/blue/one.txt ${file('back.txt')}`);
    expect(readFileSync(file('back.txt'), 'utf8')).toBe('one\n');
    await text(`s3 cp --recursive s3://reports/blue ${file('all')}`);
    expect(readFileSync(file('all/deep/two.txt'), 'utf8')).toBe('one\n');
    await text('s3 rm --recursive s3://reports/blue');
    expect(untimed(await text('s3 ls s3://reports'))).toEqual(['AT          4 top.txt']);
    expect(await refusal('s3 ls s3://nothing')).toContain('NoSuchBucket');
    expect(await refusal(`s3 cp s3://reports/blue/one.txt ${file('gone.txt')}`)).toContain('(404)');
  });

  it('lists names that must be encoded, over many pages', async () => {
    writeFileSync(file('k'), '1');
    const names = ['a b+c.txt', 'ä&é.txt', 'test_file(3).png', '100%.txt'];
    for (const name of names) await aws(`s3api put-object --bucket reports --body ${file('k')} --key`, name);
    const { Contents = [] } = (await aws('s3api list-objects-v2 --bucket reports --page-size 1')) as {
      Contents?: { Key: string }[];
    };
    expect(Contents.map(({ Key }) => Key)).toEqual(names.toSorted());
  });

  it('reads a part, and what it has already only once', async () => {
    writeFileSync(file('k'), '0123456789');
    const { ETag } = (await aws(`s3api put-object --bucket reports --key k --body ${file('k')}`)) as { ETag?: string };
    const get = `s3api get-object --bucket reports --key k ${file('part')}`;
    expect(await aws(`${get} --range bytes=2-4`)).toMatchObject({ ContentRange: 'bytes 2-4/10', ContentLength: 3 });
    expect(readFileSync(file('part'), 'utf8')).toBe('234');
    expect(await refusal(`${get} --range bytes=10-`)).toContain('(InvalidRange)');
    expect(await refusal(`${get} --if-none-match ${ETag}`)).toContain('(304)');
    const put = `s3api put-object --bucket reports --key k --checksum-algorithm SHA256 --body ${file('k')}`;
    const ChecksumSHA256 = createHash('sha256').update('0123456789').digest('base64');
    expect(await aws(put)).toMatchObject({ ChecksumSHA256 });
    expect(await aws('s3api head-object --bucket reports --key k --checksum-mode ENABLED')).toMatchObject({
      ChecksumSHA256,
    });
  });

  it('keeps versions and what locks them', async () => {
    writeFileSync(file('k'), 'kept');
    const put = (algorithm: string) =>
      aws(
        `s3api put-object --bucket archive --key k --body ${file('k')} --checksum-algorithm ${algorithm}`,
      ) as Promise<{ VersionId?: string }>;
    const first = await put('SHA256');
    const second = await put('CRC32');
    await text(`s3 cp ${file('k')} s3://archive/x`);
    const versions = (await aws('s3api list-object-versions --bucket archive --prefix k')) as {
      Versions?: { VersionId: string; IsLatest: boolean }[];
    };
    expect(versions.Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [second.VersionId, true],
      [first.VersionId, false],
    ]);
    const remove = 's3api delete-object --bucket archive --key k';
    expect(await refusal(`${remove} --version-id ${first.VersionId}`)).toBe(
      'An error occurred (AccessDenied) when calling the DeleteObject operation: Access Denied because object protected by object lock.',
    );
    await aws(`${remove} --version-id ${first.VersionId} --bypass-governance-retention`);
    expect(await aws(remove)).toMatchObject({ DeleteMarker: true });
    expect(await aws('s3api list-object-versions --bucket archive --prefix k')).toMatchObject({
      Versions: [{ VersionId: second.VersionId, IsLatest: false }],
      DeleteMarkers: [{ Key: 'k', IsLatest: true }],
    });
    expect(await aws(`s3api get-object-retention --bucket archive --key k --version-id ${second.VersionId}`)).toEqual({
      Retention: { Mode: 'GOVERNANCE', RetainUntilDate: expect.stringMatching(/^\d{4}-/) },
    });
    expect(await aws('s3api get-bucket-versioning --bucket archive')).toEqual({ Status: 'Enabled' });
    expect(await aws('s3api get-object-lock-configuration --bucket archive')).toMatchObject({
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } } },
    });
    expect(await aws('s3api get-bucket-location --bucket archive')).toEqual({ LocationConstraint: 'us-west-2' });
  });
});

(isInstalled ? describe : describe.skip)('what an operator types first', () => {
  it('aws sts get-caller-identity', async () => {
    expect(await aws('sts get-caller-identity')).toEqual({
      UserId: expect.any(String),
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/local',
    });
  });

  it('aws lambda invoke, list-functions, get-function-configuration', async () => {
    const out = join(folder, 'out.json');
    const invoke = (payload: string) =>
      aws(
        `lambda invoke --function-name app-prod-watch --cli-binary-format raw-in-base64-out ${out} --payload`,
        payload,
      );
    expect(await invoke('{"pod":"blue"}')).toEqual({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(readFileSync(out, 'utf8')).toBe('{"watched":{"pod":"blue"}}');
    expect(await invoke('{"fail":true}')).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({
      errorType: 'Error',
      errorMessage: 'no clock in the house',
    });
    expect(await aws(`lambda invoke --function-name app-prod-watch ${out}`)).toMatchObject({ StatusCode: 200 });
    expect(await refusal(`lambda invoke --function-name watch ${out}`)).toBe(
      'An error occurred (ResourceNotFoundException) when calling the Invoke operation: Function not found: ' +
        'arn:aws:lambda:us-west-2:123456789012:function:watch. The template has app-prod-watch, app-prod-report.',
    );
    expect(await aws('lambda list-functions')).toMatchObject({
      Functions: [{ FunctionName: 'app-prod-watch', MemorySize: 512 }, { FunctionName: 'app-prod-report' }],
    });
    expect(await aws('lambda get-function-configuration --function-name app-prod-watch')).toMatchObject({
      State: 'Active',
      Timeout: 60,
    });
  });

  it('aws events list-rules, ssm get-parameters-by-path, cloudwatch list-dashboards', async () => {
    expect(await aws('events list-rules')).toMatchObject({ Rules: [{ Name: 'app-nightly' }, { Name: 'app-started' }] });
    expect(await aws('ssm get-parameters-by-path --recursive --path /app')).toMatchObject({
      Parameters: [
        { Name: '/app/prod/blue/mode', Value: 'hold' },
        { Name: '/app/prod/mode', Value: 'act' },
      ],
    });
    expect(await aws('cloudwatch list-dashboards')).toMatchObject({ DashboardEntries: [{ DashboardName: 'app' }] });
    expect(await aws('cloudwatch get-dashboard --dashboard-name app')).toMatchObject({
      DashboardBody: '{"region":"us-west-2"}',
    });
    expect(await refusal('cloudwatch get-dashboard --dashboard-name other')).toContain(
      'Dashboard other does not exist',
    );
  });

  it('aws ec2 describe-tags, create-tags, delete-tags', async () => {
    addHost(bench, hostId(1), { role: 'server' });
    await aws(`ec2 create-tags --resources ${hostId(1)} --tags Key=hold,Value=`);
    await aws(`ec2 delete-tags --resources ${hostId(1)} --tags Key=role`);
    expect(await aws('ec2 describe-tags --filters Name=resource-type,Values=instance')).toEqual({
      Tags: [{ Key: 'hold', ResourceId: hostId(1), ResourceType: 'instance', Value: '' }],
    });
    await aws(`ec2 delete-tags --resources ${hostId(1)}`);
    expect(await aws('ec2 describe-tags')).toEqual({ Tags: [] });
  });

  it.each<[string, string, string]>([
    ['json', 'events describe-rule --name x', 'operation DescribeRule of EventBridge. It has ListRules, PutEvents.'],
    ['query', 'sts get-session-token', 'operation GetSessionToken of STS. It has GetCallerIdentity.'],
    ['query', 'cloudwatch list-metric-streams', 'ListMetricStreams of CloudWatch. Did you mean ListMetrics? It has '],
    ['ec2', 'ec2 describe-instance-status', 'DescribeInstanceStatus of EC2. Did you mean DescribeInstances?'],
    [
      'rest-json',
      'lambda get-function --function-name x',
      'operation GetFunction of Lambda. Did you mean GetFunctionConfiguration? It has GetAccountSettings, GetFunctionConfiguration, Invoke,',
    ],
    [
      'rest-xml',
      'route53 get-hosted-zone-count',
      'GetHostedZoneCount of Route 53. Did you mean GetHostedZone? It has ',
    ],
    ['rest-xml', 's3api list-objects --bucket reports', 'ListObjects of S3. Did you mean ListObjectsV2? It has Delete'],
    ['rest-xml', 's3api get-bucket-acl --bucket reports', 'operation GetBucketAcl of S3. It has DeleteObject, '],
    ['query', 'iam list-users', 'The local endpoint has no service iam. It has cloudwatch, ec2, events, lambda, '],
    ['json', 'dynamodb list-tables', 'The local endpoint has no service dynamodb. It has cloudwatch, ec2, events, '],
    ['rest-json', 'apigateway get-rest-apis', 'The local endpoint has no service apigateway. It has cloudwatch, ec2, '],
    ['rest-xml', 'cloudfront list-distributions', 'The local endpoint has no service cloudfront. It has cloudwatch, '],
  ])('a call that is not there says so (%s): aws %s', async (_protocol, line, sentence) => {
    expect(await refusal(line)).toContain(sentence);
  });
});
