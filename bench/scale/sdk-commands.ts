import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundled, type Functions, ROOT } from './functions.ts';

/** Functions that are mostly SDK. */
export const OF_THE_SDK = ['watchdog', 'cycle', 'collect'] as const;

/** What loading one of them may take, over loading the commands of the SDK that it sends. */
export const MOST_OVER_COMMANDS = 1.1;

const SDK_IMPORT = /import (?!type )\{([^}]*)\} from '(@aws-sdk\/client-[a-z0-9-]+)'/g;

/** The SDK's clients and commands that a function has in it, bundled in the same way as the function, and nothing else. */
export async function sdkCommandsOf(functions: Functions, name: string): Promise<Bundled> {
  return functions.bundleText(`sdk-of-${name}`, sdkModule(await functions.bundle(`handlers/${name}`)));
}

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
