import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { takeTurn } from '../../infra/files.ts';
import { write } from '../builders/temporary-folder.ts';

describe('packaging one at a time', () => {
  it('makes the second wait until the first has ended', async () => {
    const file = join(write({}), 'lock', 'packaging');
    const order: string[] = [];
    const end = await takeTurn(file);
    const second = takeTurn(file).then((endSecond) => {
      order.push('second');
      endSecond();
    });
    await new Promise((resolve) => setImmediate(resolve));
    order.push('first');
    end();
    await second;
    expect(order).toEqual(['first', 'second']);
    expect(existsSync(file)).toBe(false);
  });

  it("given back twice, takes nobody else's", async () => {
    const file = join(write({}), 'packaging');
    const end = await takeTurn(file);
    end();
    const endSecond = await takeTurn(file);
    end();
    expect(existsSync(file)).toBe(true);
    endSecond();
  });

  it('takes over the turn of a process that died with it', async () => {
    const dead = spawnSync(process.execPath, ['--version']).pid;
    const file = join(write({ packaging: String(dead) }), 'packaging');
    const end = await takeTurn(file);
    expect(readFileSync(file, 'utf8')).toBe(String(process.pid));
    end();
  });
});
