import { CreateHostedZoneCommand, DeleteHostedZoneCommand } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account } from '../contract/clause.ts';
import { CONTRACT } from '../contract/contract.ts';
import { emptyZone } from '../contract/route53.ts';
import { type Bench, startBench, VPC } from '../src/testing/index.ts';

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
