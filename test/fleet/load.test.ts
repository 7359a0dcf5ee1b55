import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { FleetFileError } from '../../src/fleet/errors.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
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

  it.each([
    [
      'of a size that nobody writes',
      `pods:\n${'  p: {}\n'.repeat(40_000)}`,
      'the file has 320,006 characters (limit 262,144)',
    ],
    [
      'in UTF-16',
      Buffer.from('\ufeffpods: {}', 'utf16le').toString('utf8'),
      'the file is binary, or UTF-16: a fleet file is text in UTF-8',
    ],
  ])('%s is refused without being read', (_, text, sentence) => {
    expect(faultsOf(text).message).toBe(`fleet.yml:1: ${sentence}`);
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
      upstreams: ['us-west-2b.stratum-2.invalid', 'us-west-2c.stratum-2.invalid'].map((host) => ({
        host,
        poll: { min: null, max: null },
        smear: 'utc',
        nts: false,
      })),
      timeService: { mode: { boundary: 'source', client: 'source' }, poll: { min: 4, max: 4 } },
      leapSmear: 'accepted',
      leapSecond: null,
      ntsRequired: false,
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
      step: { thresholdSeconds: null, limit: -1, panicSeconds: 0 },
      leapFile: null,
      extra: { chrony: [], ntpd: [], ntpsec: [], 'ntpd-rs': [] },
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
        uncertainHosts: 1,
        holdoverHosts: 1,
        clientLowReachShare: 0.2,
        boundaryLowReachShare: 0.5,
        coverageShare: 0.9,
        staleHosts: 1,
        staleSeconds: 3600,
        givenUpHosts: 1,
        liesLeft: 1,
        lossesLeft: 1,
      },
      metrics: { byAz: 'key' },
      history: { days: 30, lock: null },
      together: false,
      rollout: 'gentle',
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
      upstreams: [{ host: '2001:db8:9::7' }, { host: 'ntp.example' }],
      leapSmear: null,
      leapSecond: null,
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

  it.each([
    ['all followed smear as AWS does', 'source', '[time.aws.com, { host: a.invalid, smear: aws }]'],
    ['all followed smear as Google does', 'reference', '[time1.google.com, time2.google.com]'],
    ['all followed take a leap second as it comes', 'reference', '[a.invalid, 192.0.2.7]'],
  ])('leapSmear, where %s', (_, timeService, upstreams) => {
    const text = SMALL.replace('reference', timeService).replace(/upstreams: .*/, `upstreams: ${upstreams}`);
    expect(loadFleet(text).leapSmear).toBeNull();
  });

  it('leapSmear said, where classes are mixed', () => {
    const text = `${SMALL.replace(/upstreams: .*/, 'upstreams: [time.google.com, a.invalid]')}leapSmear: accepted\n`;
    expect(loadFleet(text).upstreams.map(({ smear }) => smear)).toEqual(['google', 'utc']);
  });

  it('what is set of an upstream and of the time service, in a group', () => {
    const text = SMALL.replace(
      /upstreams: .*/,
      'upstreams: [{ host: "2001:DB8:9::0:7", poll: { min: 8 } }, { host: time.aws.com, smear: utc }]',
    ).replace('reference', '{ boundary: reference, client: source, poll: { max: 5 } }');
    expect(loadFleet(`${text}leapSmear: accepted\n`)).toMatchObject({
      upstreams: [
        { host: '2001:db8:9::7', poll: { min: 8, max: null }, smear: 'utc' },
        { host: 'time.aws.com', poll: { min: null, max: null }, smear: 'utc' },
      ],
      timeService: { mode: { boundary: 'reference', client: 'source' }, poll: { min: 4, max: 5 } },
    });
  });
});

describe("a pod's profile", () => {
  const podOf = (settings: string) => {
    const [pod] = loadFleet(`
upstreams: [a.invalid, b.invalid, c.invalid]
timeService: reference
pods:
  red:
    region: eu-central-1
    zone: { name: red.internal }
    networks: [10.0.0.0/24]
    azs: [eu-central-1a, eu-central-1b]
    ${settings}
`).pods;
    const { offsetMs, timeServiceOffsetMs, errorBoundMs, startingSeconds } = pod?.thresholds ?? {};
    return [offsetMs, timeServiceOffsetMs, errorBoundMs, startingSeconds, pod?.poll];
  };
  const LOGS = [50, 50, 200, 600, { min: null, max: null }];
  const DATABASE = [1, 5, 5, 600, { min: null, max: 6 }];

  it('is logs, or what the file says, limits and longest poll in one', () => {
    expect(podOf('')).toEqual(LOGS);
    expect(podOf('profile: logs')).toEqual(LOGS);
    expect(podOf('profile: database')).toEqual(DATABASE);
  });

  it('gives way to what is written beside it', () => {
    expect(podOf('profile: database\n    thresholds: { offsetMs: 2, startingSeconds: 300 }')).toEqual([
      2,
      5,
      5,
      300,
      { min: null, max: 6 },
    ]);
    expect(podOf('profile: database\n    poll: { min: 5, max: 5 }')).toEqual([1, 5, 5, 600, { min: 5, max: 5 }]);
    expect(podOf('profile: database\n    poll: { max: 8 }\n    thresholds: { errorBoundMs: 15.36 }')).toEqual([
      1,
      5,
      15.36,
      600,
      { min: null, max: 8 },
    ]);
    expect(podOf('thresholds: { errorBoundMs: 61.44 }')).toEqual([50, 50, 61.44, 600, { min: null, max: null }]);
  });
});

/** Upstreams, time service and a profile with all that they take. */
const IN_GROUPS = `
upstreams:
  - host: a.invalid
    poll: { min: 7, max: 8 }
    smear: utc
  - host: 192.0.2.7
    poll:
      min: 6
      max: 6
timeService:
  boundary: reference
  client: source
  poll:
    min: 4
    max: 5
leapSmear: accepted
pods:
  red:
    region: eu-central-1
    zone: { name: red.internal }
    networks: [10.0.0.0/24]
    azs: [eu-central-1a]
    profile: database
    poll:
      min: 4
      max: 6
    thresholds:
      errorBoundMs: 20
`;

describe('what daemons are told beside their sources', () => {
  const podOf = (settings: string, upstreams = '[a.invalid, b.invalid, c.invalid]') => {
    const text = `upstreams: ${upstreams}
timeService: reference
pods:
  blue:
    region: us-west-2
    zone: { name: pod }
    networks: [10.20.0.0/16]
    azs: [us-west-2a, us-west-2b]
${settings}`;
    const [{ step, leapFile, extra }] = loadFleet(text).pods as [Pod];
    return { step, leapFile, extra };
  };

  it('is what the file says', () => {
    const settings = `
    step: { thresholdSeconds: 0.5, limit: 3, panicSeconds: 1000 }
    leapFile: /usr/share/zoneinfo/leap-seconds.list
    extra:
      chrony: [hwtimestamp *, maxupdateskew 50]
      ntpd: [tinker stepout 60, tos minsane 1, enable stats]
      ntpsec: [rlimit memlock 0]
      ntpd-rs: ["[keyset]", key-rotation-interval = 86400, "[synchronization.source]"]`;
    expect(podOf(settings)).toEqual({
      step: { thresholdSeconds: 0.5, limit: 3, panicSeconds: 1000 },
      leapFile: '/usr/share/zoneinfo/leap-seconds.list',
      extra: {
        chrony: ['hwtimestamp *', 'maxupdateskew 50'],
        ntpd: ['tinker stepout 60', 'tos minsane 1', 'enable stats'],
        ntpsec: ['rlimit memlock 0'],
        'ntpd-rs': ['[keyset]', 'key-rotation-interval = 86400', '[synchronization.source]'],
      },
    });
  });

  it('is a leap file also where the time service, which smears, is watched only', () => {
    expect(podOf('    leapFile: /etc/leap-seconds.list').leapFile).toBe('/etc/leap-seconds.list');
  });

  it('is any value of extra lines that leaves hosts their time', () => {
    // three upstreams and boundary servers, errorBoundMs 200, offsetMs 50
    const extra = {
      chrony: [
        ...['minsources 2', 'MinSources 1', 'minsources 0', 'minsources x', 'maxdistance 0.2', 'maxdistance inf'],
        ...['maxdistance 16', 'maxjitter 0.2', 'nocerttimecheck 0', 'nosystemcert', 'ntsrefresh 1', 'ntsaeads 15'],
        ...['ntstrustedcerts /etc/ssl/own.pem', 'stratumweight 0', 'reselectdist 1', 'combinelimit 0', 'maxsamples 1'],
        ...['ntsservercert /etc/own.pem', 'NtsServerKey /etc/own.key'],
      ],
      ntpd: [
        ...[
          'tos minsane 2 maxdist 0.2 mindist 0.05 floor 1 ceiling 5',
          'tos minclock 1',
          'tos minclock 9',
          'tos floor',
        ],
        'tos cohort 1 # tos minsane 9',
        ...['rlimit memlock 32 filenum 64', 'rlimit memlock -1 filenum -1', 'rlimit memlock 0 stacksize 50', 'rlimit'],
        'mru initmem 65536 incalloc 700000 maxmem 9999999',
      ],
      ntpsec: [
        'rlimit memlock 1',
        'nts mintls TLS1.3 maxtls TLS1.3',
        'nts tlsciphersuites TLS_AES_256_GCM_SHA384',
        'nts ca /etc/ssl',
      ],
      'ntpd-rs': [
        ...['[synchronization.algorithm]', 'meddling-threshold = 1', 'delay-outlier-threshold = 0'],
        ...['slew-maximum-frequency-offset = 0.000_001', 'slew-minimum-duration = 0', 'slew-minimum-duration = 86_400'],
      ],
    };
    const settings = `    boundaryServers: 3\n    association: pool\n    extra: ${JSON.stringify(extra)}`;
    expect(podOf(settings).extra).toEqual(extra);
  });

  it('is a value of extra lines by what the pod has itself, sources, limits and certificates', () => {
    const extra = {
      chrony: [
        ...['minsources 3', 'maxdistance 0.005', 'ntsrefresh 65', 'nosystemcert', 'NtsTrustedCerts 0 /etc/own.pem'],
        // as C's strtod reads them: 1 s, 0.25 s, 6 ms
        ...['maxdistance 0x1', 'maxdistance +0X.8p-1', 'maxjitter 0x.6p-6', 'maxjitter nan'],
      ],
      ntpd: [],
      ntpsec: ['tos minsane 3 mindist 0.001 ceiling 12'],
      'ntpd-rs': [],
    };
    const settings = `    profile: database\n    boundaryServers: 4\n    association: pool\n    extra: ${JSON.stringify(extra)}`;
    const upstreams = '[{ host: a.invalid, nts: true }, { host: b.invalid, nts: true }, c.invalid, d.invalid]';
    expect(podOf(settings, upstreams).extra).toEqual(extra);
  });

  it('is the algorithm of ntpd-rs, where podtime sets nothing of it', () => {
    const lines = ['[synchronization.algorithm]', 'step-threshold = 0.02'];
    expect(podOf(`    extra: { ntpd-rs: ${JSON.stringify(lines)} }`).extra['ntpd-rs']).toEqual(lines);
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
    for (const text of [shipped('packages/lab/fleet.yml'), IN_GROUPS]) {
      expect(loadFleet(text).leapSmear).toBe('accepted');
      const paths = text.split('\n').flatMap((line, index) => (/^\s*(?:- )?[\w-]+: \S/.test(line) ? [index] : []));
      fc.assert(
        fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 2 }), (at, value) => {
          const lines = text.split('\n');
          lines[at] = (lines[at] as string).replace(/: .*/, `: ${JSON.stringify(value)}`);
          settle(lines.join('\n'));
        }),
        { numRuns: 300 },
      );
    }
  });

  it('so is any tree', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => settle(stringify({ pods: { blue: value }, upstreams: value }))));
  });
});
