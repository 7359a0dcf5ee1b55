import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');

interface Bom {
  bomFormat: string;
  components: { name: string; version: string; hashes?: { alg: string; content: string }[] }[];
}

it('lists what a release is made of and with: each package, of its version and with its hash', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const bom = JSON.parse(execFileSync('npm', ['run', '--silent', 'sbom'], { cwd: ROOT, encoding: 'utf8' })) as Bom;
  expect(bom.bomFormat).toBe('CycloneDX');
  const versions = Object.fromEntries(bom.components.map(({ name, version }) => [name, version]));
  expect(versions).toMatchObject(dependencies ?? {});
  expect(versions).toMatchObject({ esbuild: devDependencies?.esbuild });
  const unhashed = bom.components.filter(({ hashes }) => hashes?.[0]?.alg !== 'SHA-512').map(({ name }) => name);
  // npm names workspaces by package or by folder, as its version goes
  expect(unhashed.map((name) => name.replace('@podtime/', ''))).toEqual(['aws-endpoint', 'lab']);
});
