import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NOTHING_MEASURED } from '../../src/diagnosis/facts.ts';
import type { Judgement, Stale, State } from '../../src/diagnosis/judgement.ts';
import { VOTES_UNKNOWN } from '../../src/diagnosis/votes.ts';
import { BY_AZ, type ByAz, TIERS } from '../../src/fleet/fleet.ts';
import { METRICS, metricNamed } from '../../src/metrics/catalogue.ts';
import { hostMetrics } from '../../src/metrics/hosts.ts';
import { metricsOfPod } from '../../src/metrics/published.ts';
import { TICK_METRICS } from '../../src/metrics/tick-catalogue.ts';
import { POD as BLUE, judgement } from '../builders/judgements.ts';

/** Everything that can be published is. */
const POD = { ...BLUE, metrics: { byAz: 'all' as const } };
const NOW = Date.UTC(2026, 10, 22, 21, 35);
const NO_PLAN = { givenUp: [], startingTooLong: [], stoppedRollOuts: [], inDns: new Set(['i-0b']) };

/** `tier[/az letter] name` -> values, so that a whole tick can be read. */
function published(judgements: Judgement[], facts: Parameters<typeof hostMetrics>[2] = NO_PLAN, byAz: ByAz = 'all') {
  return Object.fromEntries(
    hostMetrics({ ...BLUE, metrics: { byAz } }, judgements, facts, NOW).map(({ name, dimensions, values }) => [
      `${dimensions.Tier}${dimensions.AZ ? `/${dimensions.AZ.slice(-1)}` : ''} ${name}`,
      values,
    ]),
  );
}

const STALE: Stale = { rule: 'left-behind', names: ['ntp.az-b.pod'], addresses: ['10.0.1.5'], sentence: '' };

const TELLS_NOTHING = { confident: false, measures: NOTHING_MEASURED, votes: VOTES_UNKNOWN };

describe('the metrics of one tick', () => {
  it('tells of one boundary server and of the client tier that has no host yet', () => {
    expect(published([judgement('i-0b', 'boundary', 'b')])).toEqual({
      'boundary Offset': [0.25],
      'boundary OffsetMean': [0.25],
      'boundary TimeServiceOffset': [0.5],
      'boundary Jitter': [0.125],
      'boundary Delay': [0.75],
      'boundary ReachRatio': [1],
      'boundary ReachableSources': [3],
      'boundary ErrorBound': [1.5],
      'boundary LiesLeft': [0],
      'boundary LossesLeft': [0],
      'boundary Frequency': [12.5],
      'boundary HostsExpected': [1],
      'boundary HostsSampled': [1],
      'boundary HostsConfident': [1],
      'boundary HostsAdrift': [0],
      'boundary HostsAdriftFromTimeService': [0],
      'boundary HostsContradicted': [0],
      'boundary HostsUncertain': [0],
      'boundary HostsInHoldover': [0],
      'boundary HostsLowReach': [0],
      'boundary HostsUnsynchronised': [0],
      'boundary HostsHeld': [0],
      'boundary RollOutsStopped': [0],
      'boundary/b Offset': [0.25],
      'boundary/b OffsetMean': [0.25],
      'boundary/b TimeServiceOffset': [0.5],
      'boundary/b Jitter': [0.125],
      'boundary/b Delay': [0.75],
      'boundary/b ReachRatio': [1],
      'boundary/b ReachableSources': [3],
      'boundary/b ErrorBound': [1.5],
      'boundary/b LiesLeft': [0],
      'boundary/b LossesLeft': [0],
      'boundary/b Frequency': [12.5],
      'boundary/b HostsExpected': [1],
      'boundary/b HostsSampled': [1],
      'boundary/b HostsConfident': [1],
      'boundary/b HostsAdrift': [0],
      'boundary/b HostsAdriftFromTimeService': [0],
      'boundary/b HostsContradicted': [0],
      'boundary/b HostsUncertain': [0],
      'boundary/b HostsInHoldover': [0],
      'boundary/b HostsLowReach': [0],
      'boundary/b HostsUnsynchronised': [0],
      'boundary/b HostsHeld': [0],
      'client HostsExpected': [0],
      'client HostsSampled': [0],
      'client HostsConfident': [0],
      'client HostsAdrift': [0],
      'client HostsAdriftFromTimeService': [0],
      'client HostsUncertain': [0],
      'client HostsInHoldover': [0],
      'client HostsLowReach': [0],
      'client HostsUnsynchronised': [0],
      'client HostsStale': [0],
      'client HostsGivenUp': [0],
      'client HostsHeld': [0],
      'client RollOutsStopped': [0],
    });
  });

  it('counts every kind of trouble, and takes numbers only from hosts that told them', () => {
    const clients = [
      judgement('i-1', 'client', 'a', { measures: { offsetMs: -3, jitterMs: null } }),
      judgement('i-2', 'client', 'a', { state: 'unknown', ...TELLS_NOTHING }),
      judgement('i-3', 'client', 'c', {
        state: 'adrift',
        confident: false,
        measures: { offsetMs: 150, timeServiceOffsetMs: 151, frequencyPpm: -3.25 },
        over: ['offset', 'time-service'],
        host: { held: true },
      }),
      judgement('i-4', 'client', 'c', { state: 'no-daemon', ...TELLS_NOTHING }),
      judgement('i-5', 'client', 'c', {
        state: 'unsynchronised',
        ...TELLS_NOTHING,
        measures: { ...NOTHING_MEASURED, reachRatio: 0.5, reachableSources: 2, ageSeconds: 4000 },
      }),
      judgement('i-6', 'client', 'c', {
        state: 'starting',
        ...TELLS_NOTHING,
        measures: { ...NOTHING_MEASURED, reachRatio: 0.125, timeServiceOffsetMs: 3500, ageSeconds: 20 },
      }),
      judgement('i-7', 'client', 'c', { stale: STALE }),
      judgement('i-8', 'client', 'c', { stale: STALE }),
      judgement('i-9', 'client', 'c', { host: { state: 'stopped' } }),
    ];
    const publishedData = published(clients, { ...NO_PLAN, givenUp: ['i-8'], stoppedRollOuts: ['client'] });
    expect(Object.fromEntries(Object.entries(publishedData).filter(([key]) => key.startsWith('client ')))).toEqual({
      'client Offset': [3, 150, 0.25, 0.25],
      'client OffsetMean': [(-3 + 150 + 0.25 + 0.25) / 4],
      'client TimeServiceOffset': [0.5, 151, 3500, 0.5, 0.5],
      'client Jitter': [0.125, 0.125, 0.125],
      'client Delay': [0.75, 0.75, 0.75, 0.75],
      'client ReachRatio': [1, 1, 0.5, 0.125, 1, 1],
      'client ReachableSources': [3, 3, 2, 3, 3],
      'client ErrorBound': [1.5, 1.5, 1.5, 1.5],
      'client LiesLeft': [0, 0, 0, 0],
      'client LossesLeft': [0, 0, 0, 0],
      'client Frequency': [12.5, 3.25, 12.5, 12.5],
      'client HostsExpected': [8],
      'client HostsSampled': [7],
      'client HostsConfident': [3],
      'client HostsAdrift': [1],
      'client HostsAdriftFromTimeService': [1],
      'client HostsUncertain': [0],
      'client HostsInHoldover': [0],
      'client HostsLowReach': [1],
      'client HostsUnsynchronised': [2],
      'client HostsStale': [2],
      'client HostsGivenUp': [1],
      'client HostsHeld': [1],
      'client RollOutsStopped': [1],
    });
    expect([
      publishedData['client/a HostsExpected'],
      publishedData['client/c HostsExpected'],
      publishedData['boundary RollOutsStopped'],
    ]).toEqual([[2], [6], [0]]);
  });

  it('counts what is found of a host, not its state alone', () => {
    const data = published([
      judgement('i-31', 'boundary', 'c', {
        state: 'adrift',
        findings: ['adrift', 'uncertain', 'degraded'],
        confident: false,
      }),
      judgement('i-32', 'boundary', 'c', {
        state: 'contradicted',
        findings: ['contradicted', 'adrift'],
        confident: false,
      }),
      judgement('i-33', 'boundary', 'c', { state: 'holdover', confident: false }),
      judgement('i-34', 'boundary', 'c', { state: 'uncertain' }),
      // what is found of a daemon that starts is normal then, and of one that told nothing it is not known
      judgement('i-35', 'boundary', 'c', { state: 'starting', findings: ['starting', 'adrift'], confident: false }),
      judgement('i-36', 'boundary', 'c', { state: 'unknown', findings: ['unknown', 'adrift'], confident: false }),
      // but what its clients see of it
      judgement('i-37', 'boundary', 'c', { state: 'unknown', findings: ['unknown', 'contradicted'], confident: false }),
      judgement('i-38', 'boundary', 'c', {
        state: 'starting',
        findings: ['starting', 'contradicted'],
        confident: false,
      }),
    ]);
    const gauges = ['Adrift', 'Contradicted', 'Uncertain', 'InHoldover', 'Unsynchronised'];
    expect(gauges.map((gauge) => data[`boundary Hosts${gauge}`])).toEqual([[2], [2], [2], [1], [0]]);
  });

  it('stamps every datum with the time of the tick, and names every metric of the catalogue', () => {
    const data = hostMetrics(POD, [judgement('i-0b', 'boundary', 'b'), judgement('i-1', 'client', 'a')], NO_PLAN, NOW);
    expect(new Set(data.map(({ atMs }) => atMs))).toEqual(new Set([NOW]));
    expect(new Set(data.map(({ name }) => name))).toEqual(new Set(METRICS.map(({ name }) => name)));
  });

  const finite = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), { nil: null });
  const host = fc
    .record({
      tier: fc.constantFrom('boundary' as const, 'client' as const),
      letter: fc.constantFrom('a', 'b', 'c'),
      state: fc.constantFrom<State>(
        'unknown',
        'no-daemon',
        'starting',
        'unsynchronised',
        'contradicted',
        'adrift',
        'holdover',
        'uncertain',
        'degraded',
        'healthy',
      ),
      offsetMs: finite,
      timeServiceOffsetMs: finite,
      delayMs: finite,
      jitterMs: finite,
    })
    .map(({ tier, letter, state, ...measures }) => judgement('i-1', tier, letter, { state, measures }));

  it('never puts a negative number in a distribution, whatever the clocks say', () => {
    fc.assert(
      fc.property(fc.array(host, { maxLength: 30 }), (judgements) => {
        for (const { name, values } of hostMetrics(POD, judgements, NO_PLAN, NOW)) {
          if (metricNamed(name).kind === 'distribution') expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('rolls up exactly the values of the AZs', () => {
    fc.assert(
      fc.property(fc.array(host, { maxLength: 30 }), (judgements) => {
        const data = hostMetrics(POD, judgements, NO_PLAN, NOW);
        for (const { name, dimensions, values } of data.filter((datum) => datum.dimensions.AZ === undefined)) {
          const parts = data.filter(
            (datum) => datum.name === name && datum.dimensions.AZ && datum.dimensions.Tier === dimensions.Tier,
          );
          if (metricNamed(name).scope === 'tier' || metricNamed(name).kind === 'mean') continue;
          const partValues = parts.flatMap((part) => part.values);
          if (metricNamed(name).kind === 'gauge')
            expect(partValues.reduce((sum, value) => sum + value, 0)).toBe(values[0]);
          else expect([...partValues].sort()).toEqual([...values].sort());
        }
      }),
    );
  });

  describe('the confident boundary servers', () => {
    const servers = [
      judgement('i-0b', 'boundary', 'b'),
      judgement('i-0c', 'boundary', 'c'),
      judgement('i-0d', 'boundary', 'a', { state: 'adrift', confident: false }),
    ];
    const counted = (inDns: Set<string> | null, judgements: Judgement[] = servers) =>
      published(judgements, { ...NO_PLAN, inDns })['boundary HostsConfident'];

    it('are those that DNS names', () => {
      expect([counted(new Set(['i-0b', 'i-0d'])), counted(new Set()), counted(new Set(['i-0b', 'i-0c']))]).toEqual([
        [1],
        [0],
        [2],
      ]);
    });

    it('are not told where DNS could not be read, unless there is none', () => {
      expect([counted(null), counted(null, servers.slice(2)), counted(null, [])]).toEqual([undefined, [0], [0]]);
    });

    it('leave clients be, to whom no name leads', () => {
      const client = published([judgement('i-1', 'client', 'a')], { ...NO_PLAN, inDns: null });
      expect(client['client HostsConfident']).toEqual([1]);
    });
  });

  it('a boundary server that keeps starting counts as unsynchronised, one that just starts does not', () => {
    const starting = ['i-1', 'i-2'].map((id) =>
      judgement(id, 'boundary', 'a', { state: 'starting', confident: false }),
    );
    const counted = (startingTooLong: string[]) =>
      published(starting, { ...NO_PLAN, startingTooLong })['boundary HostsUnsynchronised'];
    expect([counted([]), counted(['i-2'])]).toEqual([[0], [1]]);
  });

  it('count a host without registers that misses a source, unless its daemon is young', () => {
    const counted = (ageSeconds: number, missing: Partial<Judgement>) =>
      published([judgement('i-2', 'client', 'a', { measures: { reachRatio: null, ageSeconds }, ...missing })])[
        'client HostsLowReach'
      ];
    expect([counted(4000, { missesSource: true }), counted(20, { missesSource: true }), counted(4000, {})]).toEqual([
      [1],
      [0],
      [0],
    ]);
  });

  const inTwoAzs = [
    judgement('i-b', 'boundary', 'b'),
    judgement('i-1', 'client', 'a', { state: 'unsynchronised', confident: false }),
    judgement('i-2', 'client', 'c', { measures: { reachRatio: 0.5 } }),
  ];
  const namesOf = (byAz: ByAz) => Object.keys(published(inTwoAzs, NO_PLAN, byAz));

  it('by AZ are with key those of the clients that an operator acts on', () => {
    const byAz = Object.entries(published(inTwoAzs, NO_PLAN, 'key')).filter(([key]) => key.includes('/'));
    expect(Object.fromEntries(byAz)).toEqual({
      'client/a HostsLowReach': [0],
      'client/c HostsLowReach': [1],
    });
  });

  it('by AZ are none with none, and the roll-up is that of key', () => {
    expect(namesOf('none')).toEqual(namesOf('key').filter((key) => !key.includes('/')));
  });

  it('are with key and none a part of those with all', () => {
    expect(namesOf('all')).toEqual(expect.arrayContaining(namesOf('key')));
    const missing = namesOf('all').filter((key) => !key.includes('/') && !namesOf('key').includes(key));
    const MISSING = ['OffsetMean', 'Jitter', 'Delay', 'ReachRatio', 'ReachableSources', 'HostsHeld'];
    const ofOneTier = ['client LiesLeft', 'client LossesLeft', 'client HostsConfident', 'boundary Frequency'];
    expect(missing.toSorted()).toEqual(
      [...TIERS.flatMap((tier) => MISSING.map((name) => `${tier} ${name}`)), ...ofOneTier].toSorted(),
    );
  });

  it.each(BY_AZ)('with %s are as many as the bill counts', (byAz) => {
    const { length } = Object.keys(published(inTwoAzs, NO_PLAN, byAz));
    expect(length + TICK_METRICS.length).toBe(metricsOfPod(byAz, { boundary: 1, client: 2 }));
  });

  it('costs no more metrics for ten thousand hosts than for a handful', () => {
    const few = POD.azs.flatMap((az, i) => [
      judgement(`i-${i}b`, 'boundary', az.slice(-1)),
      judgement(`i-${i}c`, 'client', az.slice(-1)),
    ]);
    const many = Array.from({ length: 10_000 }, (_, i) => judgement(`i-${i}`, 'client', 'abcdefg'.charAt(i % 7)));
    const series = (judgements: Judgement[]) => hostMetrics(POD, judgements, NO_PLAN, NOW).length;
    expect(series([...few, ...many])).toBe(series(few));
  });
});
