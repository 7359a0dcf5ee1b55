import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { FleetFileError } from '../../src/fleet/errors.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { anyText } from '../builders/any-text.ts';
import { expectWithin } from '../builders/expectations.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CASES = join(ROOT, 'test', 'fixtures', 'fleet');

function shipped(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function faultsOf(text: string, file?: string): FleetFileError {
  try {
    loadFleet(text, file);
  } catch (error) {
    if (error instanceof FleetFileError) return error;
    throw error;
  }
  throw new Error('the file was taken');
}

describe('a faulty fleet file', () => {
  it.each(readdirSync(CASES))('%s: every fault is told, with its line, in one message', (name) => {
    const text = readFileSync(join(CASES, name, 'fleet.yml'), 'utf8');
    expect(`${faultsOf(text).message}\n`).toBe(readFileSync(join(CASES, name, 'expected.txt'), 'utf8'));
  });

  it('is named as the caller names it', () => {
    expect(faultsOf('pods: 1', 'packages/lab/fleet.yml').message).toMatch(
      /^packages\/lab\/fleet\.yml:1: upstreams is missing$/m,
    );
  });
});

describe('the shipped fleet', () => {
  const fleet = loadFleet(shipped('fleet.yml'));

  it('is two boundary servers that clients name as servers', () => {
    const [blue, green] = fleet.pods;
    expect(fleet).toMatchObject({
      upstreams: ['us-west-2b.stratum-2.invalid', 'us-west-2c.stratum-2.invalid'],
      timeService: 'source',
      leapSmear: 'accepted',
      operatorVpcs: [],
      ssm: { readsPerSecond: null },
    });
    expect(blue).toEqual({
      name: 'blue',
      region: 'us-west-2',
      vpc: '',
      endpoints: [],
      newEndpoint: null,
      zone: { name: 'pod', id: '' },
      networks: ['10.20.0.0/16', '2001:db8:20::/56'],
      azs: [...'abcdefg'].map((letter) => `us-west-2${letter}`),
      hosts: 1000,
      boundaryServers: 2,
      association: 'server',
      poll: { min: null, max: null },
      intervalSeconds: 300,
      collectWaitSeconds: 45,
      thresholds: {
        offsetMs: 50,
        timeServiceOffsetMs: 50,
        errorBoundMs: 200,
        holdoverPpm: 15,
        disagreementMs: 5,
        startingSeconds: 600,
        confidentAgeSeconds: 300,
        confidentPolls: 6,
        confidentSources: 2,
        withdrawAfterSeconds: 900,
      },
      cycling: {
        coolDownSeconds: 600,
        waveShare: 0.1,
        maxConcurrencyShare: 0.02,
        floor: 1,
        attemptsPerDay: 3,
        maxErrorShare: 0.02,
      },
      maintenance: [],
      alarms: {
        adriftHosts: 1,
        adriftFromTimeServiceHosts: 1,
        unsynchronisedHosts: 1,
        clientLowReachShare: 0.2,
        boundaryLowReachShare: 0.5,
        coverageShare: 0.9,
        staleHosts: 1,
        staleSeconds: 3600,
        givenUpHosts: 1,
      },
      metrics: { byAz: 'key' },
    });
    expect(green).toMatchObject({
      association: 'pool',
      poll: { min: 6, max: 8 },
      maintenance: [{ days: [2, 3, 4], startMinute: 22 * 60, endMinute: 4 * 60 }],
    });
  });

  it('has a local counterpart whose hosts are judged by the same ages', () => {
    const local = loadFleet(shipped('packages/lab/fleet.yml'), 'packages/lab/fleet.yml');
    const ages = ({ startingSeconds, confidentAgeSeconds }: (typeof fleet.pods)[number]['thresholds']) => ({
      startingSeconds,
      confidentAgeSeconds,
    });
    expect(local.pods.map(({ name }) => name)).toEqual(['blue', 'green']);
    for (const pod of local.pods) {
      expect(ages(pod.thresholds)).toEqual({ startingSeconds: 600, confidentAgeSeconds: 300 });
      expect(pod.intervalSeconds).toBeLessThanOrEqual(15);
    }
  });
});

describe('what a fleet file may leave to itself', () => {
  const SMALL = `
upstreams: ["2001:DB8:9::0:7", ntp.example]
timeService: reference
pods:
  red:
    region: eu-central-1
    zone: { name: red.internal }
    networks: ["2001:DB8:0::/048", 10.0.0.0/24]
    azs: [eu-central-1c, eu-central-1a]
    maintenance:
      - { from: 23:30, to: 00:15 }
`;

  it('spellings: addresses become canonical, AZs are put in order', () => {
    expect(loadFleet(SMALL)).toMatchObject({
      upstreams: ['2001:db8:9::7', 'ntp.example'],
      leapSmear: null,
      pods: [{ networks: ['2001:db8::/48', '10.0.0.0/24'], azs: ['eu-central-1a', 'eu-central-1c'] }],
    });
  });

  it('the days of a maintenance window: every day then', () => {
    expect(loadFleet(SMALL).pods[0]?.maintenance).toEqual([
      { days: [0, 1, 2, 3, 4, 5, 6], startMinute: 23 * 60 + 30, endMinute: 15 },
    ]);
  });

  it('leapSmear, where the time service is only watched', () => {
    expect(faultsOf(SMALL.replace('reference', 'source')).faults).toEqual([
      { line: 3, sentence: expect.stringContaining('leapSmear: accepted') },
    ]);
  });
});

describe('whatever stands in a file', () => {
  const lineCount = (text: string) => text.split('\n').length;
  const settle = (text: string) => {
    try {
      const { pods } = loadFleet(text);
      expect(pods.length).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toBeInstanceOf(FleetFileError);
      const { faults } = error as FleetFileError;
      expect(faults.length).toBeGreaterThan(0);
      for (const { line, sentence } of faults) {
        expectWithin(line, 1, lineCount(text));
        expect(sentence).not.toMatch(/undefined|\[object|Invalid input/);
      }
    }
  };

  it('text of any kind is a fleet, or refused with faults that stand in it', () => {
    fc.assert(fc.property(anyText(), settle));
  });

  it('so is a fleet of which any value was replaced by another', () => {
    const text = shipped('packages/lab/fleet.yml');
    const paths = text.split('\n').flatMap((line, index) => (/^\s*[\w-]+: \S/.test(line) ? [index] : []));
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 2 }), (at, value) => {
        const lines = text.split('\n');
        lines[at] = (lines[at] as string).replace(/: .*/, `: ${JSON.stringify(value)}`);
        settle(lines.join('\n'));
      }),
      { numRuns: 300 },
    );
  });

  it('so is any tree', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => settle(stringify({ pods: { blue: value }, upstreams: value }))));
  });
});
