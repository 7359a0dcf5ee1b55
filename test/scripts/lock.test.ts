import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  completeLock,
  type Lock,
  missingOptionals,
  platformOf,
  withIntegrity,
  withoutIntegrity,
} from '../../scripts/lock.ts';

const ROOT = join(import.meta.dirname, '../..');
const shipped = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;

describe('the lockfile of this project', () => {
  it('has an entry for every optional package, whatever its platform (else: npm run lock)', () => {
    expect(missingOptionals(shipped)).toEqual([]);
  });

  it('has the hash of every package (else: npm run lock)', () => {
    expect(withoutIntegrity(shipped)).toEqual([]);
    const hashes = Object.values(shipped.packages).flatMap(({ integrity }) => integrity ?? []);
    expect(hashes.length).toBeGreaterThan(300);
    expect(hashes.filter((hash) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(hash))).toEqual([]);
  });

  it('names no registry, and no other place than the workspaces', () => {
    const resolved = Object.entries(shipped.packages).filter(([, entry]) => entry.resolved !== undefined);
    expect(resolved).toEqual([
      ['node_modules/@podtime/aws-endpoint', { resolved: 'packages/aws-endpoint', link: true }],
      ['node_modules/@podtime/lab', { resolved: 'packages/lab', link: true }],
    ]);
  });

  it('installs nothing into a workspace, where another version of it would hide', () => {
    expect(Object.keys(shipped.packages).filter((path) => /^packages\/.*node_modules/.test(path))).toEqual([]);
  });

  it('is of package.json files that agree on the version of what several of them name', () => {
    const versions = new Map<string, Set<string>>();
    for (const folder of ['', 'packages/aws-endpoint', 'packages/lab']) {
      const file = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
      for (const [name, version] of Object.entries({ ...file.dependencies, ...file.devDependencies } as object))
        versions.set(name, new Set([...(versions.get(name) ?? []), version]));
    }
    expect(versions.size).toBeGreaterThan(30);
    expect([...versions].filter(([, different]) => different.size > 1)).toEqual([]);
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

  /** Two versions of core, each with binaries of its own; only the newer one's are there. */
  const twoVersions: Lock = {
    packages: {
      'node_modules/@core/darwin-arm64': { version: '3.0.0', optional: true },
      'node_modules/core': { version: '3.0.0', optionalDependencies: { '@core/darwin-arm64': '3.0.0' } },
      'node_modules/old': { version: '1.0.0' },
      'node_modules/old/node_modules/core': {
        version: '2.1.0',
        optionalDependencies: { '@core/darwin-arm64': '2.1.0' },
      },
    },
  };

  it('takes an entry of another version for missing, and adds the right one beneath the package that names it', () => {
    const parent = 'node_modules/old/node_modules/core';
    expect(missingOptionals(twoVersions)).toEqual([{ parent, name: '@core/darwin-arm64', version: '2.1.0' }]);
    const { packages } = completeLock(twoVersions);
    expect(packages[`${parent}/node_modules/@core/darwin-arm64`]).toMatchObject({ version: '2.1.0', os: ['darwin'] });
    expect(packages['node_modules/@core/darwin-arm64']).toEqual({ version: '3.0.0', optional: true });
    expect(missingOptionals({ packages })).toEqual([]);
  });

  it('adds one entry for two that name the same version, and two for two versions', () => {
    const optionalDependencies = { '@core/darwin-arm64': '2.1.0' };
    const packages = completeLock({
      packages: {
        'node_modules/a': { optionalDependencies },
        'node_modules/b': { optionalDependencies },
        'node_modules/c': { optionalDependencies: { '@core/darwin-arm64': '3.0.0' } },
      },
    }).packages;
    expect(Object.keys(packages).filter((path) => path.endsWith('darwin-arm64'))).toEqual([
      'node_modules/@core/darwin-arm64',
      'node_modules/c/node_modules/@core/darwin-arm64',
    ]);
  });

  it('follows the link of a workspace to its version, and searches from its folder', () => {
    const packages: Lock['packages'] = {
      'node_modules/@own/tool': { resolved: 'packages/tool', link: true },
      'node_modules/@core/linux-x64-gnu': { version: '2.1.0' },
      'packages/tool': { version: '0.1.0', optionalDependencies: { '@core/linux-x64-gnu': '2.1.0' } },
      'node_modules/user': { version: '1.0.0', optionalDependencies: { '@own/tool': '0.1.0' } },
    };
    expect(missingOptionals({ packages })).toEqual([]);
    const other = { ...packages, 'node_modules/user': { optionalDependencies: { '@own/tool': '0.2.0' } } };
    expect(missingOptionals({ packages: other })).toHaveLength(1);
  });

  it('refuses to install another version into a workspace or the project itself', () => {
    const names = { optionalDependencies: { '@core/darwin-arm64': '2.1.0' } };
    const packages = { 'node_modules/@core/darwin-arm64': { version: '3.0.0' } };
    expect(() => completeLock({ packages: { ...packages, 'packages/tool': names } })).toThrow(
      'packages/tool names @core/darwin-arm64 as 2.1.0, and the lock has 3.0.0',
    );
    expect(() => completeLock({ packages: { ...packages, '': names } })).toThrow('package.json names');
  });

  it('refuses a range, which could be any version', () => {
    const ranged: Lock = { packages: { 'node_modules/a': { optionalDependencies: { '@a/darwin-x64': '^1.0.0' } } } };
    expect(() => completeLock(ranged)).toThrow('node_modules/a names @a/darwin-x64 as ^1.0.0');
  });
});

describe('the hashes of a lock', () => {
  const lock: Lock = {
    packages: {
      '': { version: '1.0.0' },
      'packages/tool': { version: '0.1.0' },
      'node_modules/tool': { resolved: 'packages/tool', link: true },
      'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
      'node_modules/a/node_modules/@b/c': { version: '2.0.0', optional: true },
    },
  };

  it('are wanted of what comes from a registry alone', () => {
    expect(withoutIntegrity(lock)).toEqual([
      { path: 'node_modules/a/node_modules/@b/c', name: '@b/c', version: '2.0.0' },
    ]);
  });

  it('are put where they are missing, after the version, and nowhere else', () => {
    const path = 'node_modules/a/node_modules/@b/c';
    const hashed = withIntegrity(lock, new Map([[path, 'sha512-c']]));
    expect(JSON.stringify(hashed.packages[path])).toBe('{"version":"2.0.0","integrity":"sha512-c","optional":true}');
    expect({ ...hashed.packages, [path]: lock.packages[path] }).toEqual(lock.packages);
    expect(withoutIntegrity(hashed)).toEqual([]);
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
