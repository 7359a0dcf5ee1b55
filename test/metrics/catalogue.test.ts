import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { metricsPage } from '../../scripts/metrics-page.ts';
import { METRICS, type MetricName, metricNamed, TICK_METRICS, type TickFacts } from '../../src/metrics/catalogue.ts';
import { hostMetrics, tickMetrics } from '../../src/metrics/hosts.ts';
import { judgement, POD } from '../builders/judgements.ts';

describe('the catalogue of metrics', () => {
  it('is what docs/metrics.md says (else: npm run docs:metrics)', () => {
    expect(readFileSync(join(__dirname, '../../docs/metrics.md'), 'utf8')).toBe(metricsPage());
  });

  it('names each metric once, and finds it by its name', () => {
    const names = [...METRICS, ...TICK_METRICS].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.map((name) => metricNamed(name).name)).toEqual(names);
    expect(metricNamed('ErrorBound').unit).toBe('Milliseconds');
  });

  it('tells the cost that a pod in all seven AZs has', () => {
    const hosts = POD.azs.flatMap((az) => [
      judgement(`b-${az}`, 'boundary', az.slice(-1)),
      judgement(`c-${az}`, 'client', az.slice(-1)),
    ]);
    const facts = { takenOver: false, budgetSpent: false, blind: false, refused: false };
    const published =
      hostMetrics(POD, hosts, { givenUp: [], stoppedRollOuts: [], startingTooLong: [] }, 0).length +
      tickMetrics(POD, facts, 0).length;
    expect(metricsPage()).toContain(`(${published} with seven)`);
  });

  it('tells of a tick itself at Pod alone, 1 or 0', () => {
    const valuesOf = (facts: TickFacts) => tickMetrics(POD, facts, 0).map(({ name, values }) => [name, ...values]);
    expect(valuesOf({ takenOver: true, budgetSpent: false, blind: false, refused: false })).toEqual([
      ['TicksTakenOver', 1],
      ['TickBudgetSpent', 0],
      ['Blind', 0],
      ['ChangesRefused', 0],
    ]);
    expect(valuesOf({ takenOver: false, budgetSpent: true, blind: true, refused: true })).toEqual([
      ['TicksTakenOver', 0],
      ['TickBudgetSpent', 1],
      ['Blind', 1],
      ['ChangesRefused', 1],
    ]);
    for (const { dimensions } of tickMetrics(
      POD,
      { takenOver: true, budgetSpent: true, blind: true, refused: true },
      0,
    )) {
      expect(dimensions).toEqual({ Pod: POD.name });
    }
  });

  it('publishes for tiers and scopes as it says', () => {
    const hosts = [judgement('i-b', 'boundary', 'b'), judgement('i-c', 'client', 'c')];
    const seen = new Map<MetricName, Set<string>>();
    for (const { name, dimensions } of hostMetrics(
      POD,
      hosts,
      { givenUp: [], startingTooLong: [], stoppedRollOuts: [] },
      0,
    )) {
      seen.set(name, (seen.get(name) ?? new Set()).add(`${dimensions.Tier} ${dimensions.AZ ? 'az' : 'tier'}`));
    }
    for (const { name, tiers, scope } of METRICS) {
      const scopes = scope === 'az' ? ['az', 'tier'] : ['tier'];
      expect([name, [...(seen.get(name) ?? [])].sort()]).toEqual([
        name,
        tiers.flatMap((tier) => scopes.map((of) => `${tier} ${of}`)).sort(),
      ]);
    }
  });
});
