import { GetDashboardCommand, ListDashboardsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeTagsCommand,
  type DescribeTagsCommandInput,
  type Tag,
} from '@aws-sdk/client-ec2';
import { ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { GetParametersByPathCommand, type GetParametersByPathCommandInput } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { addHost, type Bench, hostId, refusalOf, startBench } from '../src/testing/index.ts';
import { closest } from '../src/unknown-call.ts';
import { OPERATOR_STACK } from './operator-template.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench({ stack: OPERATOR_STACK });
});
afterEach(() => bench.close());

describe('ListRules', () => {
  const list = (input: object = {}) => bench.eventbridge.send(new ListRulesCommand(input));

  it('tells the rules by name', async () => {
    const arn = (name: string) => `arn:aws:events:us-west-2:123456789012:rule/${name}`;
    expect((await list()).Rules).toEqual([
      {
        Name: 'app-nightly',
        Arn: arn('app-nightly'),
        State: 'DISABLED',
        ScheduleExpression: 'rate(1 day)',
        EventBusName: 'default',
      },
      {
        Name: 'app-started',
        Arn: arn('app-started'),
        State: 'ENABLED',
        EventPattern: '{"source":["aws.ec2"]}',
        EventBusName: 'default',
      },
    ]);
    expect((await list({ NamePrefix: 'app-s' })).Rules?.map(({ Name }) => Name)).toEqual(['app-started']);
  });

  it('pages, and knows no other bus', async () => {
    const { NextToken, Rules } = await list({ Limit: 1 });
    const next = await list({ Limit: 1, NextToken });
    expect([Rules?.length, next.Rules?.[0]?.Name, next.NextToken]).toEqual([1, 'app-started', undefined]);
    expect(await refusalOf(list({ EventBusName: 'other' }))).toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await refusalOf(list({ NextToken: 'x' }))).toMatchObject({ name: 'ValidationException' });
    expect(await refusalOf(list({ Limit: 101 }))).toMatchObject({ name: 'ValidationException' });
  });
});

describe('tags of instances', () => {
  const [ONE, TWO] = [hostId(1), hostId(2)];
  beforeEach(() => {
    addHost(bench, ONE, { role: 'server', hold: 'yes' });
    addHost(bench, TWO, { role: 'client' });
  });
  const describeTags = async (input: Partial<DescribeTagsCommandInput> = {}) => {
    const { Tags = [], NextToken } = await bench.ec2.send(new DescribeTagsCommand(input));
    return { rows: Tags.map(({ ResourceId, Key, Value }) => `${ResourceId} ${Key}=${Value}`), Tags, NextToken };
  };
  const remove = (Tags?: Tag[], ...Resources: string[]) => bench.ec2.send(new DeleteTagsCommand({ Resources, Tags }));
  const create = (Tags: Tag[], ...Resources: string[]) => bench.ec2.send(new CreateTagsCommand({ Resources, Tags }));

  it('are described, filtered', async () => {
    const { rows, Tags } = await describeTags();
    expect(rows).toEqual([`${ONE} role=server`, `${ONE} hold=yes`, `${TWO} role=client`]);
    expect(Tags[0]).toEqual({ ResourceId: ONE, ResourceType: 'instance', Key: 'role', Value: 'server' });
    const by = async (Name: string, ...Values: string[]) => (await describeTags({ Filters: [{ Name, Values }] })).rows;
    expect(await by('key', 'hold')).toEqual([`${ONE} hold=yes`]);
    expect(await by('tag:role', 'cl*')).toEqual([`${TWO} role=client`]);
    expect(await by('resource-id', TWO)).toEqual([`${TWO} role=client`]);
    expect(await by('value', 'yes', 'client')).toEqual([`${ONE} hold=yes`, `${TWO} role=client`]);
    expect(await by('resource-type', 'volume')).toEqual([]);
    expect(await refusalOf(by('colour', 'red'))).toMatchObject({ name: 'InvalidParameterValue' });
  });

  it('are described page after page', async () => {
    await create(
      Array.from({ length: 6 }, (_, at) => ({ Key: `k${at}`, Value: '' })),
      TWO,
    );
    const { rows, NextToken } = await describeTags({ MaxResults: 5 });
    const rest = await describeTags({ MaxResults: 5, NextToken });
    expect([rows.length, rest.rows.length, rest.NextToken]).toEqual([5, 4, undefined]);
  });

  it('are given, also in the place of others', async () => {
    await create([{ Key: 'role', Value: 'both' }], ONE, TWO);
    expect((await describeTags({ Filters: [{ Name: 'key', Values: ['role'] }] })).rows).toEqual([
      `${ONE} role=both`,
      `${TWO} role=both`,
    ]);
    expect(await refusalOf(create([{ Key: 'aws:x', Value: '' }], ONE))).toMatchObject({
      name: 'InvalidParameterValue',
    });
    const many = Array.from({ length: 50 }, (_, at) => ({ Key: `k${at}`, Value: '' }));
    expect(await refusalOf(create(many, ONE))).toMatchObject({ name: 'TagLimitExceeded' });
    expect((await describeTags({ Filters: [{ Name: 'key', Values: ['k*'] }] })).rows).toEqual([]);
  });

  it('are taken away by key, by key and value, or all', async () => {
    await remove([{ Key: 'hold' }, { Key: 'never' }], ONE, TWO);
    await remove([{ Key: 'role', Value: 'client' }], ONE, TWO);
    expect((await describeTags()).rows).toEqual([`${ONE} role=server`]);
    await remove(undefined, ONE);
    expect((await describeTags()).rows).toEqual([]);
  });

  it('stay in a dry run, and with an id that nobody has', async () => {
    const dry = bench.ec2.send(new DeleteTagsCommand({ Resources: [ONE], DryRun: true }));
    expect(await refusalOf(dry)).toMatchObject({ name: 'DryRunOperation', status: 412 });
    expect(await refusalOf(remove([{ Key: 'role' }], ONE, hostId(7)))).toMatchObject({
      name: 'InvalidInstanceID.NotFound',
    });
    expect(await refusalOf(remove([{ Key: 'role' }], 'vol-1'))).toMatchObject({ name: 'InvalidID' });
    expect((await describeTags()).rows.length).toBe(3);
  });
});

describe('GetParametersByPath', () => {
  const names = async (input: Partial<GetParametersByPathCommandInput>) => {
    const answer = await bench.ssm.send(new GetParametersByPathCommand({ Path: '/app/prod', ...input }));
    return answer.Parameters?.map(({ Name, Value }) => `${Name}=${Value}`);
  };

  it('tells the children of a path, or all below it', async () => {
    expect(await names({})).toEqual(['/app/prod/mode=act']);
    expect(await names({ Path: '/app/prod/' })).toEqual(['/app/prod/mode=act']);
    expect(await names({ Recursive: true })).toEqual(['/app/prod/blue/mode=hold', '/app/prod/mode=act']);
    expect(await names({ Path: '/app', Recursive: true })).toHaveLength(2);
    expect(await names({ Path: '/', Recursive: true })).toHaveLength(3);
    expect(await names({ Path: '/nothing' })).toEqual([]);
  });

  it('pages, and wants a path', async () => {
    const input = { Path: '/app', Recursive: true, MaxResults: 1 };
    const { NextToken } = await bench.ssm.send(new GetParametersByPathCommand(input));
    expect(await names({ ...input, NextToken })).toEqual(['/app/prod/mode=act']);
    expect(await refusalOf(names({ Path: 'app' }))).toMatchObject({ name: 'ValidationException', status: 400 });
    expect(await refusalOf(names({ NextToken: 'x' }))).toMatchObject({ name: 'InvalidNextToken' });
    const ParameterFilters = [{ Key: 'Type', Values: ['String'] }];
    expect(await refusalOf(names({ ParameterFilters }))).toMatchObject({ name: 'InvalidFilterKey' });
  });
});

describe('dashboards', () => {
  it("are the template's", async () => {
    const { DashboardEntries } = await bench.cloudwatch.send(new ListDashboardsCommand({ DashboardNamePrefix: 'a' }));
    const DashboardArn = 'arn:aws:cloudwatch::123456789012:dashboard/app';
    expect(DashboardEntries).toEqual([
      { DashboardName: 'app', DashboardArn, LastModified: expect.any(Date), Size: 22 },
    ]);
    const get = (DashboardName: string) => bench.cloudwatch.send(new GetDashboardCommand({ DashboardName }));
    expect(await get('app')).toMatchObject({
      DashboardName: 'app',
      DashboardArn,
      DashboardBody: '{"region":"us-west-2"}',
    });
    // by its older code, which the answer tells in x-amzn-query-error
    expect(await refusalOf(get('other'))).toMatchObject({ name: 'ResourceNotFound', status: 404 });
  });
});

describe('the name that was meant', () => {
  it.each<[string, string | null]>([
    ['ListRule', 'ListRules'],
    ['listrules', 'ListRules'],
    ['LitsRules', 'ListRules'],
    ['PutEvent', 'PutEvents'],
    ['PutEventsBatch', 'PutEvents'],
    ['DescribeRule', null],
    ['Put', null],
    ['', null],
  ])('by %s is %s', (asked, meant) => {
    expect(closest(asked, ['ListRules', 'PutEvents'])).toBe(meant);
  });
});
