import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { readBundledScript, readScript, withoutComments } from '../../infra/script-files.ts';
import { SCRIPT_NAMES } from '../../src/host/scripts.ts';

const ROOT = process.cwd();

describe('a script as it is bundled', () => {
  it('keeps the head of its own part, and no other line that is a comment', () => {
    const script = [
      '# shellcheck shell=sh',
      '# daemon.sh: what it is,',
      '# and for what.',
      '',
      '# why',
      'one # not on a line of its own',
      "  awk '",
      '    # of awk',
      "    { print }'",
      '',
      '',
      '# boot.sh: what it does,',
      '# and how.',
      '',
      'two',
      '',
    ];
    expect(withoutComments(script.join('\n'), 'boot').split('\n')).toEqual([
      '',
      'one # not on a line of its own',
      "  awk '",
      "    { print }'",
      '',
      '# boot.sh: what it does,',
      '# and how.',
      '',
      'two',
      '',
    ]);
  });

  it.each(SCRIPT_NAMES)('%s lacks comments and nothing else', (name) => {
    const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !/^\s*#/.test(line));
    expect(linesOf(readBundledScript(ROOT, name))).toEqual(linesOf(readScript(ROOT, name)));
  });

  it.each(['dash', 'bash', 'busybox'])('boot says under %s how it is used', (shell) => {
    const boot = `POD=blue\nTIER=client\nAZ=us-west-2b\nLAST_LINE='# end'\n${readBundledScript(ROOT, 'boot')}`;
    const { status, stderr } = spawnSync(shell, shell === 'busybox' ? ['sh', '-s'] : ['-s'], {
      input: boot,
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    expect([status, stderr]).toEqual([
      2,
      'podtime: usage: boot.sh BASE_URL (or PODTIME_URL): the base URL of the API, http:// or https://\n',
    ]);
  });
});
