import { readCapture } from './capture.ts';
import { askPod } from './control.ts';
import { asksForHelp, portsOf } from './settings.ts';
import { usage } from './verbs.ts';

/** What a command leaves in a terminal. */
export interface CommandResult {
  /** Exit status. */
  status: 0 | 1;
  stdout: string;
  stderr: string;
}

/** `npm run pod -- VERB …` with this environment, called in this folder: asks the pod that `npm start` brought up. */
export async function runCommand(
  args: string[],
  environment: NodeJS.ProcessEnv,
  folder: string,
): Promise<CommandResult> {
  try {
    if (args.length === 0 || asksForHelp(args)) return printed(usage());
    const { aws } = portsOf(environment);
    const answer = await askPod(aws, { args, text: textFor(args, environment.INIT_CWD || folder) });
    if (answer === null)
      return failed(`No pod runs with AWS port ${aws}, or it is not up yet. To start one: npm start`);
    return answer.ok ? printed(...answer.lines) : failed(...answer.lines);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

/** The file that `play` names. npm runs scripts in the project's folder, and says in INIT_CWD where the operator stands. */
function textFor(args: readonly string[], folder: string): string | null {
  const [verb, , file] = args;
  if (verb !== 'play' || file === undefined || args.length !== 3) return null;
  return readCapture(file, folder);
}

const printed = (...lines: string[]): CommandResult => ({ status: 0, stdout: textOf(lines), stderr: '' });

const failed = (...lines: string[]): CommandResult => ({ status: 1, stdout: '', stderr: textOf(lines) });

function textOf(lines: string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
