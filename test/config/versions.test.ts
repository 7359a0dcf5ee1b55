import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FILES, render, stepsOf, versionClass } from '../../src/config/files.ts';
import { ownLookupSeconds, refreshOf, togetherRefresh } from '../../src/config/refresh.ts';
import type { Target } from '../../src/config/target.ts';
import { classOf, isAtLeast, readVersion, type Version } from '../../src/config/versions.ts';
import type { Pod } from '../../src/fleet/fleet.ts';
import { readUpstream } from '../../src/fleet/sources.ts';
import { anyText } from '../builders/any-text.ts';
import fleet from '../builders/shipped-fleet.ts';

const [blue, green] = fleet.pods as [Pod, Pod];
const CLIENT: Target = { fleet, pod: blue, tier: 'client', az: 'us-west-2e' };
const version = (text: string) => readVersion(text) as Version;

describe('a version', () => {
  it.each([
    ['4.6.1', [4, 6, 1]],
    ['4', [4]],
    ['4.2.8p15', [4, 2, 8]],
    ['4.2.8p15@1.3728-o', [4, 2, 8]],
    ['4.7-pre1', [4, 7]],
    ['1.2.3+dfsg1', [1, 2, 3]],
    ['1.6.0-alpha.20250123', [1, 6, 0]],
    ['4.6.1-1', [4, 6, 1]],
    ['4.6.1-20-gabc', [4, 6, 1]],
    ['4.6.1~rc1-0.1', [4, 6, 1]],
    ['ntpsec-1.2.3', [1, 2, 3]],
    ['ntpsec-1.2.3-77-g0c3ab', [1, 2, 3]],
    // chrony of no release gets the oldest class, as if it told nothing
    ['DEVELOPMENT', []],
  ])('%s is read by its numbers', (text, numbers) => {
    expect(readVersion(text)).toEqual(numbers);
  });

  it.each([
    '',
    ' 4.6',
    '4.6 ',
    'v4',
    '-',
    '4..6',
    '.4',
    '4.',
    '4.6.1.2.3',
    '123456',
    '4.6\n',
    '4.6/../..',
    '4.6-',
    '4.6-1/..',
    '4.6-1 ',
    '4.6.1-$(reboot)',
    'ntpsec-',
    '-1.2.3',
    '../ntpsec-1.2.3',
    'ntp-sec-1.2.3',
    'RELEASE',
    'DEVELOPMENT\n',
    `${'a'.repeat(15)}-1.2.3`,
    `4.6-${'1'.repeat(41)}`,
    `4.6${'a'.repeat(50)}`,
  ])('%j is none', (text) => {
    expect(readVersion(text)).toBeNull();
  });

  it('of numbers is compared number by number; what is left out is 0, and one untold is before all', () => {
    const at = (text: string) => isAtLeast(version(text), [4, 8]);
    expect({ yes: ['4.8', '4.8.0', '4.10', '5', '4.8-pre1'].map(at), no: ['4.7.9', '4', '3.9', '0'].map(at) }).toEqual({
      yes: [true, true, true, true, true],
      no: [false, false, false, false],
    });
    expect([isAtLeast([], [0]), isAtLeast([], [])]).toEqual([false, false]);
  });

  it('is of the class of the last step that it has come to', () => {
    const steps = [
      [4, 4],
      [4, 8],
    ];
    expect([[], [4, 3], [4, 4], [4, 7, 9], [4, 8], [10]].map((each) => classOf(each, steps))).toEqual([
      [],
      [],
      [4, 4],
      [4, 4],
      [4, 8],
      [4, 8],
    ]);
  });
});

/** Lines that are no comments. */
const directives = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('chrony.conf', () => {
  const lines = (target: Target, text: string) => directives(render('chrony.conf', target, version(text)).text);
  const oldest = directives(render('chrony.conf', CLIENT).text);

  it('is the same for every version before 4.4, and has no line that is fatal to 4.3', () => {
    expect([lines(CLIENT, '2.4'), lines(CLIENT, '4.3')]).toEqual([oldest, oldest]);
    expect(oldest.filter((line) => /refresh|maxunreach/.test(line))).toEqual([]);
  });

  it('from 4.4 asks DNS again for all its names within 15 minutes', () => {
    expect(lines(CLIENT, '4.4')).toEqual([...oldest, 'refresh 128']);
    expect(lines(CLIENT, '4.7')).toEqual([...oldest, 'refresh 128']);
    expect(render('chrony.conf', CLIENT, [4, 4]).text).toContain(
      '# DNS is asked again for one source every 128 s, so for all of them within 896 s: a server in whose\n' +
        '# place another is published is left, also where it still answers.\nrefresh 128\n',
    );
  });

  it('from 4.8 selects no source for long that it does not hear, and watches the others as before', () => {
    expect(lines(CLIENT, '4.8')).toEqual([
      ...oldest.map((line) =>
        /^server /.test(line) && !line.includes('noselect') ? line.replace(' iburst', ' iburst maxunreach 6') : line,
      ),
      'refresh 128',
    ]);
  });

  it("of a boundary server keeps the public names' addresses for chrony's own two weeks", () => {
    const boundary: Target = { ...CLIENT, tier: 'boundary' };
    expect(lines(boundary, '4.4')).toEqual(lines(boundary, '4.3'));
    expect(lines(boundary, '4.8').filter((line) => line.includes('stratum-2'))).toEqual([
      'server us-west-2b.stratum-2.invalid iburst maxunreach 6',
      'server us-west-2c.stratum-2.invalid iburst maxunreach 6',
    ]);
  });

  it('says for which versions it is served', () => {
    expect(render('chrony.conf', CLIENT, [4, 6, 1]).text.replaceAll('\n# ', ' ')).toContain(
      'served as /blue/client/us-west-2e/chrony.conf?version=4.4, put here by boot.sh',
    );
  });
});

describe('the refreshing of a pod', () => {
  it('is done with all sources in 15 minutes, and asks no more often than records live', () => {
    expect([blue, green].map(refreshOf)).toEqual([
      { everySeconds: 128, allSeconds: 896 },
      // 8 sources for each of 3 pools
      { everySeconds: 37, allSeconds: 888 },
    ]);
    expect(refreshOf({ ...blue, association: 'pool' })).toEqual({ everySeconds: 30, allSeconds: 1680 });
  });

  it('of boundary servers that keep one time counts their upstreams and the sources of their pools', () => {
    const upstreams = ['a.invalid', 'b.invalid'].map(readUpstream);
    const twoAzs = { ...blue, azs: blue.azs.slice(0, 2) };
    expect([togetherRefresh({ upstreams }, twoAzs, 8), togetherRefresh({ upstreams }, twoAzs, 2)]).toEqual([
      { everySeconds: 30, allSeconds: (2 + 2 * 16) * 30 },
      { everySeconds: 90, allSeconds: (2 + 2 * 4) * 90 },
    ]);
  });
});

describe('the time in which a host has looked all its names up by itself', () => {
  it("is that of its file's refresh, where it has one; a pool pod's daemons look in ways of their own", () => {
    const asked = (pod: Pod, tier: 'client' | 'boundary', daemon: 'chrony' | 'ntpd', text: string | null) =>
      ownLookupSeconds(pod)({ tier }, daemon, text);
    expect({
      refreshes: ['4.4', '4.6.1', '5'].map((text) => asked(blue, 'client', 'chrony', text)),
      keeps: ['4.3', 'none', null].map((text) => asked(blue, 'client', 'chrony', text)),
      others: [
        asked(blue, 'boundary', 'chrony', '4.6'),
        asked({ ...blue, together: true }, 'boundary', 'chrony', '4.9'),
        asked(blue, 'client', 'ntpd', '4.6'),
        asked(green, 'client', 'chrony', '4.6'),
      ],
    }).toEqual({ refreshes: [896, 896, 896], keeps: [null, null, null], others: [null, null, null, null] });
  });
});

describe('a class of versions', () => {
  it('is one file, and each another one', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FILES),
        anyText(),
        fc.array(fc.nat(12), { maxLength: 4 }),
        (file, text, numbers) => {
          const given = readVersion(text) ?? numbers;
          const least = versionClass(file, blue, given);
          expect(versionClass(file, blue, least)).toEqual(least);
          if (file !== 'boot.sh') expect(render(file, CLIENT, given)).toEqual(render(file, CLIENT, least));
        },
      ),
    );
    const revisions = [[], ...stepsOf('chrony.conf', blue)].map((each) => render('chrony.conf', CLIENT, each).revision);
    expect([revisions.length, new Set(revisions).size]).toEqual([3, 3]);
  });
});
