import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { runCommand } from '../../src/pod/command.ts';
import { FLEET_FILES, startUsage } from '../../src/pod/settings.ts';
import { usage } from '../../src/pod/verbs.ts';

it.each([[[]], [['help']], [['--help']], [['-h']]])(
  'npm run pod -- %j tells the verbs, with no pod to ask',
  async (args) => {
    expect(await runCommand(args, {}, '')).toEqual({ status: 0, stdout: `${usage()}\n`, stderr: '' });
  },
);

it.each(['help', '--help', '-h'])('npm start -- %s tells what it takes, and starts nothing', (word) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'packages/lab/src/pod/start.ts', word],
    { encoding: 'utf8', env: { ...process.env, PORT: 'none' } },
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${startUsage(20)}\n`, stderr: '' });
});

it('npm start -- --help names the fleet files that there are', () => {
  for (const file of Object.values(FLEET_FILES)) {
    expect(startUsage(20)).toContain(file);
    expect(existsSync(file)).toBe(true);
  }
});
