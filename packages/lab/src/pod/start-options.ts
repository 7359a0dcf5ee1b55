import { didYouMean } from './client/nearest.mjs';
import type { BackendKind } from './host-backend.ts';
import { SettingError } from './settings.ts';

export interface StartOptions {
  hosts: BackendKind;
  /** Simulated seconds in one; 1 with real hosts, whose time is everybody's. */
  factor: number;
  /** An operator's file, as it was given; null: the lab's own. */
  fleetFile: string | null;
}

/** Hosts and AWS run so much faster than the wall clock: five minutes to confidence become fifteen seconds. */
export const FACTOR = 20;
const MOST_FACTOR = 60;

/** Where the pods of `npm start` are written. */
export const FLEET_FILES: Record<BackendKind, string> = {
  simulated: 'packages/lab/fleet.yml',
  real: 'packages/lab/fleet.real.yml',
};

/** What `npm start -- --help` tells. */
export const START_USAGE = [
  'Usage: npm start                    a whole pod with simulated hosts',
  `       npm start -- --factor N      hosts and AWS run N times as fast as your clock (1 to ${MOST_FACTOR}; ${FACTOR} unless told)`,
  "       npm start -- --real          real daemons in network namespaces, at time's own speed (Linux, as root)",
  '       npm start -- --fleet FILE    the pods of your own fleet.yml, with a few hosts made for each; with --factor or --real too',
  '       npm start -- --help          this',
  'PORT (3000) and AWS_PORT (4566) choose other ports: PORT=3001 AWS_PORT=4567 npm start',
  `The pods stand in ${FLEET_FILES.simulated}, with --real in ${FLEET_FILES.real}. Ctrl-C ends them.`,
  'A machine too slow for the factor gets a slower one, and says so; its own again when it keeps up.',
].join('\n');

const WITH_VALUE = ['--factor', '--fleet'];
const OPTIONS = [...WITH_VALUE, '--help', '--real'];

/** Throws SettingError with all that is wrong, a sentence a line. */
export function startOptionsOf(args: string[]): StartOptions {
  const faults: string[] = [];
  const given = new Map<string, string | undefined>();
  for (let at = 0; at < args.length; at += 1) {
    const [name = '', inline] = (args[at] ?? '').split(/=(.*)/s);
    if (!name.startsWith('-')) {
      faults.push(`npm start takes no '${args[at]}' by itself.${didYouMean(name, OPTIONS)}`);
      continue;
    }
    const next = args[at + 1];
    const isValue = WITH_VALUE.includes(name) && inline === undefined && next !== undefined && !next.startsWith('--');
    if (isValue) at += 1;
    if (!OPTIONS.includes(name)) faults.push(`npm start knows no option ${name}.${didYouMean(name, OPTIONS)}`);
    else if (given.has(name)) faults.push(`${name} stands twice.`);
    if (name === '--real' && inline !== undefined) faults.push(`--real takes no value, and has '${inline}'.`);
    given.set(name, isValue ? next : inline);
  }
  const hosts = given.has('--real') ? 'real' : 'simulated';
  const factor = factorOf(given, faults);
  if (given.has('--real') && given.has('--factor'))
    faults.push("--real and --factor: real daemons run at time's own speed; leave one of them out.");
  const fleetFile = given.get('--fleet') ?? null;
  if (given.has('--fleet') && !fleetFile) faults.push('--fleet has no file: npm start -- --fleet fleet.yml');
  if (faults.length > 0) throw new SettingError([...faults, 'npm start -- --help tells what there is.'].join('\n'));
  return { hosts, factor: hosts === 'real' ? 1 : factor, fleetFile };
}

function factorOf(given: ReadonlyMap<string, string | undefined>, faults: string[]): number {
  if (!given.has('--factor')) return FACTOR;
  const value = given.get('--factor') ?? '';
  const factor = Number(value);
  if (value.trim() === '' || !(factor >= 1 && factor <= MOST_FACTOR))
    faults.push(`--factor${value && ` ${value}`} is no factor: it must be a number from 1 to ${MOST_FACTOR}.`);
  return factor;
}
