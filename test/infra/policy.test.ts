import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { resourcePolicy } from '../../infra/template/resource-policy.ts';
import { loadFleet } from '../../src/fleet/load.ts';

const fleet = loadFleet(readFileSync(join(import.meta.dirname, '../fixtures/infra/two-regions.yml'), 'utf8'));
const policy = resourcePolicy(fleet, 'dev');

/** As IAM matches: `*` is any run of characters, slashes too. */
function admits(vpc: string, call: string): boolean {
  return policy.some((statement) => {
    const patterns = [statement.Resource].flat().map((pattern) => pattern.replace('execute-api:', ''));
    const matches = patterns.some((pattern) =>
      new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(call),
    );
    return matches && [statement.Condition.StringEquals['aws:SourceVpc']].flat().includes(vpc);
  });
}

const BLUE = 'vpc-0b0b0b0b0b0b0b0b0';
const OPERATOR = 'vpc-0a0a0a0a0a0a0a0a0';

describe("the API's resource policy", () => {
  it.each(['/dev/GET/blue/client/e/ntp.conf', '/dev/HEAD/blue/status.json', '/dev/POST/blue/register'])(
    "admits a pod's VPC to %s",
    (call) => {
      expect(admits(BLUE, call)).toBe(true);
    },
  );

  it.each([
    '/dev/GET/green-2/client/e/ntp.conf',
    '/dev/POST/green-2/register',
    '/dev/GET/green-2/client/blue/ntp.conf',
    '/dev/GET/bluer/status.json',
    '/dev/DELETE/blue/status.json',
    '/prod/GET/blue/status.json',
  ])("keeps a pod's VPC from %s", (call) => {
    expect(admits(BLUE, call)).toBe(false);
  });

  it("admits an operator's VPC to every pod", () => {
    expect(admits(OPERATOR, '/dev/GET/blue/status.json')).toBe(true);
    expect(admits(OPERATOR, '/dev/GET/green-2/status.json')).toBe(true);
    expect(admits('vpc-0e0e0e0e0e0e0e0e0', '/dev/GET/blue/status.json')).toBe(false);
  });

  it('has nothing for operators when the fleet names none, nor for a pod whose VPC is not known yet', () => {
    const pods = fleet.pods.map((pod) => (pod.name === 'blue' ? { ...pod, vpc: '' } : pod));
    const [first, ...others] = resourcePolicy({ ...fleet, operatorVpcs: [], pods }, 'dev');
    expect(first?.Condition).toEqual({ StringEquals: { 'aws:SourceVpc': 'vpc-0c0c0c0c0c0c0c0c0' } });
    expect(others.map((statement) => statement.Condition.StringEquals['aws:SourceVpc'])).toEqual([
      'vpc-0d0d0d0d0d0d0d0d0',
    ]);
  });
});
