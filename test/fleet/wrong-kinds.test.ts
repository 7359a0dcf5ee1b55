import { describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { FleetFileError } from '../../src/fleet/errors.ts';
import { loadFleet } from '../../src/fleet/load.ts';

const POD = {
  region: 'us-west-2',
  vpc: 'vpc-0a1b2c3d4e5f60718',
  zone: { name: 'pod', id: 'Z0123456789ABCDEFGHIJ' },
  networks: ['10.20.0.0/16'],
  azs: ['us-west-2a', 'us-west-2b'],
};
const FLEET = { upstreams: ['a.invalid', 'b.invalid'], timeService: 'reference' };

function sentencesOf(pod: object, fleet: object = {}): string[] {
  try {
    loadFleet(stringify({ ...FLEET, ...fleet, pods: { blue: { ...POD, ...pod } } }, { aliasDuplicateObjects: false }));
    return [];
  } catch (error) {
    if (error instanceof FleetFileError) return error.faults.map(({ sentence }) => sentence);
    throw error;
  }
}

/** A setting of the wrong kind, by its path, how it is said, and what it stands beside. */
type Case = [path: string, said: string, pod: object, fleet?: object];

describe('a setting of the wrong kind is told, and nothing is compared with its default', () => {
  it.each<Case>([
    ['thresholds.errorBoundMs', '"400"', { thresholds: { errorBoundMs: '400', offsetMs: 300 } }],
    ['thresholds.errorBoundMs', '"9"', { thresholds: { errorBoundMs: '9' }, extra: { chrony: ['maxdistance 0.1'] } }],
    ['thresholds.offsetMs', '"0.5"', { thresholds: { offsetMs: '0.5', errorBoundMs: 20 }, poll: { max: 6 } }],
    ['thresholds.offsetMs', '"90"', { thresholds: { offsetMs: '90' }, extra: { ntpd: ['tos mindist 0.08'] } }],
    ['thresholds.holdoverPpm', '"9"', { thresholds: { holdoverPpm: '9', errorBoundMs: 55 } }],
    ['thresholds.withdrawAfterSeconds', '"900"', { thresholds: { withdrawAfterSeconds: '900' }, intervalSeconds: 600 }],
    ['thresholds.confidentSources', '"1"', { thresholds: { confidentSources: '1' } }, { upstreams: ['a.invalid'] }],
    ['thresholds', '"x"', { thresholds: 'x', poll: { max: 12 }, intervalSeconds: 600 }],
    ['thresholds', '"x"', { thresholds: 'x' }, { upstreams: ['a.invalid'] }],
    ['boundaryServers', '"5"', { boundaryServers: '5', cycling: { floor: 4 } }],
    ['boundaryServers', '"5"', { boundaryServers: '5', hosts: 1 }],
    [
      'boundaryServers',
      '"5"',
      { boundaryServers: '5', thresholds: { confidentSources: 3 } },
      { timeService: 'source', leapSmear: 'accepted' },
    ],
    ['hosts', '"500"', { hosts: '500', boundaryServers: 16 }],
    ['hosts', '"9"', { hosts: '9' }, { ssm: { readsPerSecond: 1 } }],
    ['cycling', '4', { cycling: 4 }],
    ['poll.max', '"12"', { poll: { min: 11, max: '12' } }],
    ['poll.min', '"4"', { poll: { min: '4', max: 5 } }],
    ['poll.max', '"6"', { poll: { max: '6' }, thresholds: { errorBoundMs: 55 } }],
    ['poll', '6', { poll: 6, thresholds: { errorBoundMs: 55 } }],
    ['intervalSeconds', '"60"', { intervalSeconds: '60', thresholds: { withdrawAfterSeconds: 200 } }],
    ['intervalSeconds', '"600"', { intervalSeconds: '600', hosts: 50_000 }, { ssm: { readsPerSecond: 2 } }],
    ['step.thresholdSeconds', '"0.1"', { step: { thresholdSeconds: '0.1', panicSeconds: 1 } }],
    ['step', '1', { step: 1 }],
  ])('%s: %s', (...[path, said, pod, fleet]) => {
    expect(sentencesOf(pod, fleet)).toEqual([expect.stringMatching(new RegExp(`^pods\\.blue\\.${path} is ${said};`))]);
  });

  it.each<[string, object, object]>([
    ['leapSmear is "Accepted";', { leapSmear: 'Accepted', timeService: 'source' }, {}],
    ['ssm.readsPerSecond is "50";', { ssm: { readsPerSecond: '50' } }, { hosts: 50_000, intervalSeconds: 60 }],
    ['ssm is 50;', { ssm: 50 }, { hosts: 50_000, intervalSeconds: 60 }],
  ])('%s', (said, fleet, pod) => {
    expect(sentencesOf(pod, fleet)).toEqual([expect.stringContaining(said)]);
  });

  it.each<[string, object, object]>([
    ['pods.blue.together is "true";', { together: 'true', extra: { ntpd: ['tos ceiling 12'] } }, {}],
    ['pods.blue.together is "true";', { together: 'true', extra: { ntpd: ['tos ceiling 4'] } }, {}],
    [
      'pods.blue.poll.max is "6";',
      { poll: { max: '6' }, extra: { chrony: ['ntsrefresh 512'] } },
      { upstreams: [{ host: 'a.invalid', nts: true }, 'b.invalid'] },
    ],
    [
      'pods.blue.extra.chrony[1] is 5;',
      { extra: { chrony: ['nosystemcert', 5, 'ntsservercert /etc/a'] } },
      { upstreams: [{ host: 'a.invalid', nts: true }, 'b.invalid'] },
    ],
    ['pods.blue.extra.ntpd-rs[0] is 5;', { extra: { 'ntpd-rs': [5, 'key = 1'] } }, {}],
  ])('%s beside extra lines', (said, pod, fleet) => {
    expect(sentencesOf(pod, fleet)).toEqual([expect.stringContaining(said)]);
  });
});

describe('what does not hang on it', () => {
  it('is told beside it', () => {
    expect(
      sentencesOf({ poll: { min: '4', max: 12 }, thresholds: { errorBoundMs: 55, offsetMs: 90 }, hosts: 'x' }),
    ).toEqual([
      expect.stringContaining('pods.blue.poll.min is "4";'),
      expect.stringContaining('errorBoundMs 55 is below offsetMs 90'),
      expect.stringContaining('errorBoundMs 55 is less than can be kept with polls of up to 4096 s (poll max 12)'),
      expect.stringContaining('pods.blue.hosts is "x";'),
    ]);
  });

  it('is told of an upstream by its own poll', () => {
    const upstreams = [{ host: 'a.invalid', poll: { max: 12 } }, 'b.invalid'];
    expect(sentencesOf({ poll: { max: '6' } }, { upstreams })).toEqual([
      expect.stringContaining('(poll max of upstream a.invalid 12)'),
      expect.stringContaining('pods.blue.poll.max is "6";'),
    ]);
  });
});
