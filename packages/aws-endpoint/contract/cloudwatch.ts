import assert from 'node:assert/strict';
import {
  GetDashboardCommand,
  ListMetricsCommand,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { refusalOf } from '../src/testing/refusal.ts';
import type { Account, Clause } from './clause.ts';

/** Always with a datum that is refused: a put with one fault stores nothing. */
function put({ cloudwatch, mark }: Account, ...data: Partial<MetricDatum>[]) {
  const MetricData = data.map((datum) => ({ MetricName: 'Verify', ...datum }));
  return cloudwatch.send(new PutMetricDataCommand({ Namespace: `VerifyAws${mark}`, MetricData }));
}

const DAY_MS = 86_400_000;

async function refusedWith(call: Promise<unknown>, pattern: RegExp): Promise<void> {
  const error = await refusalOf(call);
  assert.equal(error.status, 400);
  assert.match(error.name, pattern);
}

export const CLOUDWATCH: Clause[] = [
  {
    says: 'values that are no numbers are refused',
    holds: (account) => refusedWith(put(account, { Value: Number.NaN }), /^InvalidParameterValue|^ValidationError/),
  },
  {
    says: 'values and counts of different length are refused',
    holds: (account) =>
      refusedWith(put(account, { Values: [1, 2], Counts: [1] }), /^InvalidParameter|^ValidationError/),
  },
  {
    says: 'more than 150 values in a datum are refused',
    holds: (account) =>
      refusedWith(
        put(account, { Values: Array.from({ length: 151 }, (_, index) => index) }),
        /^InvalidParameterValue|^ValidationError/,
      ),
  },
  {
    says: 'a timestamp older than two weeks is refused',
    holds: (account) =>
      refusedWith(
        put(account, { Value: 1, Timestamp: new Date(Date.now() - 15 * DAY_MS) }),
        /^InvalidParameterValue|^ValidationError/,
      ),
  },
  {
    says: 'a namespace that nothing was put in lists no metric, and what was refused was not stored',
    async holds({ cloudwatch, mark }) {
      const { Metrics } = await cloudwatch.send(new ListMetricsCommand({ Namespace: `VerifyAws${mark}` }));
      assert.deepEqual(Metrics ?? [], []);
    },
  },
  {
    says: 'a dashboard that is not there is 404',
    async holds({ cloudwatch, mark }) {
      const error = await refusalOf(cloudwatch.send(new GetDashboardCommand({ DashboardName: `VerifyAws${mark}` })));
      assert.deepEqual([error.status, /^(ResourceNotFound|DashboardNotFoundError)$/.test(error.name)], [404, true]);
    },
  },
];
