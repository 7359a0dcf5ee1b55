import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { checkFleet, type FleetCheck } from './fleet-check.ts';
import { TRIAL_STAGE } from './stage.ts';

const USAGE = [
  'Usage: npm run fleet                        checks fleet.yml, in a second and without AWS',
  '       npm run fleet FILE                   checks another file',
  '       npm run fleet -- FILE --stage prod   also whether that stage could be deployed',
];
/** As osls takes a stage (its schema, provider.stage). */
const STAGE = /^[a-zA-Z0-9-]+$/;

/** `npm run fleet` with these words: what it prints, and whether all is well. */
export function fleetCommand(
  args: readonly string[],
  { serviceDir, folder }: { serviceDir: string; folder: string },
): FleetCheck {
  if (args.some((arg) => ['--help', '-h', 'help'].includes(arg))) return { isGood: true, lines: USAGE };
  const files: string[] = [];
  const faults: string[] = [];
  let stage = TRIAL_STAGE;
  for (let at = 0; at < args.length; at += 1) {
    const [name = '', inline] = (args[at] as string).split(/=(.*)/s);
    if (name === '--stage') {
      if (inline === undefined) at += 1;
      stage = inline ?? args[at] ?? '';
      if (!STAGE.test(stage)) faults.push(`--stage ${stage} is no stage: it is made of letters, digits and hyphens.`);
    } else if (name.startsWith('-')) faults.push(`npm run fleet knows no option ${name}; it knows --stage.`);
    else files.push(args[at] as string);
  }
  if (files.length > 1) faults.push(`npm run fleet checks one file, not ${files.length}: ${files.join(', ')}.`);
  if (faults.length > 0) return { isGood: false, lines: [...faults, ...USAGE] };
  const [given] = files;
  return checkFleet(serviceDir, {
    stage,
    fleetFile: given === undefined ? 'fleet.yml' : fileFrom(given, folder, serviceDir),
  });
}

/** As it was given, where packaging would find it so too; else from the operator's folder. */
export function fileFrom(given: string, folder: string, serviceDir: string): string {
  const path = resolve(folder, given);
  const within = relative(serviceDir, path);
  if (!within.startsWith('..') && within !== '') return within;
  return existsSync(path) ? path : join(folder, given);
}
