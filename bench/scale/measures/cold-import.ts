import { type Bundled, importCpuMs } from '../functions.ts';
import { type Measure, median, medianRatio, type Pair } from '../measure.ts';
import { MOST_OVER_COMMANDS, OF_THE_SDK, sdkCommandsOf } from '../sdk-commands.ts';

/**
 * Odd, so that the median is a pair. Of so many a bundle beside itself came out at 0.99 to 1.01, on two cores with six processes
 * at work; of so many single imports the ratio of the medians at 0.95 to 1.02, and that of the least at 0.96 to 1.02.
 * Decision 0074.
 */
const PAIRS = 25;

/** Loading a function beside loading the SDK's clients and commands that it has in it, bundled in the same way. */
export const coldImport: Measure = {
  name: 'import',
  wholeOnly: true,
  async *rows({ functions }) {
    for (const name of OF_THE_SDK) {
      const whole = await functions.bundle(`handlers/${name}`);
      const commands = await sdkCommandsOf(functions, name);
      const pairs = await importPairs(whole, commands);
      const time = medianRatio(pairs);
      const bytes = whole.bytes / commands.bytes;
      yield {
        measure: `cold import of ${name} over its SDK commands`,
        goal: `<= ${MOST_OVER_COMMANDS}`,
        now: `${time.toFixed(2)} (${median(pairs.map(({ subject }) => subject)).toFixed(0)} ms of CPU)`,
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

/** Milliseconds of CPU. One right after the other, so that what else the machine does slows both; each is first in every other pair. */
async function importPairs(whole: Bundled, commands: Bundled): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let round = 0; round < PAIRS; round += 1) {
    if (round % 2 === 0) {
      const subject = await importCpuMs(whole);
      pairs.push({ subject, baseline: await importCpuMs(commands) });
    } else {
      const baseline = await importCpuMs(commands);
      pairs.push({ subject: await importCpuMs(whole), baseline });
    }
  }
  return pairs;
}
