import { describe, expect, it } from '@jest/globals';
import type { Collected } from '../../src/host/collected.ts';
import type { SystemState } from '../../src/ntp/source.ts';
import { collected, judge } from '../builders/sightings.ts';

type Given = Partial<Omit<Collected, 'system'>> & { system?: Partial<SystemState> | null };

/** What is remarked of a settled host, two hours old, that differs so from one with nothing to remark. */
const remarksOf = (given: Given) => judge(collected({ ageSeconds: 7200, ...given })).remarks;

describe('the frequency against the drift file', () => {
  const drift = (frequencyPpm: number | null, driftPpm: number | null, more: Given = {}) =>
    remarksOf({ driftPpm, ...more, system: { frequencyPpm, ...more.system } });

  it('is told with both, the difference and the limit, and changes no state', () => {
    const judgement = judge(collected({ ageSeconds: 7200, driftPpm: 12.345, system: { frequencyPpm: 20.745 } }));
    expect(judgement).toMatchObject({ state: 'healthy', confident: true });
    expect(judgement.remarks).toEqual([
      'its clock runs 8.4 ppm off what its drift file remembers (20.745 ppm against 12.345 ppm, limit 5 ppm): its offset may follow.',
    ]);
  });

  it.each([
    [5, 0],
    [-5, 0],
    [-3.25, -8.25],
  ])('%d ppm against %d ppm is within 5 ppm', (frequency, kept) => {
    expect(drift(frequency, kept)).toEqual([]);
  });

  it.each([
    [5.001, 0, '5.001 ppm off'],
    [-5.001, 0, '5.001 ppm off'],
    [-2.75, 2.5, '5.25 ppm off'],
    [5.0000625, 0, '5.0000625 ppm off'],
    [10.3, 0.1, '10.2 ppm off'],
    [-0.0001, -8, '(0 ppm against -8 ppm'],
  ])('%d ppm against %d ppm is over it', (frequency, kept, words) => {
    expect(drift(frequency, kept)).toEqual([expect.stringContaining(words)]);
  });

  it.each([
    ['its daemon', { system: { skewPpm: 2 } }],
    ['its drift file', { driftSkewPpm: 2 }],
    ['the less sure of both', { driftSkewPpm: 2, system: { skewPpm: 0.5 } }],
  ])('may differ by five times the skew of %s', (_, given) => {
    expect(drift(10, 0, given)).toEqual([]);
    expect(drift(10.5, 0, given)).toEqual([expect.stringContaining('limit 10 ppm')]);
  });

  it('is at least 5 ppm however sure the daemon is', () => {
    expect(drift(4.5, 0, { system: { skewPpm: 0.01 } })).toEqual([]);
    expect(drift(5.5, 0, { system: { skewPpm: 0.01 } })).toEqual([expect.stringContaining('limit 5 ppm')]);
  });

  it.each([
    ['a daemon of an hour', { ageSeconds: 3600 }],
    ['a daemon of unknown age', { ageSeconds: null }],
    ['a clock that was never set', { system: { leap: 'alarm' as const } }],
  ])('is not compared of %s', (_, given) => {
    expect(drift(50, 0, given).filter((remark) => remark.includes('drift'))).toEqual([]);
  });

  it('is compared from a second more on', () => {
    expect(drift(50, 0, { ageSeconds: 3601 })).toEqual([expect.stringContaining('50 ppm off')]);
  });

  it('is not compared where either is not known', () => {
    expect(drift(null, 50)).toEqual([]);
    expect(drift(50, null)).toEqual([]);
  });
});

describe('the clock source', () => {
  it.each(['jiffies', 'refined-jiffies', 'pit', 'acpi_pm', 'hpet'])('%s is told', (clockSource) => {
    expect(remarksOf({ clockSource })).toEqual([
      `the kernel counts time by ${clockSource}, which it turns to where it has, or trusts, nothing better.`,
    ]);
  });

  it.each(['tsc', 'kvm-clock', 'xen', 'arch_sys_counter', 'hyperv_clocksource_tsc_page', null])(
    '%s is not',
    (clockSource) => {
      expect(remarksOf({ clockSource })).toEqual([]);
    },
  );
});

describe("the kernel's unsynchronised flag", () => {
  it('is told of a daemon that is synchronised', () => {
    expect(remarksOf({ kernelUnsynchronised: true })).toEqual([
      'the kernel takes its clock for unsynchronised, though ntpsec 1.2.2 is not: programs that ask the kernel are told so, and the daemon may not be allowed to steer it.',
    ]);
  });

  it('is no news of one that is not, or that does not say, and is as it should be otherwise', () => {
    const kernelRemarksOf = (given: Given) => remarksOf(given).filter((remark) => remark.includes('kernel'));
    expect(kernelRemarksOf({ kernelUnsynchronised: true, system: { leap: 'alarm' } })).toEqual([]);
    expect(kernelRemarksOf({ kernelUnsynchronised: true, system: { leap: null } })).toEqual([]);
    expect(kernelRemarksOf({ kernelUnsynchronised: true, sources: [] })).toEqual([]);
    expect(kernelRemarksOf({ kernelUnsynchronised: false })).toEqual([]);
    expect(kernelRemarksOf({ kernelUnsynchronised: null })).toEqual([]);
  });

  it('is normal of a daemon that is starting', () => {
    const young = judge(collected({ ageSeconds: 30, kernelUnsynchronised: true }));
    expect(young.state).toBe('starting');
    expect(young.remarks).toEqual([]);
  });
});

describe('packets that a server drops', () => {
  const dropped = (packetsDropped: number | null, packetsReceived: number | null) =>
    remarksOf({ packetsDropped, packetsReceived });

  it('are told with their share and all that came', () => {
    expect(dropped(40_800, 340_000)).toEqual([
      'dropped 12 % of 340,000 packets since it started, as they came too often (limit 5 %).',
    ]);
  });

  it.each([
    [500, 10_000],
    [0, 10_000],
    [999, 999],
    [null, 10_000],
    [500, null],
  ])('%s of %s are not', (drops, received) => {
    expect(dropped(drops, received)).toEqual([]);
  });

  it.each([
    [501, 10_000],
    [51, 1000],
  ])('%d of %d are', (drops, received) => {
    expect(dropped(drops, received)).toHaveLength(1);
  });
});
