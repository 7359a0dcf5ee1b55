import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundled, LambdaProcess, ROOT } from '../functions.ts';
import { type Measure, median } from '../measure.ts';

const FUNCTIONS = ['watchdog', 'cycle', 'collect'];
const MOST_OVER_COMMANDS = 1.1;
const ROUNDS = 11;
const ENDPOINT = 'http://127.0.0.1:9';

/** Loading a function beside loading the SDK's clients and commands that it has in it, bundled in the same way. */
export const coldImport: Measure = {
  name: 'import',
  async *rows({ functions }) {
    for (const name of FUNCTIONS) {
      const whole = await functions.bundle(`handlers/${name}`);
      const commands = await functions.bundleText(`sdk-of-${name}`, sdkModule(whole));
      const [wholeMs, commandsMs] = await byTurns(whole, commands);
      const time = wholeMs / commandsMs;
      const bytes = whole.bytes / commands.bytes;
      yield {
        measure: `cold import of ${name} over its SDK commands`,
        goal: `<= ${MOST_OVER_COMMANDS}, bytes too`,
        now: `${time.toFixed(2)} (${wholeMs.toFixed(0)} ms of CPU), bytes ${bytes.toFixed(2)} (${Math.round(whole.bytes / 1000)} KB)`,
        holds: time <= MOST_OVER_COMMANDS && bytes <= MOST_OVER_COMMANDS,
      };
    }
  },
};

async function byTurns(whole: Bundled, commands: Bundled): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    times[0].push(await importMs(whole));
    times[1].push(await importMs(commands));
  }
  return [median(times[0]), median(times[1])];
}

async function importMs({ file }: Bundled): Promise<number> {
  const lambda = await LambdaProcess.start(file, { endpoint: ENDPOINT });
  await lambda.end();
  return lambda.imported.cpuMs;
}

const SDK_IMPORT = /import (?!type )\{([^}]*)\} from '(@aws-sdk\/client-[a-z0-9-]+)'/g;

/** A module that imports what the function's own files import of the SDK, and that stayed in its bundle. */
function sdkModule({ inputs, code }: Bundled): string {
  const own = inputs.filter((input) => input.startsWith('src/aws/'));
  const imports = new Map<string, Set<string>>();
  for (const file of own) {
    for (const [, names = '', client = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(SDK_IMPORT)) {
      const known = imports.get(client) ?? new Set();
      for (const name of names.split(',').map((each) => each.trim())) if (isKept(name, code)) known.add(name);
      imports.set(client, known);
    }
  }
  const lines = [...imports].filter(([, names]) => names.size > 0);
  const importLines = lines.map(([client, names]) => `import { ${[...names].join(', ')} } from '${client}';`);
  const all = lines.flatMap(([, names]) => [...names]);
  return `${importLines.join('\n')}\nexport const handler = () => [${all.join(', ')}];\n`;
}

/** A client, or a command that esbuild did not drop: the bundle has the operation's name. */
function isKept(name: string, code: string): boolean {
  if (name === '' || name.startsWith('type ')) return false;
  if (name.endsWith('Client')) return code.includes(clientMark(name));
  return name.endsWith('Command') && code.includes(`"${name.slice(0, -'Command'.length)}"`);
}

/** Every client names its service in its defaults, as esbuild writes them. */
const clientMark = (name: string) => `serviceId??"${SERVICE_IDS[name] ?? name}"`;
const SERVICE_IDS: Record<string, string> = {
  CloudWatchClient: 'CloudWatch',
  EC2Client: 'EC2',
  EventBridgeClient: 'EventBridge',
  Route53Client: 'Route 53',
  S3Client: 'S3',
  SSMClient: 'SSM',
};
