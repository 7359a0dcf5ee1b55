import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { controlPath } from '../../src/pod/client/ask.mjs';
import { cleanLeftovers, OwnedFolder } from '../../src/pod/leftovers.ts';

let place: string;
let claimed: OwnedFolder[];

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'leftovers-'));
  claimed = [];
});
afterEach(() => {
  for (const folder of claimed) folder.release();
  rmSync(place, { recursive: true });
});

function claim(parent: string = place): OwnedFolder {
  const folder = OwnedFolder.claim('pod', parent);
  claimed.push(folder);
  return folder;
}

const GONE = { pid: 4_194_304 + 1, started: '1' };

/** As if the pod had been killed: no process has its number and start any more. */
function killed({ path }: OwnedFolder, ...others: object[]): string {
  const file = join(path, 'processes.jsonl');
  const [, ...recorded] = readFileSync(file, 'utf8').trim().split('\n');
  const records = [JSON.stringify(GONE), ...recorded, ...others.map((each) => JSON.stringify(each))];
  writeFileSync(file, records.map((each) => `${each}\n`).join(''));
  return path;
}

describe('what a killed pod leaves behind', () => {
  it('is removed, and its process ended', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    const owned = claim();
    owned.record(child.pid as number);
    const folder = killed(owned);
    expect(await cleanLeftovers(place)).toEqual([folder]);
    expect(existsSync(folder)).toBe(false);
    expect(await ended).toEqual([null, 'SIGKILL']);
  });

  it('never costs a process that only has the number of one of its own', async () => {
    const stranger = { pid: process.pid, started: '1' };
    const folder = killed(claim(), stranger);
    expect(await cleanLeftovers(place)).toEqual([folder]);
  });

  it('never costs a process of which nothing tells whether it is still its own', async () => {
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    const unknown = { pid: bystander.pid, started: null };
    const folder = killed(claim(), unknown);
    expect(await cleanLeftovers(place)).toEqual([folder]);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill();
    expect(await once(bystander, 'exit')).toEqual([null, 'SIGTERM']);
  });

  const root = process.getuid?.() === 0;
  (root ? it : it.skip)(
    `is not what another user left${root ? '' : ' (skipped: only root can give away)'}`,
    async () => {
      const folder = killed(claim());
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
    const { path: folder } = claim();
    mkdirSync(join(place, 'podtime-nobodys'));
    mkdirSync(join(place, 'podtime-broken'));
    writeFileSync(join(place, 'podtime-broken', 'processes.jsonl'), '{"pid":');
    killed(claim(mkdtempSync(join(place, 'elsewhere-'))));
    expect(await cleanLeftovers(place)).toEqual([]);
    expect(existsSync(folder)).toBe(true);
  });
});

describe('the folder of a process that is killed', () => {
  /** Claims a folder, has a child of its own recorded there, and says so. */
  const OWNER = `
    import { spawn } from 'node:child_process';
    import { OwnedFolder } from './packages/lab/src/pod/leftovers.ts';
    const folder = OwnedFolder.claim('pod', process.argv[1]);
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    folder.record(child.pid);
    console.log(JSON.stringify({ folder: folder.path, child: child.pid }));
    setInterval(() => {}, 1000);
  `;

  it('goes at once, and with it the processes recorded there', async () => {
    const args = ['--import', 'tsx', '--input-type=module', '-e', OWNER, place];
    const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(owner.stdout, 'data');
    const { folder, child } = JSON.parse(String(line));
    expect([existsSync(folder), lives(child)]).toEqual([true, true]);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await gone(() => existsSync(folder) || lives(child));
  }, 30_000);

  it('is removed by its owner in good order, which ends no process', async () => {
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    const folder = OwnedFolder.claim('pod', place);
    folder.record(bystander.pid as number);
    folder.release();
    expect([existsSync(folder.path), bystander.exitCode ?? bystander.signalCode]).toEqual([false, null]);
    bystander.kill();
    await once(bystander, 'exit');
  });

  function lives(pid: number): boolean {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  }

  async function gone(isThere: () => boolean): Promise<void> {
    while (isThere()) await new Promise((resolve) => setTimeout(resolve, 50));
  }
});
