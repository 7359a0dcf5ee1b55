import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownTestOf, testsOf, WITH_NAMESPACES } from './host-tests.ts';

/**
 * Deletes each line of each shell script of hosts in turn, and runs the tests of the scripts that it is a part of: a line that
 * no test misses is not tested, or not needed. Lines that may survive stand, with the reason, in test/host/surviving-lines.json.
 * Usage: delete-lines.ts [--every N] [--workers N] [--without TEST,...] [FILE[:LINE]...], a FILE of src/host: `boot.sh`, or one
 * line of it: `boot.sh:58`. Without its slow tests (`nts,real`) a first look is quicker, and what survives may be missed by those.
 * Ends with 1 when a line survives that is not listed, or a listed one does not.
 */

const ROOT = join(import.meta.dirname, '..');
const HOST_FOLDER = 'src/host';
/** A reporter of Jest's. */
const FIRST_FAILURE = fileURLToPath(import.meta.resolve('./first-failure.mjs'));
/** A long run says how far it is. */
const TOLD_EVERY = 50;
const TEMPORARY = 'temporary';
const LISTED = 'test/host/surviving-lines.json';
/** A loop without end is found out too. */
const MOST_MS = 300_000;
/** As if the test that is about a file had missed so many lines of it already: it goes first. */
const OWN_MISSES = 10;

interface Survivor {
  file: string;
  line: string;
  reason?: string;
}

interface Mutant {
  file: string;
  index: number;
  line: string;
}

function settings(): { places: string[]; every: number; workers: number; without: string[] } {
  const words = process.argv.slice(2);
  const take = (name: string, otherwise: number | string) => {
    const at = words.indexOf(name);
    return at < 0 ? otherwise : words.splice(at, 2)[1];
  };
  const every = Number(take('--every', 1));
  const workers = Number(take('--workers', Math.max(1, availableParallelism())));
  const without = String(take('--without', '')).split(',');
  const all = readdirSync(join(ROOT, HOST_FOLDER)).filter((name) => name.endsWith('.sh'));
  return { places: words.length > 0 ? words : all, every, workers, without };
}

function read(file: string): string {
  return readFileSync(join(ROOT, HOST_FOLDER, file), 'utf8');
}

/** Each line that means something, and without which the file still parses. */
function mutantsOf(file: string): Mutant[] {
  const lines = read(file).split('\n');
  return lines.flatMap((line, index) => {
    const endsLastCase = line.trim() === ';;' && lines[index + 1]?.trim() === 'esac';
    if (/^\s*(#|$)/.test(line) || endsLastCase) return [];
    const { status } = spawnSync('sh', ['-n'], { input: lines.toSpliced(index, 1).join('\n') });
    return status === 0 ? [{ file, index, line }] : [];
  });
}

/** A copy of the project, all but its modules. */
function copyProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'podtime-lines-'));
  const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of stdout.split('\n').filter(Boolean)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file), { verbatimSymlinks: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  mkdirSync(join(copy, TEMPORARY));
  return copy;
}

/** Tests that were ended at their limit: of a loop without end, or of a machine with too much to do. */
let timeouts = 0;

/** Whether the tests of this name pass in a copy of the project. */
function pass(copy: string, name: string): Promise<boolean> {
  const jest = join(copy, 'node_modules/jest/bin/jest.js');
  const words = [`/test/host/${name}.test.ts$`, '--runInBand', '--silent'];
  if (!WITH_NAMESPACES.includes(name)) words.push('--reporters', FIRST_FAILURE);
  const child = spawn(process.execPath, [jest, ...words], {
    cwd: copy,
    stdio: 'ignore',
    detached: true,
    // what tests leave that are ended goes with the copy
    env: { ...process.env, HOST_SHELL: 'dash', SEED: '1', TMPDIR: join(copy, TEMPORARY) },
  });
  return new Promise((resolve) => {
    const end = () => {
      try {
        process.kill(-(child.pid as number), 'SIGKILL');
      } catch {
        // it has ended
      }
    };
    const timer = setTimeout(() => {
      timeouts += 1;
      end();
    }, MOST_MS);
    child.once('exit', (status) => {
      clearTimeout(timer);
      end();
      resolve(status === 0);
    });
  });
}

/** How long a test takes with every line in place. */
const tookMs = new Map<string, number>();
/** Lines of a file that a test has missed, by `FILE TEST`. */
const misses = new Map<string, number>();

function missesOf(file: string, name: string): number {
  return misses.get(`${file} ${name}`) ?? (ownTestOf(file) === name ? OWN_MISSES : 0);
}

/** Tests of a file, those first that miss the most lines in their time. */
function likeliest(file: string): string[] {
  const rate = (name: string) => (missesOf(file, name) + 1) / (tookMs.get(name) ?? 1);
  return testsOf(file)
    .filter((name) => !without.includes(name))
    .toSorted((one, other) => rate(other) - rate(one));
}

async function survives(copy: string, { file, index }: Mutant): Promise<boolean> {
  const path = join(copy, HOST_FOLDER, file);
  const whole = read(file);
  writeFileSync(path, whole.split('\n').toSpliced(index, 1).join('\n'));
  try {
    for (const name of likeliest(file)) {
      if (await pass(copy, name)) continue;
      misses.set(`${file} ${name}`, missesOf(file, name) + 1);
      return false;
    }
    return true;
  } finally {
    writeFileSync(path, whole);
  }
}

const { places, every, workers, without } = settings();
const files = [...new Set(places.map((place) => place.replace(/:\d+$/, '')))];
const isAsked = ({ file, index }: Mutant) => places.includes(file) || places.includes(`${file}:${index + 1}`);
const listed = JSON.parse(readFileSync(join(ROOT, LISTED), 'utf8')) as Survivor[];
const mutants = files
  .flatMap(mutantsOf)
  .filter(isAsked)
  .filter((_, index) => index % every === 0);
const queue = [...mutants];
const survivors: Mutant[] = [];
const copies = Array.from({ length: workers }, copyProject);
try {
  const [first = ''] = copies;
  for (const name of new Set(files.flatMap(likeliest))) {
    const began = Date.now();
    if (!(await pass(first, name))) throw new Error(`${name}.test.ts fails with every line in place`);
    tookMs.set(name, Date.now() - began);
  }
  await Promise.all(
    copies.map(async (copy) => {
      for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
        if (queue.length % TOLD_EVERY === 0) console.error(`${queue.length} lines left`);
        if (!(await survives(copy, mutant))) continue;
        survivors.push(mutant);
        console.log(`survives: ${mutant.file}:${mutant.index + 1}: ${mutant.line.trim()}`);
      }
    }),
  );
} finally {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
}

const isListed = ({ file, line }: Mutant) => listed.some((each) => each.file === file && each.line === line.trim());
const unlisted = survivors.filter((mutant) => !isListed(mutant));
const wronglyListed = listed.filter(
  ({ file, line }) =>
    mutants.some((mutant) => mutant.file === file && mutant.line.trim() === line) &&
    !survivors.some((mutant) => mutant.file === file && mutant.line.trim() === line),
);
const killed = mutants.length - survivors.length;
console.log(
  `${killed} of ${mutants.length} deleted lines are missed by a test (${((100 * killed) / mutants.length).toFixed(1)} %).`,
);
console.log(`${timeouts} runs of tests were ended after ${MOST_MS / 1000} s, which counts as missed.`);
console.log(
  `${survivors.length - unlisted.length} survive for a reason that ${LISTED} tells, ${unlisted.length} for none.`,
);
for (const { file, index, line } of unlisted) console.log(`  ${file}:${index + 1}: ${line.trim()}`);
for (const { file, line } of wronglyListed) console.log(`  listed, and missed by a test: ${file}: ${line}`);
process.exitCode = unlisted.length + wronglyListed.length > 0 ? 1 : 0;
