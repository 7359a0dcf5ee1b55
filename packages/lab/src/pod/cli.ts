import { readCapture } from './capture.ts';
import { askPod } from './control.ts';
import { portsOf } from './settings.ts';
import { usage } from './verbs.ts';

/** `npm run pod -- VERB …`: asks the pod that `npm start` brought up. */
async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.length === 0) {
    console.log(usage());
    return 0;
  }
  const { aws } = portsOf(process.env);
  const answer = await askPod(aws, { args, text: textFor(args) });
  if (answer === null) {
    console.error(`No pod runs with AWS port ${aws}. Start one: npm start`);
    return 1;
  }
  for (const line of answer.lines) (answer.ok ? console.log : console.error)(line);
  return answer.ok ? 0 : 1;
}

/** The file that `play` names. npm runs scripts in the project's folder, and says in INIT_CWD where the operator stands. */
function textFor(args: readonly string[]): string | null {
  const [verb, , file] = args;
  if (verb !== 'play' || file === undefined || args.length !== 3) return null;
  return readCapture(file, process.env.INIT_CWD || process.cwd());
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
