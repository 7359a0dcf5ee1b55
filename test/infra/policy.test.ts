import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { resourcePolicy } from '../../infra/template/resource-policy.ts';
import { loadFleet } from '../../src/fleet/load.ts';

const fleet = loadFleet(readFileSync(join(import.meta.dirname, '../fixtures/infra/two-regions.yml'), 'utf8'));
const policy = resourcePolicy(fleet, 'dev');

/** As IAM evaluates: a deny counts above all, and what nothing allows is denied. `*` is any run of characters, slashes too. */
function admits(vpc: string, call: string, statements = policy): boolean {
  const applying = statements.filter(({ Resource, Condition }) => {
    const patterns = [Resource].flat().map((pattern) => pattern.replace('execute-api:', ''));
    const matches = patterns.some((pattern) =>
      new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(call),
    );
    const { StringEquals: equal, StringNotEquals: unequal } = Condition ?? {};
    const isEqual = equal === undefined || [equal['aws:SourceVpc']].flat().includes(vpc);
    const isUnequal = unequal === undefined || ![unequal['aws:SourceVpc']].flat().includes(vpc);
    return matches && isEqual && isUnequal;
  });
  return applying.some(({ Effect }) => Effect === 'Allow') && !applying.some(({ Effect }) => Effect === 'Deny');
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
    expect(others.map(({ Effect, Condition }) => [Effect, Condition?.StringEquals?.['aws:SourceVpc']])).toEqual([
      ['Allow', 'vpc-0d0d0d0d0d0d0d0d0'],
      ['Deny', undefined],
    ]);
  });

  const HOST = '/dev/GET/blue/hosts/i-0123456789abcdef0';

  it.each([HOST, HOST.replace('GET', 'HEAD'), '/dev/GET/', '/dev/GET/metrics'])(
    'admits operators alone to %s',
    (call) => {
      expect([admits(OPERATOR, call), admits(BLUE, call)]).toEqual([true, false]);
    },
  );

  it.each(['/dev/GET/blue/status', '/dev/GET/blue/status.json'])(
    "admits a pod's VPC to %s, which is a summary to it",
    (call) => {
      expect(admits(BLUE, call)).toBe(true);
    },
  );

  it('admits nobody to single hosts where the fleet names no operators', () => {
    const without = resourcePolicy({ ...fleet, operatorVpcs: [] }, 'dev');
    expect([admits(OPERATOR, HOST, without), admits(BLUE, HOST, without)]).toEqual([false, false]);
    expect(admits(BLUE, '/dev/GET/blue/status', without)).toBe(true);
  });
});
