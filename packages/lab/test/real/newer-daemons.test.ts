import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { render } from '../../../../src/config/files.ts';
import { KEEPS_TOGETHER } from '../../../../src/config/together.ts';
import type { Pod } from '../../../../src/fleet/fleet.ts';
import shipped from '../../../../test/builders/shipped-fleet.ts';
import { write } from '../../../../test/builders/temporary-folder.ts';
import {
  NEWER_FOLDER,
  NEWER_PROGRAMS,
  TESTING_CHRONY,
  whyNoNewerDaemons,
  whyNoTestingChrony,
} from '../../src/real/newer-daemons.ts';

const reason = whyNoNewerDaemons();
const installed = reason === null ? it : it.skip;
const CLOCK_OUT_OF_REACH = ['--bounding-set=-sys_time', '--inh-caps=-sys_time', '--'];

/** Steers by the library as ntpd-rs does: what it answers, and what the kernel says of the real clock before and after. */
const STEERING = `
import ctypes, time
class Timex(ctypes.Structure):
    _fields_ = [('modes', ctypes.c_uint)] + [(name, ctypes.c_long) for name in ('offset', 'freq', 'maxerror', 'esterror')] + [
        ('status', ctypes.c_int)] + [(name, ctypes.c_long) for name in ('constant', 'precision', 'tolerance', 'seconds', 'fraction', 'tick')] + [
        ('rest', ctypes.c_byte * 128)]
real, left_alone = ctypes.CDLL(None), ctypes.CDLL('${join(NEWER_FOLDER, 'programs', 'clock-left-alone.so')}')
def frequency(library, modes=0, freq=0, status=0):
    asked = Timex(modes=modes, freq=freq, status=status)
    return library.clock_adjtime(0, ctypes.byref(asked)), asked.freq, asked.status
before = frequency(real)
print(frequency(left_alone))
print(frequency(left_alone, 0x12, 6553600, 0x2000))
print(frequency(left_alone))
print(left_alone.clock_settime(0, (ctypes.c_long * 2)(0, 0)), time.time() > 1e9)
print(frequency(real) == before)
`;

describe(`newer daemons, unpacked beside the system's${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  installed.each<[keyof typeof NEWER_PROGRAMS, RegExp]>([
    ['chronyd', /^chronyd \(chrony\) version 4\.6\.1 /],
    ['chronyc', /^chronyc \(chrony\) version 4\.6\.1 /],
    ['ntpd', /^ntpd ntpsec-1\.2\.3\n$/],
    ['ntpq', /^ntpq ntpsec-1\.2\.3\n$/],
    ['ntpDaemon', /^ntp-daemon 1\.4\.0\n$/],
    ['ntpCtl', /^ntp-ctl 1\.4\.0\n$/],
  ])('%s runs and says its version, without a complaint', (name, version) => {
    const { stdout, stderr, status } = spawnSync(NEWER_PROGRAMS[name], ['--version'], { encoding: 'utf8' });
    // ntpd-rs tells its version on stderr
    expect({ told: `${stdout}${stderr}`, status }).toEqual({ told: expect.stringMatching(version), status: 0 });
  });

  installed("what ntpd-rs does to a clock ends in the library and leaves the machine's as it is", () => {
    const ran = spawnSync('setpriv', [...CLOCK_OUT_OF_REACH, 'python3', '-c', STEERING], { encoding: 'utf8' });
    // TIME_ERROR while unsynchronised (adjtimex(2)), then TIME_OK; 6553600 is 100 ppm
    expect({ stdout: ran.stdout, stderr: ran.stderr }).toEqual({
      stdout: '(5, 0, 64)\n(0, 6553600, 8192)\n(0, 6553600, 8192)\n0 True\nTrue\n',
      stderr: '',
    });
  });
});

const whyNoTesting = whyNoTestingChrony();
const tested = whyNoTesting === null ? it : it.skip;

tested.each(Object.entries(TESTING_CHRONY))('%s of Debian testing is of 4.8 or later', (_, path) => {
  const { stdout, stderr, status } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /version (\d+)\.(\d+)/.exec(stdout) ?? [];
  expect({ stderr, status, isKnown: Number(major) > 4 || Number(minor) >= 8 }).toEqual({
    stderr: '',
    status: 0,
    isKnown: true,
  });
});

tested('chrony of Debian testing takes the file of a pod that keeps together, of which 4.6 dies', () => {
  const fleet = { ...shipped, pods: shipped.pods.map((pod) => ({ ...pod, together: true })) };
  const [pod] = fleet.pods as [Pod];
  const { text } = render('chrony.conf', { fleet, pod, tier: 'boundary', az: pod.azs[0] ?? '' }, KEEPS_TOGETHER);
  const file = join(write({}), 'chrony.conf');
  const [local, ...more] = text.split('\n').filter((line) => line.startsWith('local '));
  const checks = (program: string, lines: string) => {
    writeFileSync(file, lines);
    return spawnSync(program, ['-p', '-f', file], { encoding: 'utf8' }).status;
  };
  expect(more).toEqual([]);
  expect(checks(TESTING_CHRONY.chronyd, text)).toBe(0);
  expect(checks(NEWER_PROGRAMS.chronyd, `${local}\n`)).toBe(1);
  expect(checks(NEWER_PROGRAMS.chronyd, `${local?.replace(/ wait.*/, '')}\n`)).toBe(0);
});
