import { CreateHostedZoneCommand, DeleteHostedZoneCommand } from '@aws-sdk/client-route-53';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account } from '../contract/clause.ts';
import { CONTRACT } from '../contract/contract.ts';
import { emptyZone, recordsOf } from '../contract/route53.ts';
import { SSM } from '../contract/ssm.ts';
import type { Intercept } from '../src/server.ts';
import { type Bench, startBench, VPC, ZONE_ID } from '../src/testing/index.ts';

let bench: Bench;
let account: Account;

beforeAll(async () => {
  bench = await startBench({ maxAttempts: 3 });
  const name = 'verify-aws-test.internal';
  const { HostedZone } = await bench.route53.send(
    new CreateHostedZoneCommand({
      Name: name,
      CallerReference: 'verify-aws-test',
      VPC: { VPCId: VPC, VPCRegion: 'us-west-2' },
    }),
  );
  const zone = { id: HostedZone?.Id ?? '', name };
  account = { ...bench, zone, mark: 'test', pause: (ms) => bench.clock.advance(ms) };
});
afterAll(async () => {
  await bench.clock.advance(1000);
  await emptyZone(account);
  await bench.route53.send(new DeleteHostedZoneCommand({ Id: account.zone.id }));
  expect(bench.endpoint.records().filter(({ zone }) => zone.startsWith('verify-aws'))).toEqual([]);
  await bench.close();
});

// one after the other and in their order: what a clause writes, later ones find
for (const [service, clauses] of Object.entries(CONTRACT)) {
  describe(`the contract with ${service}`, () => {
    it.each(clauses)('$says', async ({ holds }) => {
      await expect(holds(account)).resolves.toBeUndefined();
    });
  });
}

describe('another implementation of AWS', () => {
  let other: Bench;
  afterEach(() => other.close());
  const given = async (intercept: Intercept): Promise<Account> => {
    other = await startBench({ maxAttempts: 1, intercept });
    return { ...other, zone: { id: ZONE_ID, name: 'pod' }, mark: 'test', pause: async () => {} };
  };

  it('that gives the same page for ever is not asked for ever', async () => {
    let pages = 0;
    const next =
      '<IsTruncated>true</IsTruncated><NextRecordName>pod.</NextRecordName><NextRecordType>NS</NextRecordType>';
    const there = await given(async ({ handle }) => {
      pages += 1;
      const { body, ...page } = await handle();
      return { ...page, body: String(body).replace('<IsTruncated>false</IsTruncated>', next) };
    });
    await expect(recordsOf(there)).rejects.toThrow('paging has no end: a second page begins at ');
    expect(pages).toBe(2);
  });

  it('is asked for a document that is not there with no other fault: which of two comes first is its own', async () => {
    const sent: string[][] = [];
    const there = await given(async ({ handle, operation, request }) => {
      if (operation === 'SendCommand') sent.push(Object.keys(JSON.parse(request.body.toString())));
      return handle();
    });
    await SSM.find(({ says }) => says === 'a document that is not there is InvalidDocument')?.holds(there);
    expect(sent.map((fields) => fields.toSorted())).toEqual([['DocumentName', 'Targets']]);
  });
});
