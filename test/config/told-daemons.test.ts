import { describe, expect, it } from '@jest/globals';
import { type ConfigFile, FILE_OF, render, stepsOf } from '../../src/config/files.ts';
import type { Target } from '../../src/config/target.ts';
import type { Version } from '../../src/config/versions.ts';
import { EXTRA_DAEMONS, type Pod, TIERS } from '../../src/fleet/fleet.ts';
import fleet from '../builders/shipped-fleet.ts';

// What a pod's daemons are told beside their sources: steps, leap files, and lines of the operator's own.

const [blue] = fleet.pods as [Pod];
const LIST = '/usr/share/zoneinfo/leap-seconds.list';

function textOf(file: ConfigFile, given: Partial<Pod>, version?: Version, tier: Target['tier'] = 'client'): string {
  return render(file, { fleet, pod: { ...blue, ...given }, tier, az: 'us-west-2e' }, version).text;
}

/** The block whose lines have one that begins so: its comment, one line of it, and its lines. */
function blockOf(text: string, start: string): string[] {
  const block = text.split('\n\n').find((each) => each.split('\n').some((line) => line.startsWith(start))) ?? '';
  const lines = block.split('\n');
  const comment = lines.filter((line) => line.startsWith('#')).map((line) => line.slice(2));
  return [comment.join(' '), ...lines.filter((line) => !line.startsWith('#'))];
}

const directives = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
const withStep = (given: Partial<Pod['step']>) => ({ step: { ...blue.step, ...given } });

describe('a clock that is far off', () => {
  const RESUMED = 'at any time: a virtual machine that was suspended resumes that far behind.';

  it('is stepped at any time, however far, by every daemon', () => {
    expect([
      blockOf(textOf('chrony.conf', {}), 'makestep'),
      blockOf(textOf('ntp.conf', {}), 'tinker'),
      blockOf(textOf('ntpsec.conf', {}), 'tinker'),
    ]).toEqual([
      [`A clock that is off by more than 1 s is stepped, ${RESUMED}`, 'makestep 1 -1'],
      [`A clock that is far off is stepped, ${RESUMED}`, 'tinker panic 0'],
      [`A clock that is far off is stepped, ${RESUMED}`, 'tinker panic 0'],
    ]);
    expect(blockOf(textOf('ntpd-rs.toml', {}), '[synchronization]')).toEqual([
      `A clock that is far off is stepped, ${RESUMED} So many sources must agree that those which may lie cannot do so alone.`,
      '[synchronization]',
      'startup-step-panic-threshold = "inf"',
      'single-step-panic-threshold = "inf"',
      'minimum-agreeing-sources = 1',
    ]);
  });

  it('ends each daemon beyond the panic limit, but at its start, where there is one', () => {
    const given = withStep({ panicSeconds: 1000 });
    const ends = (program: string) => `By more than 1000 s only at the start; later ${program} ends.`;
    expect([
      blockOf(textOf('chrony.conf', given), 'makestep'),
      blockOf(textOf('ntp.conf', given), 'tinker'),
      blockOf(textOf('ntpd-rs.toml', given), '[synchronization]').slice(0, 4),
    ]).toEqual([
      [
        `A clock that is off by more than 1 s is stepped, ${RESUMED} ${ends('chronyd')}`,
        'makestep 1 -1',
        'maxchange 1000 1 0',
      ],
      [`A clock that is far off is stepped, ${RESUMED} ${ends('ntpd')}`, 'tinker panic 1000'],
      [
        `A clock that is far off is stepped, ${RESUMED} ${ends('ntp-daemon')} So many sources must agree that those which may lie cannot do so alone.`,
        '[synchronization]',
        'startup-step-panic-threshold = "inf"',
        'single-step-panic-threshold = 1000',
      ],
    ]);
  });

  it('is stepped from the threshold on that all daemons are told', () => {
    const given = withStep({ thresholdSeconds: 0.5 });
    expect([
      directives(textOf('chrony.conf', given)).filter((line) => line.startsWith('makestep')),
      directives(textOf('ntp.conf', given)).filter((line) => line.startsWith('tinker')),
      directives(textOf('ntpd-rs.toml', given)).filter((line) => line.startsWith('algorithm')),
    ]).toEqual([['makestep 0.5 -1'], ['tinker panic 0 step 0.5'], ['algorithm.step-threshold = 0.5']]);
  });

  it('is stepped by chrony in its first updates only where a limit says so', () => {
    expect(blockOf(textOf('chrony.conf', withStep({ limit: 3 })), 'makestep')).toEqual([
      'A clock that is off by more than 1 s is stepped, in the first 3 updates, and slewed ever after.',
      'makestep 1 3',
    ]);
  });
});

describe('a leap file', () => {
  const told = (file: ConfigFile, version?: Version) =>
    directives(textOf(file, { leapFile: LIST }, version)).filter((line) => /leap/.test(line));

  it('is named to ntpd, ntpsec and chrony 4.6 as it is, and to an older chrony as the zone that is made of it', () => {
    expect({
      ntpd: told('ntp.conf'),
      ntpsec: told('ntpsec.conf'),
      chrony: [
        [4, 3],
        [4, 4],
        [4, 5],
        [4, 6],
        [4, 6, 1],
        [4, 9],
      ].map((version) => told('chrony.conf', version)),
      untold: told('chrony.conf'),
    }).toEqual({
      ntpd: [`leapfile ${LIST}`],
      ntpsec: [`leapfile ${LIST}`],
      chrony: [
        ['leapsectz right/UTC'],
        ['leapsectz right/UTC'],
        ['leapsectz right/UTC'],
        [`leapseclist ${LIST}`],
        [`leapseclist ${LIST}`],
        [`leapseclist ${LIST}`],
      ],
      untold: ['leapsectz right/UTC'],
    });
  });

  it('makes chrony 4.6 a class of versions of its own, and only then', () => {
    expect([blue, { ...blue, leapFile: LIST }].map((pod) => stepsOf('chrony.conf', pod))).toEqual([
      [
        [4, 4],
        [4, 8],
      ],
      [
        [4, 4],
        [4, 6],
        [4, 8],
      ],
    ]);
  });

  it('is read by no ntpd-rs, as its file says', () => {
    const says = 'It reads no leap file: of leap seconds it is told by its servers alone.';
    const [without, named] = [{}, { leapFile: LIST }].map((given) => textOf('ntpd-rs.toml', given));
    expect([directives(named ?? ''), without?.includes('leap file')]).toEqual([directives(without ?? ''), false]);
    expect(blockOf(named ?? '', '[synchronization]')[0]).toContain(says);
  });
});

describe("lines of the operator's own", () => {
  const extra = {
    chrony: ['hwtimestamp *', 'maxupdateskew 50'],
    ntpd: ['tinker stepout 60'],
    ntpsec: ['rlimit memlock 0'],
    'ntpd-rs': ['[keyset]', 'key-rotation-interval = 86400'],
  };

  it.each(EXTRA_DAEMONS)("stand last in the file of %s, said to be the operator's, for both tiers", (daemon) => {
    for (const tier of TIERS) {
      const text = textOf(FILE_OF[daemon], { extra }, undefined, tier);
      const lines = extra[daemon];
      const block = [
        "# The operator's own lines, by extra in the fleet file: podtime does not know what they do.",
        ...lines,
      ];
      expect(text.endsWith(`\n\n${block.join('\n')}\n\n# end\n`)).toBe(true);
      // the rest is as it was, but for the revision
      const rest = text.replace(`${block.join('\n')}\n\n`, '').split('\n');
      const without = textOf(FILE_OF[daemon], {}, undefined, tier).split('\n');
      expect(rest.toSpliced(1, 1)).toEqual(without.toSpliced(1, 1));
      expect(rest[1]).not.toBe(without[1]);
    }
  });

  it('are in no file where there are none', () => {
    expect(EXTRA_DAEMONS.filter((daemon) => textOf(FILE_OF[daemon], {}).includes('operator'))).toEqual([]);
  });
});
