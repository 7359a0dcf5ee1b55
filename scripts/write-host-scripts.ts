import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readScript } from '../infra/script-files.ts';
import { DOCUMENT_NAMES, ssmDocument } from '../infra/template/documents.ts';
import { bootScript } from '../src/config/boot.ts';
import { TIERS } from '../src/fleet/fleet.ts';
import { loadFleet } from '../src/fleet/load.ts';

/** Writes every script as a host gets it into the folder named on the command line; .ci/run holds them against shellcheck. */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: write-host-scripts.ts FOLDER');
const root = join(import.meta.dirname, '..');
const fleet = loadFleet(readFileSync(join(root, 'fleet.yml'), 'utf8'));

mkdirSync(folder, { recursive: true });
for (const name of DOCUMENT_NAMES) {
  const [step] = ssmDocument(name, readScript(root, name)).mainSteps;
  writeFileSync(join(folder, `${name}.sh`), `${step.inputs.runCommand.join('\n')}\n`);
}
for (const pod of fleet.pods) {
  for (const tier of TIERS) {
    const [az = ''] = pod.azs;
    const { text } = bootScript({ fleet, pod, tier, az }, readScript(root, 'boot'));
    writeFileSync(join(folder, `boot.${pod.name}.${tier}.sh`), text);
  }
}
