import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { claimFolder, cleanLeftovers, controlPath, recordProcess } from '../../src/pod/leftovers.ts';

let place: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'leftovers-'));
});
afterEach(() => rmSync(place, { recursive: true }));

/** As if the pod had been killed: no process has its number and start any more. */
function killed(folder: string): string {
  const file = join(folder, 'owner.json');
  const [, ...others] = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify([{ pid: 4_194_304 + 1, started: '1' }, ...others]));
  return folder;
}

describe('what a killed pod leaves behind', () => {
  it('is removed, and its process ended', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    const folder = claimFolder('pod', place);
    recordProcess(folder, child.pid as number);
    killed(folder);
    expect(await cleanLeftovers(place)).toEqual([folder]);
    expect(existsSync(folder)).toBe(false);
    expect(await ended).toEqual([null, 'SIGKILL']);
  });

  it('never costs a process that only has the number of one of its own', async () => {
    const folder = claimFolder('pod', place);
    const stranger = { pid: process.pid, started: '1' };
    writeFileSync(join(folder, 'owner.json'), JSON.stringify([{ pid: 4_194_304 + 1, started: '1' }, stranger]));
    expect(await cleanLeftovers(place)).toEqual([folder]);
  });

  it('never costs a process of which nothing tells whether it is still its own', async () => {
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    const folder = claimFolder('pod', place);
    const unknown = { pid: bystander.pid, started: null };
    writeFileSync(join(folder, 'owner.json'), JSON.stringify([{ pid: 4_194_304 + 1, started: '1' }, unknown]));
    expect(await cleanLeftovers(place)).toEqual([folder]);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill();
    expect(await once(bystander, 'exit')).toEqual([null, 'SIGTERM']);
  });

  const root = process.getuid?.() === 0;
  (root ? it : it.skip)(
    `is not what another user left${root ? '' : ' (skipped: only root can give away)'}`,
    async () => {
      const folder = killed(claimFolder('pod', place));
      chownSync(folder, 65_534, 65_534);
      expect(await cleanLeftovers(place)).toEqual([]);
      expect(existsSync(folder)).toBe(true);
    },
  );

  it('is no socket but one on which nobody listens any more', async () => {
    const [heard, deaf] = [controlPath(4566, place), controlPath(4567, place)];
    const listener = createServer().listen(heard);
    await once(listener, 'listening');
    const killer = `require('node:net').createServer().listen(${JSON.stringify(deaf)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', killer]), 'exit');
    expect([heard, deaf].map((path) => existsSync(path))).toEqual([true, true]);
    await cleanLeftovers(place);
    expect([heard, deaf].map((path) => existsSync(path))).toEqual([true, false]);
    listener.close();
  });

  it('is not what belongs to a pod that lives, or to nobody', async () => {
    const folder = claimFolder('pod', place);
    mkdirSync(join(place, 'podtime-nobodys'));
    mkdirSync(join(place, 'podtime-broken'));
    writeFileSync(join(place, 'podtime-broken', 'owner.json'), '[{"pid":');
    killed(claimFolder('pod', mkdtempSync(join(place, 'elsewhere-'))));
    expect(await cleanLeftovers(place)).toEqual([]);
    expect(existsSync(folder)).toBe(true);
  });
});
