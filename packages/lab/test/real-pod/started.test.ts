import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { cleanLeftovers } from '../../src/pod/leftovers.ts';
import { type StartedPod, startPod } from '../pod/started-pod.ts';
import { expectNothingLeft, filesIn, interfaces, leftOf, mountsBelow, SOME_NAMESPACES, tracesOf } from './leftovers.ts';
import { PROJECT } from './product.ts';
import { because, clockSettings, eventually, here, really } from './setup.ts';

describe(`npm start -- --real${because}`, () => {
  let scratch: string;
  let environment: NodeJS.ProcessEnv;
  let clock: string;
  let pod: StartedPod | null = null;
  const before = interfaces();
  const started = () => pod as StartedPod;
  const start = async () => {
    pod = await startPod(['--real'], environment);
    return pod;
  };
  const files = () => filesIn(scratch);

  beforeAll(() => {
    if (!here) return;
    clock = clockSettings();
    // all files that it makes are its own then, whoever else runs a pod here
    scratch = mkdtempSync(join(tmpdir(), 'started-'));
    environment = { TMPDIR: scratch, TSX_DISABLE_CACHE: '1' };
  });

  afterAll(async () => {
    await pod?.interrupt('SIGTERM');
    if (!here) return;
    // a pod whose watcher was killed too is left to the next start, which does not come when a test fails before
    await cleanLeftovers(scratch);
    rmSync(scratch, { recursive: true, force: true });
  }, 60_000);

  really(
    'SIGKILL, of its watcher too, leaves no namespace, daemon or mount; the next start removes the rest, and comes up',
    async () => {
      const first = await start();
      await first.line(/host +blue-boundary-b booted: /, 90_000);
      const traces = tracesOf(first.pid);
      expect(traces.namespaces.size).toBeGreaterThan(SOME_NAMESPACES);
      for (const daemon of ['ntpd', 'chronyd'])
        expect(traces.processes.filter(({ command }) => command.startsWith(`/usr/sbin/${daemon}`))).not.toEqual([]);
      // else it would have removed the rest by itself
      const watcher = traces.processes.find(({ command }) => command.includes('pod/clean.ts'));
      process.kill(watcher?.pid as number, 'SIGKILL');
      await first.interrupt('SIGKILL');
      await eventually(
        'the kernel ends all but the product',
        15,
        () => leftOf(traces),
        (seen) => seen.every((each) => each.includes('serverless')),
      );
      expect({ mounts: mountsBelow(scratch), interfaces: interfaces() }).toEqual({ mounts: [], interfaces: before });
      const left = files();
      expect(left.toSorted()).toEqual([
        expect.stringMatching(/^podtime-\d+\.sock$/),
        expect.stringMatching(/^podtime-pod-.{6}$/),
      ]);

      const second = await start();
      const cleaned = second.lines.filter((line) => line.startsWith('podtime: cleaned up after a pod that was killed'));
      expect(cleaned).toEqual([
        expect.stringContaining(left.find((name) => name.startsWith('podtime-pod-')) as string),
      ]);
      expect(leftOf(traces)).toEqual([]);
      expect(left.filter((name) => existsSync(join(scratch, name)))).toEqual([]);
      // who is still booting would be started by that, whatever is done to it next
      for (const name of ['blue-boundary-b', 'blue-boundary-c', 'blue-client-a1'])
        await second.line(new RegExp(`host +${name} booted: `), 90_000);
    },
    300_000,
  );

  really('a daemon that will not start gets its sentence, and all others are mended', async () => {
    const hosts = join(scratch, files().find((name) => name.startsWith('podtime-pod-')) as string, 'hosts');
    const root = readdirSync(hosts)
      .map((name) => join(hosts, name))
      .find(
        (folder) =>
          existsSync(join(folder, 'etc/hostname')) &&
          readFileSync(join(folder, 'etc/hostname'), 'utf8') === 'blue-client-a1\n',
      );
    writeFileSync(join(root as string, 'etc/ntpsec/ntp.conf'), 'nts cert /etc/ntpsec/none.pem\nnts enable\n');
    for (const host of ['blue-client-a1', 'blue-boundary-c']) await started().command('stop', host);
    const { stdout: stopped } = await started().command('hosts');
    expect(stopped).toMatch(/^blue-boundary-c .* no daemon answers {2}/m);
    const { status, stderr } = await started().command('mend');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^blue-client-a1: ntpsec does not start\. It said: .*can't stat certificate/),
    });
    const { stdout: mended } = await started().command('hosts');
    expect(mended).toMatch(/^blue-client-a1 .* no daemon answers {2}/m);
    expect(mended).toMatch(/^blue-boundary-c .* (not synchronised|stratum 3, .*) {2}/m);
  });

  really('npm run pod cuts a cable, makes a server lie, replaces a boundary server: really', async () => {
    const { command } = started();
    expect(await command('drift', 'blue-boundary-b', '80ms')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("serves the machine's own clock, and that is left alone"),
    });
    expect((await command('drift', 'blue-boundary-c', '80ms')).stdout).toBe(
      'The clock of blue-boundary-c is held 80 ms off.\n',
    );
    expect((await command('cut', 'blue-boundary-b')).stdout).toBe('blue-boundary-b is cut off.\n');
    const { stdout: broken } = await command('hosts');
    expect(broken).toMatch(/^blue-boundary-b .*, cut off {2}/m);
    expect(broken).toMatch(/^blue-boundary-c .*, held 80 ms off {2}/m);
    const replaced = started().lines.length;
    expect((await command('replace', 'az-b')).stdout).toBe(
      'blue-boundary-b (10.20.2.10) is terminated; blue-boundary-b-v2 (10.20.2.42) boots in its place.\n',
    );
    await started().line(/registered +ntp\.az-b\.pod A 10\.20\.2\.42/, 60_000, replaced);
    await started().line(/host +blue-boundary-b-v2 booted: /, 60_000, replaced);
  });

  really('SIGTERM ends it in order and leaves nothing behind', async () => {
    const traces = tracesOf(started().pid);
    expect(traces.namespaces.size).toBeGreaterThan(SOME_NAMESPACES);
    expect(await started().interrupt('SIGTERM')).toBe(0);
    pod = null;
    await expectNothingLeft({ traces, folder: scratch, interfaces: before });
  });

  really('says why when namespaces cannot be made', async () => {
    const without = ['--bounding-set=-sys_admin', '--inh-caps=-sys_admin', '--'];
    const start = [process.execPath, '--import', 'tsx', 'packages/lab/src/pod/start.ts', '--real'];
    const options = { cwd: PROJECT, env: { ...process.env, ...environment } };
    const { status, stderr } = spawnSync('setpriv', [...without, ...start], { ...options, encoding: 'utf8' });
    expect({ status, stderr, files: files() }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^Namespaces cannot be made here .*unshare failed: Operation not permitted\n$/),
      files: [],
    });
  });

  really("the machine's own clock is as it was", () => {
    expect(clockSettings()).toBe(clock);
  });
});
