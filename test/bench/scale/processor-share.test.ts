import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ProcessorShare, shareOf } from '../../../bench/scale/processor-share.ts';

let child: ChildProcess;
afterEach(() => {
  child?.kill('SIGKILL');
});

describe("Lambda's share of a processor", () => {
  it('goes with the memory, up to a whole one', () => {
    expect([512, 1024, 1769, 3008].map((megabytes) => shareOf(megabytes).toFixed(2))).toEqual([
      '0.29',
      '0.58',
      '1.00',
      '1.00',
    ]);
  });

  it('is held by the kernel where it can be, and given back', async () => {
    child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const groups = () => readFileSync(`/proc/${child.pid}/cgroup`, 'utf8');
    const held = ProcessorShare.hold(child.pid ?? 0, 0.5);
    // null: no right to control groups here, and times are computed instead
    expect(groups().includes(`/podtime-scale-${child.pid}\n`)).toBe(held !== null);
    child.kill('SIGKILL');
    await once(child, 'exit');
    held?.remove();
  });
});
