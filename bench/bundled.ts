import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleHandlers } from '../infra/bundle/bundle.ts';
import { readStageFleet } from '../infra/stage.ts';

const root = join(import.meta.dirname, '..');

/** A function's module as Lambda gets it, as a file. */
export interface BundledFile {
  file: string;
  bytes: number;
}

/** Functions of the product by name, bundled into a folder that goes with the process. */
export function bundled(names: readonly string[]): Promise<Record<string, BundledFile>> {
  return bundledFrom(root, names);
}

async function bundledFrom(service: string, names: readonly string[]): Promise<Record<string, BundledFile>> {
  const { fleet } = readStageFleet(root, { fleetFile: 'fleet.yml', stage: 'dev', region: 'us-west-2' });
  const handlers = Object.fromEntries(names.map((name) => [name, `handlers/${name}.handler`]));
  const written = mkdtempSync(join(folder, 'bundles-'));
  const bundles = await bundleHandlers(service, handlers, fleet);
  return Object.fromEntries(
    bundles.map(({ name, code }) => {
      const file = join(written, `${name}.mjs`);
      writeFileSync(file, code);
      return [name, { file, bytes: code.byteLength }];
    }),
  );
}

/** A folder of this process alone. */
const folder = mkdtempSync(join(tmpdir(), 'podtime-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
