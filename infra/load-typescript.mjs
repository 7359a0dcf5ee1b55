import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The exports of a TypeScript module of this project, for programs that run without a TypeScript loader: esbuild, which is needed
 * anyway, puts it into one module of `.build` half a second sooner than a loader would.
 *
 * @param {URL} entry
 * @param {string} folder of `.build`
 */
export async function loadTypeScript(entry, folder) {
  const { build, stop } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const name = /([^/]+)\.ts$/.exec(entry.pathname)?.[1];
  const module = new URL(`../.build/${folder}/${name}.mjs`, import.meta.url);
  const unfinished = new URL(`${module}.${process.pid}`);
  mkdirSync(new URL('.', module), { recursive: true });
  // whole or not at all: another command may be loading it
  writeFileSync(unfinished, outputFiles[0].contents);
  renameSync(unfinished, module);
  return { exports: await import(module), stop };
}
