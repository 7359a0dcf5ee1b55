import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import type { CycleCommand } from '../../src/plan/plan.ts';
import { look } from '../../src/watchdog/look.ts';
import { observe } from '../../src/watchdog/observe.ts';
import { cycleOnDemand, tick } from '../../src/watchdog/tick.ts';
import { standingOf } from '../../src/watchdog/turn.ts';
import { addressOf, row, startPod, type TestedPod } from '../builders/endpoint-pod.ts';

let pod: TestedPod;
beforeEach(async () => {
  pod = await startPod();
  pod.addHost(11, 'boundary', 'us-west-2b');
  pod.addHost(12, 'boundary', 'us-west-2c');
  pod.mode('act');
  await pod.tick();
  await pod.clock.advance(400_000);
});
afterEach(() => pod.close());

const SERVER_B = addressOf(11, 'us-west-2b');
const left = { sources: [row('*', SERVER_B), row(' ', '10.0.2.99', { reach: '0' })] };
/** What SSM's console shows of each command that a run sent, the newest first. */
const commentsOf = (tickId: string) =>
  pod.endpoint
    .commands()
    .map(({ comment }) => comment)
    .filter((comment) => comment.includes(tickId));

describe("a command's comment says which run sent it and why", () => {
  it('in a tick', async () => {
    pod.addHost(21, 'client', 'us-west-2a', left);
    await tick({ ...pod.run, tickId: '5eed00000001' }, { dryRun: false, waitSeconds: 20 });
    expect(commentsOf('5eed00000001').toSorted()).toEqual([
      'podtime 5eed00000001 collect blue',
      expect.stringMatching(/^podtime 5eed00000001 cycle: .*ntp\.az-\w\.pod/),
    ]);
  });

  it('in a live look at some hosts', async () => {
    const run = { ...pod.run, tickId: '5eed00000002' };
    await look(run, await observe(run, await standingOf(run)), [hostId(11)], 20);
    expect(commentsOf('5eed00000002')).toEqual(['podtime 5eed00000002 collect blue']);
  });

  it('in a cycle on demand', async () => {
    pod.addHost(21, 'client', 'us-west-2a', { sources: [row('*', SERVER_B), row('+', addressOf(12, 'us-west-2c'))] });
    const request = { tier: null, az: null, instanceIds: [hostId(21)], force: true };
    const run = { ...pod.run, tickId: '5eed00000003' };
    await cycleOnDemand(run, { dryRun: false, waitSeconds: 20 }, request);
    expect(commentsOf('5eed00000003').toSorted()).toEqual([
      'podtime 5eed00000003 collect blue',
      expect.stringMatching(/^podtime 5eed00000003 cycle: .{10,}/),
    ]);
  });

  it('also when the reason is longer than the 100 characters that SSM takes', async () => {
    const command: CycleCommand = {
      tier: 'client',
      instanceIds: [hostId(11)],
      reason: 'x'.repeat(300),
      records: '',
      force: false,
      coolDownSeconds: 600,
      waveId: 'tick-1-client',
      maxConcurrency: 1,
      maxErrors: 0,
    };
    await pod.run.ports.commands.cycle(pod.pod, command, `podtime 5eed00000004 cycle: ${command.reason}`);
    const [comment] = commentsOf('5eed00000004');
    expect(comment).toMatch(/^podtime 5eed00000004 cycle: x+$/);
    expect(comment).toHaveLength(100);
  });
});
