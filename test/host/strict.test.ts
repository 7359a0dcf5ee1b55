import { describe, expect, it } from '@jest/globals';
import { Client, KINDS, leftBehind, newOneSilent, nextWave, REPLACED, RIGHT, silent } from './client.ts';
import { Host, SHELLS } from './host.ts';
import { kept } from './kept.ts';
import { LAYOUTS } from './layouts.ts';

// SSM's agent, or whoever runs a document by hand, may start its shell with options.

const withOptions = <T extends Host>(host: T, options: string[]): T => {
  host.shellOptions = options;
  return kept(host);
};

const STRICT = [['-u'], ['-e'], ['-e', '-u']];
const EVERY = SHELLS.flatMap((shell) => STRICT.map((options) => ({ shell, options, words: options.join(' ') })));

describe.each(EVERY)('under $shell $words', ({ shell, options }) => {
  it('collect prints what it prints without', () => {
    for (const { lay } of LAYOUTS.slice(0, 4)) {
      const outputs = [[], options].map((each) => {
        const host = withOptions(new Host(shell), each);
        lay(host);
        return host.run('collect');
      });
      expect(outputs[1]).toEqual(outputs[0]);
    }
    const nothing = withOptions(new Host(shell), options).tools('service', 'ntpq', 'chronyc');
    expect(nothing.run('collect')).toMatchObject({ stdout: expect.stringMatching(/\nend\n$/), status: 0 });
  });

  it.each(KINDS)('cycle of %s ends as it does without', (kind) => {
    const right = withOptions(new Client(shell, kind), options);
    expect(right.cycle(RIGHT).verdict).toBe('verdict nothing already-right');
    const wave = { Wave: nextWave() };
    const stale = withOptions(leftBehind(shell, kind), options);
    expect(stale.cycle(REPLACED, wave).verdict).toMatch(/^verdict cycled /);
    expect(stale.cycle(REPLACED, wave).verdict).toBe('verdict nothing same-wave');
    const mute = withOptions(leftBehind(shell, kind), options).polls(silent);
    mute.polls((rows) => silent(newOneSilent(rows)), `${mute.stage}+6`);
    expect(mute.cycle(REPLACED)).toMatchObject({ verdict: `verdict cycled ${kind} unproven`, status: 0 });
    const failing = withOptions(leftBehind(shell, kind), options);
    failing.acts(failing.act, 'none', { stdout: 'no\n', status: 1 });
    expect(failing.cycle(REPLACED)).toMatchObject({
      verdict: expect.stringMatching(/^verdict failed not-cycled/),
      status: 1,
    });
  });
});
