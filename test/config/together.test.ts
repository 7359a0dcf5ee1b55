import { describe, expect, it } from '@jest/globals';
import { FILES, render } from '../../src/config/files.ts';
import { fileRefusal } from '../../src/config/refusal.ts';
import { noFileReader, revisionReader } from '../../src/config/revision.ts';
import type { Target } from '../../src/config/target.ts';
import type { Fleet, Pod, Tier } from '../../src/fleet/fleet.ts';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';
import shipped from '../builders/shipped-fleet.ts';

const [shippedBlue] = shipped.pods as [Pod];
const APART: Pod = {
  ...shippedBlue,
  azs: ['us-west-2a', 'us-west-2b'],
  networks: ['10.20.0.0/16', '2001:db8:20::/56'],
};
const TOGETHER: Pod = { ...APART, together: true };
const FLEET: Fleet = {
  ...shipped,
  upstreams: ['a.invalid', 'b.invalid'].map(readUpstream),
  timeService: readTimeService('reference'),
};

function at(pod: Pod, tier: Tier = 'boundary', fleet: Fleet = FLEET): Target {
  return { fleet, pod, tier, az: 'us-west-2b' };
}

/** Lines that say whom to ask and follow, and when nobody. */
function lines(target: Target, version: number[]): string[] {
  const { text } = render('chrony.conf', target, version);
  return text.split('\n').filter((line) => /^(server|pool|local)/.test(line) && !line.includes('noselect'));
}

describe('together: true', () => {
  it('boundary servers ask each other, without a vote beside upstreams, and keep the time of one of them where all else is lost', () => {
    expect(lines(at(TOGETHER), [4, 8])).toEqual([
      'server a.invalid iburst prefer trust maxunreach 1 minpoll 6 maxpoll 6',
      'server b.invalid iburst prefer trust maxunreach 1 minpoll 6 maxpoll 6',
      'pool ntp.az-b.pod iburst ipv4 maxsources 8 maxunreach 1 minpoll 6 maxpoll 6',
      'pool ntp.az-a.pod iburst ipv4 maxsources 8 maxunreach 1 minpoll 6 maxpoll 6',
      'local stratum 10 orphan distance 0 activate 0.1 waitsynced 384 waitunsynced 384',
    ]);
  });

  it('they ask DNS for each other again, so that one in whose place another is published is left', () => {
    const { text } = render('chrony.conf', at(TOGETHER), [4, 8]);
    // 2 upstreams, and 16 sources for each of 2 pools
    expect(text).toContain(
      '# DNS is asked again for one source every 30 s, so for all of them within 1020 s: a server in whose\n' +
        '# place another is published is left, also where it still answers.\nrefresh 30\n',
    );
    expect(render('chrony.conf', at(APART), [4, 8]).text).not.toMatch(/^refresh/m);
  });

  it('in a pod of IPv6 alone they ask each other by that', () => {
    const pod = { ...TOGETHER, networks: ['2001:db8:20::/56'] };
    expect(lines(at(pod), [4, 9]).filter((line) => line.startsWith('pool'))).toEqual([
      'pool ntp.az-b.pod iburst ipv6 maxsources 8 maxunreach 1 minpoll 6 maxpoll 6',
      'pool ntp.az-a.pod iburst ipv6 maxsources 8 maxunreach 1 minpoll 6 maxpoll 6',
    ]);
  });

  it('all is asked at one poll, the longest of what any upstream is to be spared', () => {
    const upstreams = [
      { host: 'a.invalid', poll: { min: 8, max: 10 } },
      { host: 'b.invalid', poll: { max: 9 } },
    ];
    const fleet = { ...FLEET, upstreams: upstreams.map(readUpstream) };
    const asked = lines(at({ ...TOGETHER, poll: { min: 4, max: 4 } }, 'boundary', fleet), [4, 8]);
    expect(asked.map((line) => line.replace(/^(\S+ \S+).* (minpoll|waitunsynced)/, '$1 … $2'))).toEqual([
      'server a.invalid … minpoll 8 maxpoll 8',
      'server b.invalid … minpoll 8 maxpoll 8',
      'pool ntp.az-b.pod … minpoll 8 maxpoll 8',
      'pool ntp.az-a.pod … minpoll 8 maxpoll 8',
      'local stratum … waitunsynced 1536',
    ]);
  });

  it('the time service is followed before them too', () => {
    const fleet = { ...FLEET, timeService: readTimeService('source') };
    expect(lines(at(TOGETHER, 'boundary', fleet), [4, 8])[0]).toBe(
      'server 169.254.169.123 iburst prefer trust maxunreach 1 minpoll 4 maxpoll 4',
    );
  });

  it('clients, and boundary servers of other pods, have the file that they had', () => {
    for (const file of ['ntp.conf', 'ntpsec.conf', 'chrony.conf', 'ntpd-rs.toml'] as const) {
      expect(render(file, at(TOGETHER, 'client'), [4, 8])).toEqual(render(file, at(APART, 'client'), [4, 8]));
    }
    expect(lines(at(APART), [4, 8])).toEqual([
      'server a.invalid iburst maxunreach 6',
      'server b.invalid iburst maxunreach 6',
    ]);
  });

  const BECAUSE = 'they keep one time together, which only chrony 4.8 or later can.';

  it('every other daemon of a boundary server is refused its file, with who could', () => {
    expect([
      fileRefusal('ntp.conf', at(TOGETHER), [4, 2, 8]),
      fileRefusal('ntpsec.conf', at(TOGETHER), [1, 2, 3]),
      fileRefusal('ntpd-rs.toml', at(TOGETHER), [1, 9]),
      fileRefusal('chrony.conf', at(TOGETHER), [4, 7]),
      fileRefusal('chrony.conf', at(TOGETHER), []),
    ]).toEqual([
      `There is no ntp.conf for boundary servers of pod blue: ${BECAUSE}`,
      `There is no ntpsec.conf for boundary servers of pod blue: ${BECAUSE}`,
      `There is no ntpd-rs.toml for boundary servers of pod blue: ${BECAUSE}`,
      `There is no chrony.conf for boundary servers of pod blue: ${BECAUSE}`,
      `There is no chrony.conf for boundary servers of pod blue: ${BECAUSE}`,
    ]);
  });

  it('every other file is served', () => {
    expect([
      fileRefusal('chrony.conf', at(TOGETHER), [4, 8]),
      fileRefusal('boot.sh', at(TOGETHER), []),
      ...FILES.map((file) => fileRefusal(file, at(TOGETHER, 'client'), [])),
      ...FILES.map((file) => fileRefusal(file, at(APART), [])),
    ]).toEqual(Array.from({ length: 2 + 2 * FILES.length }, () => null));
  });

  it('the watchdog knows of whom none is served to, and why; of a version that it could not read it knows nothing', () => {
    const noFile = noFileReader(FLEET, TOGETHER);
    const revision = revisionReader(FLEET, TOGETHER);
    const boundary = { tier: 'boundary', az: 'us-west-2b' } as const;
    const client = { ...boundary, tier: 'client' } as const;
    expect([noFile(boundary, 'ntpsec', '1.2.2'), noFile(boundary, 'chrony', '4.3')]).toEqual([
      fileRefusal('ntpsec.conf', at(TOGETHER), [1, 2, 2]),
      fileRefusal('chrony.conf', at(TOGETHER), [4, 3]),
    ]);
    expect([
      noFile(boundary, 'chrony', null),
      noFile(boundary, 'chrony', '4.9'),
      noFile(client, 'ntpsec', '1.2.2'),
      revision(boundary, 'ntpsec', '1.2.2'),
      revision(boundary, 'chrony', '4.3'),
      revision(boundary, 'chrony', null),
    ]).toEqual([null, null, null, null, null, null]);
    expect(revision(boundary, 'chrony', '4.9')).toBe(render('chrony.conf', at(TOGETHER), [4, 8]).revision);
    expect(revision(client, 'ntpsec', '1.2.2')).toBe(render('ntpsec.conf', at(APART, 'client')).revision);
  });
});
