import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { run } from '../../src/real/commands.ts';
import { Container } from '../../src/real/container.ts';
import { Namespace } from '../../src/real/namespace.ts';
import { whyNoRealHosts } from '../../src/real/requirements.ts';
import { createRootFilesystem } from '../../src/real/root-filesystem.ts';

const reasons = whyNoRealHosts();

(reasons.length === 0 ? describe : describe.skip)(`a place of its own${reasons.join(' ')}`, () => {
  const folders: string[] = [];
  const folder = (name: string) => {
    const made = mkdtempSync(join(tmpdir(), `podtime-${name}-`));
    folders.push(made);
    return made;
  };
  let opened: { close(): Promise<void> } | undefined;
  afterEach(async () => {
    await opened?.close();
    for (const each of folders.splice(0)) rmSync(each, { recursive: true, force: true });
  });
  const options = (root: string) => ({ daemon: { kind: 'ntpsec', newer: false } as const, root, nameservers: [] });

  it('has its own files from the first command on, however late its process 1 goes there', async () => {
    const [root, slow] = [folder('own'), folder('slow')];
    writeFileSync(join(slow, 'chroot'), '#!/bin/sh\nsleep 0.5\nexec /usr/sbin/chroot "$@"\n');
    chmodSync(join(slow, 'chroot'), 0o755);
    const commands = [...createRootFilesystem({ ...options(root), hostName: 'own' }), `PATH=${slow}:$PATH`];
    const namespace = await Namespace.create('own', { root, commands });
    opened = namespace;
    const ran = await run([...namespace.inside, 'cat', '/etc/hostname']);
    expect(ran).toEqual({ exitCode: 0, stdout: 'own\n', stderr: '', timedOut: false });
  });

  it('says that all in it has ended instead of printing nothing', async () => {
    const host = await Container.create({ ...options(folder('own')), name: 'own' });
    opened = host;
    process.kill(host.namespace.pid, 'SIGKILL');
    const untilGone = async () => {
      for (let tries = 0; tries < 100; tries += 1) await host.run('sleep 0.1');
    };
    await expect(untilGone()).rejects.toThrow(/^the namespaces of own have ended \(/);
  });
});
