// @ts-check
import { didYouMean } from './nearest.mjs';
import { AWS_PORT } from './ports.mjs';
import { VERBS } from './verb-list.mjs';

/** What stands for the names in the verbs' usage. */
const NAMES = {
  HOST: 'a name or an instance id that `hosts` lists',
  SERVER: 'time-service, or an upstream by its name in the fleet file, such as us-west-2b.stratum-2.invalid',
  AZ: 'us-west-2a, az-a or a, of the first pod unless POD names another',
  POD: 'a pod of the fleet file, such as blue',
};

/** What was asked is not what a verb takes; told as it stands. */
export class UsageError extends Error {
  /** @override */
  name = 'UsageError';
}

/** @returns {string[]} all verbs */
export function usage() {
  const all = Object.values(VERBS);
  const width = Math.max(...all.map((verb) => verb.usage.length));
  return [
    'Usage: npm run pod -- VERB …',
    ...all.map((verb) => `  ${verb.usage.padEnd(width)}  ${verb.meaning}`),
    ...Object.entries(NAMES).map(([name, meaning]) => `${name.padEnd(7)} ${meaning}`),
    'npm run pod -- VERB --help shows examples. --json answers for programs; NO_COLOR and FORCE_COLOR are heeded.',
    `AWS_PORT (${AWS_PORT}) names the pod that is asked, as it did for npm start.`,
  ];
}

/**
 * One verb alone.
 *
 * @param {string} name
 */
export function verbUsage(name) {
  const { usage: line, meaning, examples } = verbNamed(name);
  const named = Object.entries(NAMES).filter(([word]) => new RegExp(`\\b${word}\\b`).test(line));
  return [
    `Usage: npm run pod -- ${line}`,
    `  ${meaning}`,
    ...named.map(([word, what]) => `${word.padEnd(7)} ${what}`),
    'Examples:',
    ...examples.map((example) => `  npm run pod -- ${example}`),
  ];
}

/**
 * Throws UsageError for a verb that there is not.
 *
 * @param {string} name
 */
export function verbNamed(name) {
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb) return verb;
  const verbs = Object.keys(VERBS);
  throw new UsageError(`There is no verb '${name}'.${didYouMean(name, verbs)} The verbs are ${verbs.join(', ')}.`);
}

/**
 * Throws UsageError where a verb has words too few or too many, or none of its flags.
 *
 * @param {string} name
 * @param {readonly string[]} words behind the verb
 * @param {readonly string[]} flags those that begin with a dash
 */
export function mustFit(name, words, flags) {
  const { usage: line } = verbNamed(name);
  const takes = line.split(' ').slice(1);
  const wanted = takes.filter((word) => !word.includes('--'));
  const known = takes.filter((word) => word.includes('--')).map((word) => word.replaceAll(/[[\]]/g, ''));
  const missing = wanted.slice(words.length).filter((word) => !word.startsWith('['));
  const strange = flags.filter((flag) => !known.includes(flag));
  const much = words.slice(wanted.length);
  const faults = [
    missing.length === 0 ? '' : `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`,
    much.length === 0 ? '' : `'${much.join(' ')}' is too much`,
    strange.length === 0 ? '' : `it has no ${strange.join(', ')}`,
  ].filter(Boolean);
  if (faults.length > 0) throw new UsageError(`${name}: ${faults.join(', ')}. Usage: npm run pod -- ${line}`);
}
