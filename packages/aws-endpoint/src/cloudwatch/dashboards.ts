import { ACCOUNT_ID, AwsError } from '../errors.ts';
import { page } from '../paging.ts';
import type { Output } from './reads.ts';

/** API reference, ListDashboards: "up to 1000 results". */
const DASHBOARD_PAGE = 1000;

/** The template's: their JSON by name. `modifiedAtMs`: when they were deployed, epoch ms. */
export interface Dashboards {
  bodies: Readonly<Record<string, string>>;
  modifiedAtMs: number;
}

const arn = (name: string) => `arn:aws:cloudwatch::${ACCOUNT_ID}:dashboard/${name}`;

export function listDashboards(input: Record<string, unknown>, { bodies, modifiedAtMs }: Dashboards): Output {
  const prefix = String(input.DashboardNamePrefix ?? '');
  const names = Object.keys(bodies).filter((name) => name.startsWith(prefix));
  const found = page(names.toSorted(), DASHBOARD_PAGE, input.NextToken, `ListDashboards ${prefix}`);
  const DashboardEntries = found.items.map((name) => ({
    DashboardName: name,
    DashboardArn: arn(name),
    LastModified: new Date(modifiedAtMs),
    Size: Buffer.byteLength(bodies[name] ?? ''),
  }));
  return { DashboardEntries, NextToken: found.nextToken };
}

export function getDashboard(input: Record<string, unknown>, { bodies }: Dashboards): Output {
  const name = input.DashboardName;
  if (typeof name !== 'string') throw new AwsError('MissingParameter', 'The parameter DashboardName is required.');
  const body = Object.hasOwn(bodies, name) ? bodies[name] : undefined;
  if (body === undefined) throw new AwsError('ResourceNotFound', `Dashboard ${name} does not exist`, 404);
  return { DashboardArn: arn(name), DashboardBody: body, DashboardName: name };
}
