import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { metricsPage } from '../../scripts/metrics-page.ts';
import { BY_AZ, TIERS } from '../../src/fleet/fleet.ts';
import { METRICS, type MetricName, metricNamed } from '../../src/metrics/catalogue.ts';
import { hostMetrics, tickMetrics } from '../../src/metrics/hosts.ts';
import { TICK_METRICS, type TickFacts } from '../../src/metrics/tick-catalogue.ts';
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

  it('publishes by AZ with key only what has a reason and can be told of an AZ', () => {
    const keys = METRICS.filter(({ key }) => key !== null);
    expect(keys.map(({ scope, onlyWithAll }) => [scope, onlyWithAll])).toEqual(keys.map(() => ['az', null]));
    expect(keys.length).toBeGreaterThan(0);
  });

  it('tells of a tick itself at Pod alone, 1 or 0, and of clocks together as far as they are known', () => {
    const valuesOf = (facts: TickFacts) => tickMetrics(POD, facts, 0).map(({ name, values }) => [name, ...values]);
    expect(valuesOf({ takenOver: true, budgetSpent: false, blind: false, refused: false, clocks: null })).toEqual([
      ['TicksTakenOver', 1],
      ['TickBudgetSpent', 0],
      ['Blind', 0],
      ['ChangesRefused', 0],
    ]);
    const all = { takenOver: false, budgetSpent: true, blind: true, refused: true };
    const contradicted = [{ clock: '192.0.2.1', sentence: '2 of 2 …' }];
    const clocks = { skew: { skewMs: 3.25, hosts: 9, of: 10 }, contradicted, unwitnessed: ['i-0a'] };
    expect(valuesOf({ ...all, clocks })).toEqual([
      ['TicksTakenOver', 0],
      ['TickBudgetSpent', 1],
      ['Blind', 1],
      ['ChangesRefused', 1],
      ['PodSkew', 3.25],
      ['UpstreamsContradicted', 1],
    ]);
    const unknown = { skew: null, contradicted: [], unwitnessed: [] };
    expect(valuesOf({ ...all, clocks: unknown }).slice(4)).toEqual([['UpstreamsContradicted', 0]]);
    for (const { dimensions } of tickMetrics(POD, { ...all, clocks }, 0)) expect(dimensions).toEqual({ Pod: POD.name });
  });

  it.each(BY_AZ)('publishes for tiers and scopes as its page says, with %s', (byAz) => {
    const hosts = [judgement('i-b', 'boundary', 'b'), judgement('i-c', 'client', 'c')];
    const seen = new Map<MetricName, Set<string>>();
    for (const { name, dimensions } of hostMetrics(
      { ...POD, metrics: { byAz } },
      hosts,
      { givenUp: [], startingTooLong: [], stoppedRollOuts: [], inDns: new Set() },
      0,
    )) {
      seen.set(name, (seen.get(name) ?? new Set()).add(`${dimensions.Tier} ${dimensions.AZ ? 'az' : 'tier'}`));
    }
    const rows = [...metricsPage().matchAll(/^\| `(\w+)` \| \w+ \| [^|]+ \| (`Pod, Tier`[^|]*) \| ([^|]*) \|/gm)];
    expect(rows.map(([, name]) => name)).toEqual(METRICS.map(({ name }) => name));
    for (const [, name, dimensions = '', azs = ''] of rows) {
      const tiers = TIERS.filter((tier) => !dimensions.includes('`Tier` =') || dimensions.includes(`= \`${tier}\``));
      const withAll = /; of `(\w+)` with `all`/.exec(dimensions)?.[1];
      const isWithAll = (tier: string) =>
        withAll === undefined ? dimensions.includes('; with `all`') : tier === withAll;
      const rolledUp = tiers.filter((tier) => byAz === 'all' || !isWithAll(tier));
      const ofAll = azs.includes('with `all`') ? tiers : [];
      const ofKey = azs.includes('of clients with `key`') ? ['client'] : [];
      const split = { all: ofAll, key: ofKey, none: [] }[byAz];
      expect([name, [...(seen.get(name as MetricName) ?? [])].sort()]).toEqual([
        name,
        [...rolledUp.map((tier) => `${tier} tier`), ...split.map((tier) => `${tier} az`)].sort(),
      ]);
    }
  });
});
