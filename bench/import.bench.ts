import type { Comparison } from './run.ts';
import { type Bundled, Functions, importCpuMs } from './scale/functions.ts';
import { MOST_OVER_COMMANDS, OF_THE_SDK, sdkCommandsOf } from './scale/sdk-commands.ts';

const functions = new Functions();
process.on('exit', () => functions.remove());

const kilobytes = ({ bytes }: Bundled) => `${Math.round(bytes / 1000)} KB`;

async function comparisonOf(name: string): Promise<Comparison> {
  const whole = await functions.bundle(`handlers/${name}`);
  const commands = await sdkCommandsOf(functions, name);
  return {
    name: `import ${name}, cold (${kilobytes(whole)})`,
    subject: () => importCpuMs(whole),
    against: `its SDK commands alone (${kilobytes(commands)})`,
    baseline: () => importCpuMs(commands),
    ownClock: true,
    atMost: MOST_OVER_COMMANDS,
  };
}

export const comparisons: Comparison[] = await Promise.all(OF_THE_SDK.map(comparisonOf));
