import { expect, it } from '@jest/globals';
import { runCommand } from '../../src/pod/command.ts';
import { usage } from '../../src/pod/verbs.ts';

it.each([[[]], [['help']], [['--help']], [['-h']]])(
  'npm run pod -- %j tells the verbs, with no pod to ask',
  async (args) => {
    expect(await runCommand(args, {}, '')).toEqual({ status: 0, stdout: `${usage()}\n`, stderr: '' });
  },
);
