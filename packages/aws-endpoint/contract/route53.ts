import assert from 'node:assert/strict';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  DeleteHostedZoneCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { refusalOf } from '../src/testing/refusal.ts';
import type { Account, Clause } from './clause.ts';

const [ONE, TWO] = ['i-00000000000000001', 'i-00000000000000002'];

function server(account: Account, address: string, more: Partial<ResourceRecordSet> = {}): ResourceRecordSet {
  return {
    Name: `ntp.az-e.${account.zone.name}`,
    Type: 'A',
    SetIdentifier: ONE,
    MultiValueAnswer: true,
    TTL: 30,
    ResourceRecords: [{ Value: address }],
    ...more,
  };
}

function change(account: Account, ...changes: [Change['Action'], ResourceRecordSet][]) {
  const Changes = changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet }));
  const input = { HostedZoneId: account.zone.id, ChangeBatch: { Comment: account.mark, Changes } };
  return account.route53.send(new ChangeResourceRecordSetsCommand(input));
}

/** All records of the zone, page after page. Throws when a page begins where an earlier one did: the paging has no end. */
export async function recordsOf(
  account: Pick<Account, 'route53' | 'zone'>,
  maxItems = 300,
): Promise<ResourceRecordSet[]> {
  const found: ResourceRecordSet[] = [];
  const seen = new Set<string>();
  let start = {};
  for (;;) {
    const page = await account.route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: account.zone.id, MaxItems: maxItems, ...start }),
    );
    found.push(...(page.ResourceRecordSets ?? []));
    if (!page.IsTruncated) return found;
    start = {
      StartRecordName: page.NextRecordName,
      StartRecordType: page.NextRecordType,
      StartRecordIdentifier: page.NextRecordIdentifier,
    };
    const place = JSON.stringify(start);
    if (seen.has(place)) throw new Error(`paging has no end: a second page begins at ${place}`);
    seen.add(place);
  }
}

/** What makes the zone its own: not the records that came with it. */
export function isOwn(record: ResourceRecordSet, zoneName: string): boolean {
  return record.Name !== `${zoneName}.` || !['NS', 'SOA'].includes(record.Type ?? '');
}

/** Takes every record away that did not come with the zone. */
export async function emptyZone(account: Pick<Account, 'route53' | 'zone'>): Promise<void> {
  const own = (await recordsOf(account)).filter((record) => isOwn(record, account.zone.name));
  if (own.length === 0) return;
  const Changes = own.map((ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet }));
  await account.route53.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId: account.zone.id, ChangeBatch: { Changes } }),
  );
}

const own = async (account: Account) => (await recordsOf(account)).filter((record) => isOwn(record, account.zone.name));

const IN_SYNC_WITHIN_MS = 180_000;
const POLL_MS = 2000;

export const ROUTE53: Clause[] = [
  {
    says: 'a private zone begins with NS and a SOA of TTL 900 whose last field is 86400: a missing name is kept for 15 minutes',
    async holds(account) {
      const records = await recordsOf(account);
      assert.deepEqual(records.map(({ Type }) => Type).toSorted(), ['NS', 'SOA']);
      const soa = records.find(({ Type }) => Type === 'SOA');
      assert.equal(soa?.TTL, 900);
      assert.equal(soa?.ResourceRecords?.[0]?.Value?.split(/\s+/)[6], '86400');
    },
  },
  {
    says: 'a multivalue record is taken in a private zone, PENDING at first and in sync within three minutes',
    async holds(account) {
      const { ChangeInfo } = await change(account, ['UPSERT', server(account, '10.0.1.5')]);
      assert.equal(ChangeInfo?.Status, 'PENDING');
      for (let waitedMs = 0; waitedMs < IN_SYNC_WITHIN_MS; waitedMs += POLL_MS) {
        const { ChangeInfo: now } = await account.route53.send(new GetChangeCommand({ Id: ChangeInfo?.Id }));
        if (now?.Status === 'INSYNC') return;
        await account.pause(POLL_MS);
      }
      assert.fail('not in sync after three minutes');
    },
  },
  {
    says: 'lists show a record while its change is still PENDING, its name in lower case with a dot at the end',
    async holds(account) {
      const shouted = { Name: `NTP.AZ-F.${account.zone.name}` };
      await change(account, ['UPSERT', server(account, '10.0.1.6', shouted)]);
      const names = (await own(account)).map(({ Name }) => Name);
      assert.ok(names.includes(`ntp.az-f.${account.zone.name}.`), `listed are ${names.join(', ')}`);
      await account.pause(1000);
    },
  },
  {
    says: 'a wildcard is listed right after the apex, before names that begin with a digit or a hyphen, its star as an octal escape',
    async holds(account) {
      const simple = (label: string): ResourceRecordSet => ({
        Name: `${label}.${account.zone.name}`,
        Type: 'A',
        TTL: 30,
        ResourceRecords: [{ Value: '10.0.9.1' }],
      });
      const sets = ['0', '-x', '*'].map(simple);
      await change(account, ...sets.map((set): [Change['Action'], ResourceRecordSet] => ['UPSERT', set]));
      const names = (await own(account)).map(({ Name }) => Name?.replace(`.${account.zone.name}.`, ''));
      await account.pause(1000);
      await change(account, ...sets.map((set): [Change['Action'], ResourceRecordSet] => ['DELETE', set]));
      await account.pause(1000);
      assert.equal(names[0], '\\052', `listed are ${names.join(', ')}`);
    },
  },
  {
    says: 'UPSERT replaces what the set identifier owns and leaves the other sets of the name alone',
    async holds(account) {
      await change(account, ['UPSERT', server(account, '10.0.2.5', { SetIdentifier: TWO })]);
      await account.pause(1000);
      await change(account, ['UPSERT', server(account, '10.0.1.7')]);
      const sets = (await own(account)).filter(({ Name }) => Name?.startsWith('ntp.az-e.'));
      assert.deepEqual(
        sets.map(({ SetIdentifier, ResourceRecords }) => [SetIdentifier, ResourceRecords?.[0]?.Value]).toSorted(),
        [
          [ONE, '10.0.1.7'],
          [TWO, '10.0.2.5'],
        ],
      );
      await account.pause(1000);
    },
  },
  {
    says: 'DELETE must match the values, and says when they do not',
    async holds(account) {
      const error = await refusalOf(change(account, ['DELETE', server(account, '10.0.9.9')]));
      assert.equal(error.name, 'InvalidChangeBatch');
      assert.match(error.message, /but the values provided do not match the current values/);
    },
  },
  {
    says: 'DELETE of what is not there says that it was not found',
    async holds(account) {
      const gone = server(account, '10.0.1.5', { SetIdentifier: 'i-0000000000000dead' });
      const error = await refusalOf(change(account, ['DELETE', gone]));
      assert.equal(error.name, 'InvalidChangeBatch');
      assert.match(error.message, /but it was not found/);
    },
  },
  {
    says: 'a batch with one fault changes nothing',
    async holds(account) {
      const before = await own(account);
      const good = server(account, '10.0.3.5', { SetIdentifier: 'i-00000000000000003' });
      const error = await refusalOf(change(account, ['UPSERT', good], ['UPSERT', server(account, 'not an address')]));
      assert.equal(error.name, 'InvalidChangeBatch');
      assert.deepEqual(await own(account), before);
    },
  },
  {
    says: 'a simple record cannot stand beside multivalue records of its name and type',
    async holds(account) {
      const simple = server(account, '10.0.4.5', { SetIdentifier: undefined, MultiValueAnswer: undefined });
      assert.equal((await refusalOf(change(account, ['UPSERT', simple]))).name, 'InvalidChangeBatch');
    },
  },
  {
    says: 'a name outside the zone is refused',
    async holds(account) {
      const error = await refusalOf(
        change(account, ['UPSERT', server(account, '10.0.1.5', { Name: 'ntp.az-e.example.com' })]),
      );
      assert.equal(error.name, 'InvalidChangeBatch');
      assert.match(error.message, /not permitted in zone/);
    },
  },
  {
    says: 'a set identifier has at most 128 characters',
    async holds(account) {
      const error = await refusalOf(
        change(account, ['UPSERT', server(account, '10.0.1.5', { SetIdentifier: 'x'.repeat(129) })]),
      );
      assert.equal(error.status, 400);
    },
  },
  {
    says: 'pages of one record go on by name, type and identifier, and show each once',
    async holds(account) {
      const [whole, paged] = [await recordsOf(account), await recordsOf(account, 1)];
      assert.ok(whole.length >= 5);
      assert.deepEqual(paged, whole);
    },
  },
  {
    says: 'lists are sorted by the labels from the right, so that the names of the AZs stand together',
    async holds(account) {
      const labels = (await recordsOf(account)).map(({ Name }) => (Name ?? '').split('.').toReversed().join('.'));
      assert.deepEqual(labels, labels.toSorted());
    },
  },
  {
    says: 'an unknown change is NoSuchChange',
    async holds(account) {
      const error = await refusalOf(account.route53.send(new GetChangeCommand({ Id: 'C00000000000000000000' })));
      assert.equal(error.name, 'NoSuchChange');
    },
  },
  {
    says: 'a zone with records cannot be deleted',
    async holds(account) {
      const error = await refusalOf(account.route53.send(new DeleteHostedZoneCommand({ Id: account.zone.id })));
      assert.equal(error.name, 'HostedZoneNotEmpty');
    },
  },
];
