import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it as jestIt } from '@jest/globals';

// The service command of real hosts, with its files in a folder, and a daemon that only writes its pid file.
const it = process.platform === 'linux' ? jestIt : jestIt.skip;

let root: string;
let service: (action: string) => { status: number | null; output: string };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'podtime-service-'));
  mkdirSync(join(root, 'bin'));
  const script = readFileSync(join(import.meta.dirname, '../../src/real/service.sh'), 'utf8')
    .replaceAll('/etc/default/podtime-service', join(root, 'settings'))
    .replaceAll('/run/podtime-service.pid', join(root, 'service.pid'));
  writeFileSync(join(root, 'bin/service'), script, { mode: 0o755 });
  writeFileSync(join(root, 'ntp.conf'), '');
  writeFileSync(join(root, 'daemon'), `#!/bin/sh\necho $$ >'${root}/ntpd.pid'\nexec sleep 300\n`, { mode: 0o755 });
  const settings = {
    services: 'ntpsec',
    command: join(root, 'daemon'),
    pid_path: join(root, 'ntpd.pid'),
    config_path: join(root, 'ntp.conf'),
    drifting_path: join(root, 'drifting.conf'),
    log: join(root, 'log'),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`);
  writeFileSync(join(root, 'settings'), lines.join(''));
  service = (action) => {
    const env = { PATH: `${root}/bin:${process.env.PATH}` };
    const { status, stdout, stderr } = spawnSync('service', ['ntpsec', action], { env, encoding: 'utf8' });
    return { status, output: `${stdout}${stderr}`.trim() };
  };
});
afterEach(() => {
  service('stop');
  rmSync(root, { recursive: true, force: true });
});

it('starts and stops its daemon', () => {
  expect(service('status')).toEqual({ status: 3, output: 'inactive' });
  expect(service('start')).toEqual({ status: 0, output: '' });
  expect(service('status')).toEqual({ status: 0, output: 'active' });
  expect(service('stop')).toEqual({ status: 0, output: '' });
  expect(service('status')).toEqual({ status: 3, output: 'inactive' });
});

it('waits for a daemon that begins late, as on a busy machine', () => {
  const { stdout: setsid } = spawnSync('sh', ['-c', 'command -v setsid'], { encoding: 'utf8' });
  writeFileSync(join(root, 'bin/setsid'), `#!/bin/sh\nsleep 2\nexec ${setsid.trim()} "$@"\n`, { mode: 0o755 });
  expect(service('restart')).toEqual({ status: 0, output: '' });
  expect(service('status')).toEqual({ status: 0, output: 'active' });
});

it('says the last words of a daemon that ends', () => {
  writeFileSync(join(root, 'daemon'), '#!/bin/sh\necho "no such option" >&2\nexit 1\n', { mode: 0o755 });
  expect(service('start')).toEqual({ status: 1, output: 'ntpsec does not start. It said: no such option' });
});

describe('a daemon that writes no pid file', () => {
  beforeEach(() => {
    const settings = readFileSync(join(root, 'settings'), 'utf8').replace(/^pid_path=.*$/m, "pid_path=''");
    writeFileSync(join(root, 'settings'), settings);
  });

  it('has begun when it waits, and is stopped by its process', () => {
    writeFileSync(join(root, 'daemon'), '#!/bin/sh\nexec sleep 300\n', { mode: 0o755 });
    expect(service('start')).toEqual({ status: 0, output: '' });
    expect(service('status')).toEqual({ status: 0, output: 'active' });
    expect(service('restart')).toEqual({ status: 0, output: '' });
    expect(service('stop')).toEqual({ status: 0, output: '' });
    expect(service('status')).toEqual({ status: 3, output: 'inactive' });
  });

  it('says its last words when it ends', () => {
    writeFileSync(join(root, 'daemon'), '#!/bin/sh\necho "no such key" >&2\nexit 101\n', { mode: 0o755 });
    expect(service('start')).toEqual({ status: 1, output: 'ntpsec does not start. It said: no such key' });
  });
});
