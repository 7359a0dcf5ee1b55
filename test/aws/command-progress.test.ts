import type { Command } from '@aws-sdk/client-ssm';
import { describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import type { CommandList } from '../../src/aws/command-list.ts';
import { commandProgress } from '../../src/aws/command-progress.ts';
import type { CollectAnswer } from '../../src/watchdog/ports.ts';

const answer = (n: number, status: string, output: string | null = null): CollectAnswer => {
  return { instanceId: hostId(n), status, output };
};
const CYCLED = 'verdict cycled ntpd in 4 s\n';
const cycled = (n: number) => answer(n, 'Success', CYCLED);
const outcome = (n: number) => ({ instanceId: hostId(n), kind: 'cycled', reason: 'ntpd', why: 'cycled ntpd in 4 s' });
const counts = (TargetCount: number, CompletedCount: number, Status: Command['Status'] = 'InProgress'): Command => {
  return { CommandId: 'c-1', Status, TargetCount, CompletedCount, ErrorCount: 0 };
};

/** What SSM says of each command: its counts, and the pages of its answers. */
const listsOf = (commands: Record<string, [Command | null, CollectAnswer[][]]>): CommandList => ({
  command: async (id) => commands[id]?.[0] ?? null,
  async *answers(id) {
    yield* commands[id]?.[1] ?? [];
  },
  answer: async () => null,
  ofWave: async () => [],
});
const progressOf = (command: Command | null, ...pages: CollectAnswer[][]) =>
  commandProgress(listsOf({ 'c-1': [command, pages] }), ['c-1']);

describe('how a wave’s commands stand', () => {
  it.each<[string, Command | null, CollectAnswer[], boolean]>([
    ['a host is at work still, and all others are listed', counts(2, 1), [cycled(1), answer(2, 'InProgress')], true],
    ['the list is empty', counts(2, 1), [], false],
    ['the list is empty, and nobody is counted yet', counts(2, 0), [], false],
    ['a host is counted as through, and listed as at work', counts(2, 2), [cycled(1), answer(2, 'InProgress')], false],
    ['a host is counted as through, and not listed', counts(2, 2), [cycled(1)], false],
    ['a host at work is not listed', counts(2, 1), [cycled(1)], false],
    ['SSM does not list the command', null, [], false],
    ['a host ended in a way that SSM does not count', counts(2, 1), [cycled(1), answer(2, 'AccessDenied')], true],
    ['such a host stands for none that is counted', counts(2, 2), [cycled(1), answer(2, 'AccessDenied')], false],
  ])('%s', async (_, command, answers, isWhole) => {
    expect(await progressOf(command, answers)).toMatchObject({ ended: false, isWhole });
  });

  it('has ended where the command has, and all its answers are listed', async () => {
    expect(await progressOf(counts(2, 2, 'Success'), [cycled(1)], [cycled(2)])).toEqual({
      ended: true,
      isWhole: true,
      failed: 0,
      outcomes: [outcome(1), outcome(2)],
    });
    expect(await progressOf(counts(2, 2, 'Success'), [cycled(1)])).toMatchObject({ ended: false, isWhole: false });
  });

  it('a host that two pages list is one host, as it ended', async () => {
    const twice = await progressOf(counts(2, 1), [cycled(1)], [cycled(1)]);
    expect(twice).toMatchObject({ isWhole: false, outcomes: [outcome(1)] });
    const pages = [[answer(1, 'InProgress')], [cycled(1), answer(2, 'Pending')], [answer(1, 'InProgress')]];
    expect(await progressOf(counts(2, 1), ...pages)).toMatchObject({ isWhole: true, outcomes: [outcome(1)] });
  });

  it('is whole where each of its commands is', async () => {
    const whole: [Command, CollectAnswer[][]] = [counts(1, 1, 'Success'), [[cycled(1)]]];
    const lists = listsOf({ 'c-1': whole, 'c-2': [counts(1, 1, 'Success'), []], 'c-3': whole });
    expect(await commandProgress(lists, ['c-1', 'c-2', 'c-3'])).toMatchObject({ ended: false, isWhole: false });
    expect(await commandProgress(lists, ['c-1', 'c-3'])).toMatchObject({ ended: true, isWhole: true });
  });
});
