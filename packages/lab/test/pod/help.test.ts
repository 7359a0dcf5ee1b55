import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { usage } from '../../src/pod/client/help.mjs';
import { runCommand } from '../../src/pod/client/run.mjs';
import { VERBS } from '../../src/pod/client/verb-list.mjs';
import { FLEET_FILES, START_USAGE } from '../../src/pod/start-options.ts';

const told = (lines: string[]) => ({ status: 0, stdout: `${lines.join('\n')}\n`, stderr: '' });

it.each([[[]], [['help']], [['--help']], [['-h']]])(
  'npm run pod -- %j tells the verbs, with no pod to ask',
  async (args) => {
    expect(await runCommand(args, {}, '')).toEqual(told(usage()));
  },
);

describe.each(Object.entries(VERBS))('the help of %s', (name, { usage: line, meaning, examples }) => {
  it.each([
    [[name, '--help']],
    [[name, '-h']],
    [['help', name]],
    [['--help', name]],
    [[name, 'one', 'two', 'three', '--help']],
  ])('is told by %j, with no pod to ask', async (args) => {
    const { status, stdout, stderr } = await runCommand(args, { AWS_PORT: 'none' }, '');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').slice(0, 2)).toEqual([`Usage: npm run pod -- ${line}`, `  ${meaning}`]);
    for (const example of examples) expect(stdout).toContain(`  npm run pod -- ${example}\n`);
  });

  it('has examples of this verb, which it would take', async () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const words = example.split(' ');
      expect(words[0]).toBe(name);
      // the port is looked at once the words fit
      expect((await runCommand(words, { AWS_PORT: 'none' }, '')).stderr).toMatch(/^AWS_PORT=none is no port/);
    }
  });
});

describe('what no verb takes is told in one sentence, with no pod to ask', () => {
  const VERBS_ARE = `The verbs are ${Object.keys(VERBS).join(', ')}.`;
  it.each([
    [['hots'], `There is no verb 'hots'. Did you mean hosts? ${VERBS_ARE}`],
    [['explode'], `There is no verb 'explode'. ${VERBS_ARE}`],
    [['help', 'mnd'], `There is no verb 'mnd'. Did you mean mend? ${VERBS_ARE}`],
    [['toString'], `There is no verb 'toString'. ${VERBS_ARE}`],
    [['stop'], 'stop: HOST is missing. Usage: npm run pod -- stop HOST'],
    [['mode'], 'mode: POD and observe|act|hold are missing. Usage: npm run pod -- mode POD observe|act|hold'],
    [['drift', 'blue-client-a1'], 'drift: 80ms is missing. Usage: npm run pod -- drift HOST|SERVER 80ms'],
    [['stop', 'a', 'b', 'c', '--json'], "stop: 'b c' is too much, it has no --json. Usage: npm run pod -- stop HOST"],
    [['hosts', '--jsno'], 'hosts: it has no --jsno. Usage: npm run pod -- hosts [POD] [--json]'],
  ])('%j', async (args, sentence) => {
    expect(await runCommand(args, { AWS_PORT: 'none' }, '')).toEqual({
      status: 2,
      stdout: '',
      stderr: `${sentence}\n`,
    });
  });
});

it.each(['help', '--help', '-h'])('npm start -- %s tells what it takes, and starts nothing', (word) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'packages/lab/src/pod/start.ts', word],
    { encoding: 'utf8', env: { ...process.env, PORT: 'none' } },
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${START_USAGE}\n`, stderr: '' });
});

it('npm start -- --help names the fleet files that there are', () => {
  for (const file of Object.values(FLEET_FILES)) {
    expect(START_USAGE).toContain(file);
    expect(existsSync(file)).toBe(true);
  }
});
