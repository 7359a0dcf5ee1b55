/**
 * Makes a release: `npm run release -- --stage prod [--region …] [--param fleet=…]`, with the words of `sls package`. It lies in
 * `.build/release`, as a folder and as one zip with its checksum, and the same input gives the same bytes. Decision 0132.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { writeWhole } from '../infra/files.ts';
import { checksums, makeRelease } from '../infra/release/artifact.ts';
import { LOCAL_STAGE, TRIAL_STAGE } from '../infra/stage.ts';

const ROOT = join(import.meta.dirname, '..');
const PLACE = join(ROOT, '.build/release');
/** In the folder of a release, and where they stand in docs/. */
const PAGES = {
  'README.md': 'release.md',
  'examples/main.tf': 'examples/main.tf',
  'examples/stack.ts': 'examples/stack.ts',
};

const words = process.argv.slice(2);
const { values } = parseArgs({ args: words, options: { stage: { type: 'string' } }, strict: false });
const given = typeof values.stage === 'string' ? values.stage : null;

if (given === null || given === TRIAL_STAGE || given === LOCAL_STAGE) {
  const why = given === null ? 'No stage is named' : `Stage ${given} is packaged also where ids of AWS are missing`;
  console.error(`${why}: name the one that is deployed, such as npm run release -- --stage prod.`);
  process.exitCode = 1;
} else {
  process.exitCode = release();
}

function release(): number {
  const made = mkdtempSync(join(tmpdir(), 'podtime-release-'));
  try {
    const sls = join(ROOT, 'node_modules/serverless/bin/serverless.js');
    execFileSync(process.execPath, [sls, 'package', '--package', made, ...words], { cwd: ROOT, stdio: 'inherit' });
    const read = (file: string) => readFileSync(join(made, file));
    const { provider } = JSON.parse(read('serverless-state.json').toString()).service;
    const bom = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
      cwd: ROOT,
      maxBuffer: 100_000_000,
    });
    const { name, files, zip } = makeRelease({
      version: JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version,
      stage: provider.stage,
      region: provider.region,
      template: JSON.parse(read('cloudformation-template-update-stack.json').toString()),
      archive: read,
      bom: JSON.parse(bom.toString()),
      pages: new Map(Object.entries(PAGES).map(([path, page]) => [path, readFileSync(join(ROOT, 'docs', page))])),
    });
    put(name, files);
    writeWhole(join(PLACE, `${name}.zip`), zip);
    writeWhole(join(PLACE, `${name}.zip.sha256`), checksums(new Map([[`${name}.zip`, zip]])));
    console.log(`${relative(ROOT, join(PLACE, name))}: ${files.size} files; ${name}.zip is ${zip.length} bytes.`);
    return 0;
  } catch (error) {
    // what a command had to say it has said
    if (!(error instanceof Error && 'status' in error)) throw error;
    return 1;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** The folder whole, or as it was. */
function put(name: string, files: ReadonlyMap<string, Uint8Array>): void {
  const unfinished = join(PLACE, `${name}.unfinished-${process.pid}`);
  mkdirSync(unfinished, { recursive: true });
  for (const [path, bytes] of files) writeWhole(join(unfinished, path), bytes);
  rmSync(join(PLACE, name), { recursive: true, force: true });
  renameSync(unfinished, join(PLACE, name));
}
