import { describe, expect, it } from '@jest/globals';
import { type ConfigFile, render } from '../../src/config/files.ts';
import { ntsRefusal } from '../../src/config/nts.ts';
import { noFileReader, revisionOf, revisionReader } from '../../src/config/revision.ts';
import type { Target } from '../../src/config/target.ts';
import type { Fleet, Pod, Tier } from '../../src/fleet/fleet.ts';
import { readTimeService, readUpstream } from '../../src/fleet/sources.ts';
import shipped from '../builders/shipped-fleet.ts';

const [blue] = shipped.pods as [Pod];
const upstreams = [{ host: 'nts.invalid', nts: true }, 'plain.invalid'].map(readUpstream);
const MIXED: Fleet = { ...shipped, upstreams };
const STRICT: Fleet = {
  ...shipped,
  upstreams: [{ host: 'nts.invalid', nts: true, poll: { min: 7 } }].map(readUpstream),
  timeService: readTimeService({ boundary: 'reference', client: 'source' }),
  ntsRequired: true,
};

function at(fleet: Fleet, tier: Tier = 'boundary'): Target {
  return { fleet, pod: blue, tier, az: 'us-west-2b' };
}

/** Lines that say whom to ask and follow, and how. */
function lines(file: ConfigFile, target: Target, version?: number[]): string[] {
  const { text } = render(file, target, version);
  return text.split('\n').filter((line) => /^(server|authselectmode|nts)/.test(line) && !line.includes(' 4 maxpoll 4'));
}

describe('with NTS', () => {
  it('chrony asks by it, and lets all sources vote alike unless it is required', () => {
    expect(lines('chrony.conf', at(MIXED))).toEqual([
      'authselectmode ignore',
      'ntsdumpdir /var/lib/chrony',
      'server nts.invalid iburst nts',
      'server plain.invalid iburst',
    ]);
    expect(lines('chrony.conf', at(STRICT), [4, 8])).toEqual([
      'authselectmode require',
      'ntsdumpdir /var/lib/chrony',
      'server nts.invalid iburst nts maxunreach 6 minpoll 7',
    ]);
  });

  it('ntpsec asks by it', () => {
    expect(lines('ntpsec.conf', at(MIXED))).toEqual(['server nts.invalid iburst nts', 'server plain.invalid iburst']);
  });

  it('ntpd-rs asks by it', () => {
    const { text } = render('ntpd-rs.toml', at(MIXED));
    const modes = [...text.matchAll(/^mode = "(.*)"\naddress = "(.*)"$/gm)].map(([, mode, address]) => [mode, address]);
    expect(modes).toEqual([
      ['server', '169.254.169.123'],
      ['nts', 'nts.invalid'],
      ['server', 'plain.invalid'],
    ]);
    expect(ntsRefusal('ntpd-rs.toml', at(MIXED), [1, 0])).toBeNull();
  });

  it.each(['ntp.conf', 'ntpsec.conf', 'chrony.conf', 'ntpd-rs.toml'] as const)(
    '%s of clients and of fleets without stays as it was',
    (file) => {
      expect(render(file, at(MIXED, 'client'))).toEqual(render(file, at(shipped, 'client')));
      expect(render(file, at({ ...MIXED, upstreams: [readUpstream({ host: 'plain.invalid', nts: false })] }))).toEqual(
        render(file, at({ ...MIXED, upstreams: [readUpstream('plain.invalid')] })),
      );
    },
  );

  const BECAUSE =
    'Boundary servers ask nts.invalid with NTS, as the fleet file says; chrony 4.0, ntpsec 1.2.0 or ntpd-rs, or later, can.';

  it('a daemon that has none is refused its file, with who could', () => {
    expect(ntsRefusal('ntp.conf', at(MIXED), [4, 2, 8])).toBe(
      `There is no ntp.conf for boundary servers: the classic ntpd has no NTS. ${BECAUSE}`,
    );
    expect(ntsRefusal('chrony.conf', at(MIXED), [3, 5, 1])).toBe(
      `There is no chrony.conf for boundary servers of version 3.5.1, which has no NTS. ${BECAUSE}`,
    );
    expect(ntsRefusal('ntpsec.conf', at(STRICT), [1, 1, 9])).toBe(
      `There is no ntpsec.conf for boundary servers of version 1.1.9, which has no NTS. ${BECAUSE}`,
    );
  });

  it('every other file is served', () => {
    expect([
      ntsRefusal('ntp.conf', at(MIXED, 'client'), [4, 2, 8]),
      ntsRefusal('ntp.conf', at(shipped), [4, 2, 8]),
      ntsRefusal('boot.sh', at(MIXED), []),
      ntsRefusal('chrony.conf', at(MIXED), [4, 0]),
      ntsRefusal('chrony.conf', at(MIXED), []),
      ntsRefusal('ntpsec.conf', at(MIXED), [1, 2, 0]),
    ]).toEqual([null, null, null, null, null, null]);
  });

  it('the watchdog expects no file of whom none is served to', () => {
    const revision = revisionReader(MIXED, blue);
    const boundary = { tier: 'boundary', az: 'us-west-2b' } as const;
    expect([
      revision(boundary, 'ntpd', '4.2.8p15'),
      revision(boundary, 'ntpd', null),
      revision(boundary, 'chrony', '3.5'),
      revision(boundary, 'ntpsec', '1.1.9'),
    ]).toEqual([null, null, null, null]);
    expect([
      revision(boundary, 'chrony', '4.3'),
      revision(boundary, 'ntpsec', '1.2.2'),
      revision({ ...boundary, tier: 'client' }, 'ntpd', '4.2.8p15'),
    ]).toEqual([
      revisionOf(MIXED, blue, 'boundary', 'us-west-2b', 'chrony'),
      revisionOf(MIXED, blue, 'boundary', 'us-west-2b', 'ntpsec'),
      revisionOf(MIXED, blue, 'client', 'us-west-2b', 'ntpd'),
    ]);
  });

  it('the watchdog knows of whom none is served to, and why', () => {
    const noFile = noFileReader(MIXED, blue);
    const boundary = { tier: 'boundary', az: 'us-west-2b' } as const;
    expect(noFile(boundary, 'ntpd', null)).toBe(ntsRefusal('ntp.conf', at(MIXED), []));
    expect([
      noFile(boundary, 'chrony', '4.3'),
      noFile(boundary, 'chrony', null),
      noFile({ ...boundary, tier: 'client' }, 'ntpd', '4.2.8p15'),
      noFileReader(shipped, blue)(boundary, 'ntpd', '4.2.8p15'),
    ]).toEqual([null, null, null, null]);
  });
});
