import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { completeLock, type Lock, missingOptionals, platformOf } from '../../scripts/lock.ts';

const shipped = JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')) as Lock;

describe('the lockfile of this project', () => {
  it('has an entry for every optional package, whatever its platform (else: npm run lock)', () => {
    expect(missingOptionals(shipped)).toEqual([]);
  });

  it('names no registry', () => {
    const resolved = Object.values(shipped.packages).flatMap((entry) => entry.resolved ?? []);
    // links to the workspaces
    expect(resolved).toEqual(['packages/aws-endpoint', 'packages/lab']);
  });

  it('installs the native parts of test, lint and build on macOS', () => {
    for (const name of ['@biomejs/cli-darwin-arm64', '@swc/core-darwin-arm64', '@esbuild/darwin-arm64']) {
      expect(shipped.packages[`node_modules/${name}`]).toMatchObject({
        optional: true,
        os: ['darwin'],
        cpu: ['arm64'],
      });
    }
  });
});

describe('completing a lock', () => {
  const lock: Lock = {
    lockfileVersion: 3,
    packages: {
      '': { version: '1.0.0' },
      'node_modules/core': {
        version: '2.1.0',
        dev: true,
        optionalDependencies: { '@core/linux-x64-gnu': '2.1.0', '@core/darwin-arm64': '2.1.0' },
      },
      'node_modules/core/node_modules/@core/linux-x64-gnu': { version: '2.1.0', optional: true },
      'node_modules/zip': { version: '1.2.3', optionalDependencies: { core: '^2.0.0' } },
    },
  };

  it('finds what resolves neither beside nor above the package that names it', () => {
    expect(missingOptionals(lock)).toEqual([
      { parent: 'node_modules/core', name: '@core/darwin-arm64', version: '2.1.0' },
    ]);
  });

  it('adds an optional entry of exactly that version and platform, in order, and is then complete', () => {
    const complete = completeLock(lock);
    expect(complete.packages['node_modules/@core/darwin-arm64']).toEqual({
      version: '2.1.0',
      dev: true,
      optional: true,
      os: ['darwin'],
      cpu: ['arm64'],
    });
    expect(Object.keys(complete.packages)).toEqual([
      '',
      'node_modules/@core/darwin-arm64',
      'node_modules/core',
      'node_modules/core/node_modules/@core/linux-x64-gnu',
      'node_modules/zip',
    ]);
    expect(missingOptionals(complete)).toEqual([]);
    expect(completeLock(complete)).toEqual(complete);
  });

  it('refuses a range, which could be any version', () => {
    const ranged: Lock = { packages: { 'node_modules/a': { optionalDependencies: { '@a/darwin-x64': '^1.0.0' } } } };
    expect(() => completeLock(ranged)).toThrow('node_modules/a names @a/darwin-x64 as ^1.0.0');
  });
});

describe('the platform in a package name', () => {
  it.each([
    ['@swc/core-linux-x64-gnu', { os: ['linux'], cpu: ['x64'], libc: ['glibc'] }],
    ['@biomejs/cli-linux-arm64-musl', { os: ['linux'], cpu: ['arm64'], libc: ['musl'] }],
    ['@unrs/resolver-binding-linux-arm-musleabihf', { os: ['linux'], cpu: ['arm'], libc: ['musl'] }],
    ['@unrs/resolver-binding-win32-ia32-msvc', { os: ['win32'], cpu: ['ia32'] }],
    ['@unrs/resolver-binding-android-arm-eabi', { os: ['android'], cpu: ['arm'] }],
  ])('%s', (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });

  it('is not guessed', () => {
    expect(() => platformOf('fsevents')).toThrow('does not say for which platform');
  });
});
