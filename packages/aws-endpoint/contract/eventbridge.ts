import assert from 'node:assert/strict';
import { ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { refusalOf } from '../src/testing/refusal.ts';
import type { Account, Clause } from './clause.ts';

/** Entries that reach no rule, because each of them is refused. */
async function errorCodeOf({ eventbridge }: Account, entry: { Source: string; Detail: string }) {
  const answer = await eventbridge.send(new PutEventsCommand({ Entries: [{ DetailType: 'verify aws', ...entry }] }));
  return [answer.FailedEntryCount, answer.Entries?.[0]?.ErrorCode];
}

export const EVENTBRIDGE: Clause[] = [
  {
    says: 'PutEvents answers 200 also when it took no entry: a detail that is no JSON is MalformedDetail',
    async holds(account) {
      assert.deepEqual(await errorCodeOf(account, { Source: 'verify.aws', Detail: '{' }), [1, 'MalformedDetail']);
    },
  },
  {
    says: 'nobody may say to be a service of AWS',
    async holds(account) {
      const refusal = await errorCodeOf(account, { Source: 'aws.ec2', Detail: '{}' });
      assert.deepEqual(refusal, [1, 'NotAuthorizedForSourceException']);
    },
  },
  {
    says: 'no rule begins with a name that nobody has, and a bus that is not there is ResourceNotFoundException',
    async holds({ eventbridge, mark }) {
      const NamePrefix = `verify-aws-${mark}`;
      assert.deepEqual((await eventbridge.send(new ListRulesCommand({ NamePrefix }))).Rules ?? [], []);
      const error = await refusalOf(eventbridge.send(new ListRulesCommand({ EventBusName: NamePrefix })));
      assert.equal(error.name, 'ResourceNotFoundException');
    },
  },
];
