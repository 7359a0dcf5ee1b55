import { type Bundled, importCpuMs } from '../functions.ts';
import { type Measure, median } from '../measure.ts';
import { MOST_OVER_COMMANDS, OF_THE_SDK, sdkCommandsOf } from '../sdk-commands.ts';

const ROUNDS = 11;

/** Loading a function beside loading the SDK's clients and commands that it has in it, bundled in the same way. */
export const coldImport: Measure = {
  name: 'import',
  async *rows({ functions }) {
    for (const name of OF_THE_SDK) {
      const whole = await functions.bundle(`handlers/${name}`);
      const commands = await sdkCommandsOf(functions, name);
      const [wholeMs, commandsMs] = await byTurns(whole, commands);
      const time = wholeMs / commandsMs;
      const bytes = whole.bytes / commands.bytes;
      yield {
        measure: `cold import of ${name} over its SDK commands`,
        goal: `<= ${MOST_OVER_COMMANDS}`,
        now: `${time.toFixed(2)} (${wholeMs.toFixed(0)} ms of CPU)`,
        holds: time <= MOST_OVER_COMMANDS,
      };
      yield {
        measure: `bytes of ${name} over its SDK commands`,
        goal: `<= ${MOST_OVER_COMMANDS}`,
        now: `${bytes.toFixed(2)} (${Math.round(whole.bytes / 1000)} KB), ${shownLibraries(whole, commands)}`,
        holds: bytes <= MOST_OVER_COMMANDS,
      };
    }
  },
};

/** What of node_modules is in a function and not in its part of the SDK. */
function shownLibraries(whole: Bundled, commands: Bundled): string {
  const inCommands = new Set(librariesIn(commands));
  const others = [...new Set(librariesIn(whole))].filter((name) => !inCommands.has(name));
  return others.length === 0
    ? "no library beside the SDK's"
    : `libraries beside the SDK's: ${others.sort().join(', ')}`;
}

const librariesIn = ({ inputs }: Bundled): string[] =>
  inputs.flatMap((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);

async function byTurns(whole: Bundled, commands: Bundled): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    times[0].push(await importCpuMs(whole));
    times[1].push(await importCpuMs(commands));
  }
  return [median(times[0]), median(times[1])];
}
