import { describe, expect, it } from '@jest/globals';
import { parseCollected } from '../../src/host/collect.ts';
import { Host, NOW, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { layout } from './layouts.ts';

// What collect tells of the list of leap seconds that the daemon's configuration names.

const LIST = '/usr/share/zoneinfo/leap-seconds.list';
const ZONE = '/usr/share/zoneinfo/right/UTC';
const DAY_SECONDS = 86_400;
const NTP_EPOCH_SECONDS = 2_208_988_800;

/** As the IERS writes it, valid for so long yet. */
function listFor(days: number): string {
  const expires = NOW + NTP_EPOCH_SECONDS + days * DAY_SECONDS;
  return `#\n#$\t3676924800\n#\n#@\t${expires}\n#\n2272060800\t10\t# 1 Jan 1972\n#h\t16edd0f0 3666784f 37db6bdd e74ced87 59af48f1\n`;
}

describe.each(SHELLS)('the leap file of a host under %s', (shell) => {
  const hostOf = (start: string, path: string, directive: string) => {
    const host = kept(new Host(shell));
    layout(start).lay(host);
    return host.file(path, `server ntp.az-a.pod\n${directive}\n`);
  };
  const ofNtpd = () => hostOf('Ubuntu 22.04', '/etc/ntp.conf', `leapfile "${LIST}"`);
  const ofChrony = (directive: string) => hostOf('RHEL 9', '/etc/chrony.conf', directive);
  const lineOf = (host: Host) =>
    host
      .run('collect')
      .stdout.split('\n')
      .filter((line) => line.startsWith('leap-file'));
  /** The line's seconds as days, rounded; what it says else as it is. */
  const told = (host: Host) =>
    lineOf(host).map((line) => {
      const [, left, path] = line.split(' ');
      return [/^-?\d+$/.test(left ?? '') ? Math.round(Number(left) / DAY_SECONDS) : left, path];
    });

  it('is told when it has less than 40 days before it, or has expired', () => {
    expect([41, 39, 3, -2].map((days) => [days, told(ofNtpd().file(LIST, listFor(days)))])).toEqual([
      [41, []],
      [39, [[39, LIST]]],
      [3, [[3, LIST]]],
      [-2, [[-2, LIST]]],
    ]);
  });

  it('is told when it is missing, or names no end', () => {
    expect([
      told(ofNtpd()),
      told(ofNtpd().file(LIST, '2272060800 10\n')),
      told(ofNtpd().file(LIST, '#@ soon\n')),
    ]).toEqual([[['missing', LIST]], [['?', LIST]], [['?', LIST]]]);
  });

  it('of chrony is its list, or what tzdata has beside the zone of an older one', () => {
    const zoned = () => ofChrony('leapsectz right/UTC');
    expect([
      told(ofChrony(`leapseclist ${LIST}`)),
      told(zoned()),
      told(zoned().file(ZONE, 'TZif')),
      told(zoned().file(ZONE, 'TZif').file(LIST, listFor(3))),
    ]).toEqual([[['missing', LIST]], [['missing', ZONE]], [], [[3, LIST]]]);
  });

  it('is not looked for where the configuration names none, or what no file of podtime has', () => {
    expect(
      ['', 'leapfile', 'leapfile leap.list', 'leapfile /tmp/$(id)'].map((line) =>
        told(hostOf('Ubuntu 22.04', '/etc/ntp.conf', line)),
      ),
    ).toEqual([[], [], [], []]);
  });

  it('is read by podtime as it was told', () => {
    const { stdout, stderr } = ofNtpd().run('collect');
    expect(stderr).toBe('');
    expect(parseCollected(stdout)).toMatchObject({ leapFile: { path: LIST, secondsLeft: 'missing' }, faults: [] });
  });
});

describe('a line of a leap file', () => {
  const read = (line: string) => {
    const { leapFile, faults } = parseCollected(`podtime-collect 1\nfound none asked\n${line}\nend\n`) ?? {};
    return { leapFile, faults: faults?.map(({ field, reason }) => [field, reason]) };
  };

  it.each([
    ['leap-file 86400 /etc/leap.list', 86_400],
    ['leap-file -1 /etc/leap.list', -1],
    ['leap-file -0 /etc/leap.list', 0],
    ['leap-file -4294967296 /etc/leap.list', -(2 ** 32)],
    ['leap-file missing /etc/leap.list', 'missing'],
    ['leap-file ? /etc/leap.list', 'unread'],
  ])('%s', (line, secondsLeft) => {
    expect(read(line)).toEqual({ leapFile: { path: '/etc/leap.list', secondsLeft }, faults: [] });
  });

  it('names a path of 201 characters at most', () => {
    const path = `/${'a'.repeat(200)}`;
    expect(read(`leap-file 5 ${path}`)).toEqual({ leapFile: { path, secondsLeft: 5 }, faults: [] });
  });

  it.each([
    'leap-file',
    'leap-file 5',
    'leap-file soon /etc/leap.list',
    'leap-file --5 /etc/leap.list',
    'leap-file 5 leap.list',
    'leap-file 5 ./etc/leap.list',
    'leap-file 5 /etc/leap.list;',
    `leap-file 5 /${'a'.repeat(201)}`,
    'leap-file - /etc/leap.list',
    'leap-file 4294967297 /etc/leap.list',
    'leap-file -4294967297 /etc/leap.list',
  ])('%s is a fault, and costs nothing else', (line) => {
    expect(read(line)).toEqual({ leapFile: undefined, faults: [['leapFile', 'not a leap file: SECONDS_LEFT PATH']] });
  });
});
