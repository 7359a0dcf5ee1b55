import { describe, expect, it } from '@jest/globals';
import { fleetNotices } from '../../infra/notices.ts';
import { type Fleet, findPod, type Pod } from '../../src/fleet/fleet.ts';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';
import fleet from '../builders/shipped-fleet.ts';

const blue = findPod(fleet, 'blue') as Pod;

describe('what packaging tells of a fleet', () => {
  const tellsOf = (given: Partial<Fleet>) =>
    fleetNotices({ ...fleet, pods: [blue], ...given }).map((sentence) => sentence.replace(/\d.*/, '…'));

  it('is how a pod is rolled out, which function is its watchdog, and what its votes want', () => {
    expect(tellsOf({})).toEqual(['blue: …', 'Pod blue is built for …', "Pod blue: a client's …"]);
    const upstreams = ['a.invalid', 'b.invalid', 'c.invalid'].map(readUpstream);
    const timeService = readTimeService({ boundary: 'reference', client: 'source' });
    expect(tellsOf({ upstreams, timeService })).toEqual(['blue: …', 'Pod blue is built for …']);
    expect(tellsOf({ upstreams: upstreams.slice(1), timeService })).toEqual([
      'blue: …',
      'Pod blue is built for …',
      'Pod blue: a boundary server follows …',
      'Pod blue: alarms.liesLeft …',
      'Pod blue: alarms.lossesLeft …',
    ]);
  });

  it('is what a step of clocks does not mean to every daemon, and who reads no leap file', () => {
    const noticesOf = (given: Partial<Pod>) =>
      fleetNotices({ ...fleet, pods: [{ ...blue, ...given }] }).filter((sentence) => /step|leap/.test(sentence));
    expect(noticesOf({ step: { thresholdSeconds: 0.5, limit: -1, panicSeconds: 1000 } })).toEqual([]);
    expect(noticesOf({ step: { thresholdSeconds: 1, limit: 3, panicSeconds: 0 } })).toEqual([
      'Pod blue: step.limit 3 holds for chrony alone. ntpd, ntpsec and ntpd-rs step a clock that is too far off whenever it is.',
      'Pod blue: step.thresholdSeconds 1 is above 0.5: ntpd and ntpsec then steer their clocks without the kernel, and take up to 34 min to slew so much away.',
    ]);
    expect(noticesOf({ leapFile: '/etc/leap-seconds.list' })).toEqual([
      "Pod blue: ntpd-rs reads no leap file, and chrony before 4.6 reads tzdata's right/UTC in the place of /etc/leap-seconds.list.",
    ]);
  });

  it('is first who is refused where upstreams are asked with NTS', () => {
    const upstreams = ['a.invalid', { host: 'b.invalid', nts: true }, { host: 'c.invalid', nts: true }].map(
      readUpstream,
    );
    expect(fleetNotices({ ...fleet, pods: [blue], upstreams })[0]).toBe(
      'NTS with b.invalid and c.invalid: boundary servers need chrony 4.0, ntpsec 1.2.0 or ntpd-rs, or later, and TCP 4460 to the internet beside UDP 123. The classic ntpd and older versions have no NTS: they are refused a file, keep the one they have, and reports name them.',
    );
  });

  it('says what ntpd-rs is not told to follow, by pod and tier', () => {
    const pods = [blue, { ...blue, name: 'six', networks: ['2001:db8:20::/56'] }];
    const upstreams = ['a.invalid', { host: '2001:db8::7', smear: 'aws' as const }].map(readUpstream);
    const timeService = readTimeService({ boundary: 'reference', client: 'source' });
    const given = { ...fleet, pods, upstreams, timeService };
    expect(fleetNotices(given).filter((sentence) => sentence.includes('ntpd-rs'))).toEqual([
      'Pod blue: the ntpd-rs.toml of boundary servers is without 2001:db8::7: ntpd-rs asks no server by an IPv6 address that stands in its file. Other daemons do.',
      'Pod six: the ntpd-rs.toml of boundary servers is without 2001:db8::7: ntpd-rs asks no server by an IPv6 address that stands in its file. Other daemons do.',
      'Pod six: the ntpd-rs.toml of clients is without the AWS time service: ntpd-rs asks no server by an IPv6 address that stands in its file. Other daemons do.',
    ]);
  });

  it('says that ntpd-rs does not keep polls that are set for the time service, where it follows it', () => {
    const tells = (
      mode: { boundary: 'source' | 'reference' },
      poll: { min: number; max: number },
      pod: Partial<Pod> = {},
    ) =>
      fleetNotices({
        ...fleet,
        pods: [{ ...blue, ...pod }],
        timeService: readTimeService({ ...mode, client: 'source', poll }),
      }).filter((sentence) => sentence.includes('ntpd-rs'));
    const sentence = (tier: string, served: string) =>
      `Pod blue: ntpd-rs has one pair of limits for the polls of all its sources, so ${tier} that run it poll the AWS time service each ${served}, not each 32 to 64 s (timeService.poll). Other daemons do.`;
    const POLL = { min: 5, max: 6 };
    expect({
      both: tells({ boundary: 'source' }, POLL),
      clients: tells({ boundary: 'reference' }, POLL),
      kept: tells({ boundary: 'reference' }, POLL, { poll: POLL }),
      unset: tells({ boundary: 'source' }, { min: 4, max: 4 }),
    }).toEqual({
      both: [sentence('boundary servers', '64 to 1024 s'), sentence('clients', '16 to 1024 s')],
      clients: [sentence('clients', '16 to 1024 s')],
      kept: [],
      unset: [],
    });
  });

  it('says which upstreams are taken for utc because nothing tells whose they are', () => {
    const tells = (...upstreams: Parameters<typeof readUpstream>[0][]) =>
      fleetNotices({ ...fleet, pods: [], upstreams: upstreams.map(readUpstream) });
    expect({
      known: tells('a.invalid', '216.239.35.4', { host: '192.0.2.9', smear: 'aws' }),
      one: tells('a.invalid', '192.0.2.7'),
      two: tells('192.0.2.7', '2001:db8::7'),
    }).toEqual({
      known: [],
      one: [
        'Upstreams by address (192.0.2.7) are taken for utc, as podtime does not know whose they are: of one that smears leap seconds, as time.aws.com does, say smear.',
      ],
      two: [
        'Upstreams by address (192.0.2.7 and 2001:db8::7) are taken for utc, as podtime does not know whose they are: of one that smears leap seconds, as time.aws.com does, say smear.',
      ],
    });
  });

  it('is who is refused in a pod whose boundary servers keep one time, and when they begin', () => {
    expect(fleetNotices({ ...fleet, pods: [{ ...blue, together: true }] })[2]).toBe(
      'Pod blue: boundary servers keep one time together, and need chrony 4.8 or later: all others are refused a file, keep the one they have, and reports name them. They begin 6 min after the last answer of an upstream; shorter polls make that shorter.',
    );
  });
});
