import { expect, it } from '@jest/globals';
import { startOptionsOf } from '../../src/pod/start-options.ts';

const faultsOf = (...args: string[]): string[] => {
  try {
    startOptionsOf(args);
    return [];
  } catch (error) {
    expect((error as Error).name).toBe('SettingError');
    return (error as Error).message.split('\n');
  }
};
const HELP = 'npm start -- --help tells what there is.';

it('is a pod of the lab, twenty times as fast, unless told', () => {
  expect(startOptionsOf([])).toEqual({ hosts: 'simulated', factor: 20, fleetFile: null });
});

it('takes each option in any order, its value after a space or a sign', () => {
  expect(startOptionsOf(['--fleet', 'my/fleet.yml', '--factor=7.5'])).toEqual({
    hosts: 'simulated',
    factor: 7.5,
    fleetFile: 'my/fleet.yml',
  });
  expect(startOptionsOf(['--real', '--fleet=fleet.yml'])).toEqual({
    hosts: 'real',
    factor: 1,
    fleetFile: 'fleet.yml',
  });
});

it.each(['0', '61', 'fast', '-3'])('refuses --factor=%s with its limits', (value) => {
  expect(faultsOf(`--factor=${value}`)).toEqual([
    `--factor ${value} is no factor: it must be a number from 1 to 60.`,
    HELP,
  ]);
});

it.each([
  ['--reel', 'npm start knows no option --reel. Did you mean --real?'],
  ['--fleets', 'npm start knows no option --fleets. Did you mean --fleet?'],
  ['--quick', 'npm start knows no option --quick.'],
  ['-f', 'npm start knows no option -f.'],
  ['real', "npm start takes no 'real' by itself. Did you mean --real?"],
  ['fleet.yml', "npm start takes no 'fleet.yml' by itself."],
  ['--factor', '--factor is no factor: it must be a number from 1 to 60.'],
  ['--fleet', '--fleet has no file: npm start -- --fleet fleet.yml'],
])('of %s tells what is wrong, and what was meant', (arg, sentence) => {
  expect(faultsOf(arg)).toEqual([sentence, HELP]);
});

it('tells all that is wrong at once', () => {
  expect(faultsOf('--reel', '--factor', '100', '--fleet', '--real', '--fleet', 'x.yml', 'now')).toEqual([
    'npm start knows no option --reel. Did you mean --real?',
    '--fleet stands twice.',
    "npm start takes no 'now' by itself.",
    '--factor 100 is no factor: it must be a number from 1 to 60.',
    "--real and --factor: real daemons run at time's own speed; leave one of them out.",
    HELP,
  ]);
});
