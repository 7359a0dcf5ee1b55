// @ts-check
import { askPod, runningPods } from './ask.mjs';
import { readCapture } from './capture.mjs';
import { mustFit, UsageError, usage, verbNamed, verbUsage } from './help.mjs';
import { portsOf, SettingError } from './ports.mjs';

/**
 * What a command leaves in a terminal. Status 1: it could not be done; 2: nobody could do it, as it is not what a verb takes.
 *
 * @typedef {{ status: 0 | 1 | 2, stdout: string, stderr: string }} CommandResult
 */

const ASKS_FOR_HELP = ['help', '--help', '-h'];

/**
 * `npm run pod -- VERB …` with this environment, called in this folder: asks the pod that `npm start` brought up.
 *
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} environment
 * @param {string} folder
 * @param {number | null} columns of the terminal; null: a pipe or a file
 * @returns {Promise<CommandResult>}
 */
export async function runCommand(args, environment, folder, columns = null) {
  const given = args.filter((arg) => !isFlag(arg));
  const flags = args.filter(isFlag);
  const [name = '', ...words] = given[0] === 'help' ? given.slice(1) : given;
  try {
    if (name !== '') verbNamed(name);
    if (name === '' || args[0] === 'help' || flags.some((flag) => ASKS_FOR_HELP.includes(flag))) {
      return printed(name === '' ? usage() : verbUsage(name));
    }
    mustFit(name, words, flags);
    const { aws } = portsOf(environment);
    // npm runs scripts in the project's folder, and says in INIT_CWD where the operator stands
    const text = name === 'play' ? readCapture(words[1] ?? '', environment.INIT_CWD || folder) : null;
    const terminal = { colours: hasColours(environment, columns !== null), columns };
    const answer = await askPod(aws, { args: given, json: flags.includes('--json'), text, terminal });
    if (answer === null) return failed(1, [await nobodyAnswers(aws, args)]);
    return answer.ok ? printed(answer.lines) : failed(1, answer.lines);
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof SettingError;
    return failed(isUsage ? 2 : 1, [error instanceof Error ? error.message : String(error)]);
  }
}

/**
 * @param {number} awsPort
 * @param {string[]} args
 */
async function nobodyAnswers(awsPort, args) {
  const [other] = await runningPods();
  const start = `No pod runs with AWS port ${awsPort}, or it is not up yet.`;
  if (other === undefined) return `${start} To start one: npm start`;
  return `${start} One runs with ${other}: AWS_PORT=${other} npm run pod -- ${args.join(' ')}`;
}

/**
 * A dash and a letter: `-80ms` is a word.
 *
 * @param {string} arg
 */
function isFlag(arg) {
  return /^--?[a-z]/i.test(arg);
}

/**
 * As no-color.org and force-color.org have it.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @param {boolean} isTerminal
 */
function hasColours({ NO_COLOR, FORCE_COLOR, TERM }, isTerminal) {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && TERM !== 'dumb';
}

/**
 * @param {readonly string[]} lines
 * @returns {CommandResult}
 */
function printed(lines) {
  return { status: 0, stdout: textOf(lines), stderr: '' };
}

/**
 * @param {1 | 2} status
 * @param {readonly string[]} lines
 * @returns {CommandResult}
 */
function failed(status, lines) {
  return { status, stdout: '', stderr: textOf(lines) };
}

/** @param {readonly string[]} lines */
function textOf(lines) {
  return lines.map((line) => `${line}\n`).join('');
}
