import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);

const FOLDERS = ['plan', 'diagnosis', 'host', 'ntp', 'report', 'state'];

/**
 * They run scripts, daemons and a browser and know nothing of the TypeScript beside them, count how often a case comes up in many, work on pods of
 * thousands of hosts or for as long as a roll-out takes, each for seconds, or read and measure what is stored, of whose source
 * `state/due.ts` alone is changed.
 */
const LEFT_OUT = [
  /^test\/host\/(boot|boot-.*|canonical|certificates|collect|config-files|cycle|cycle-.*|environment)\.test\.ts$/,
  /^test\/host\/(found-daemons|largest|leap-second|lock|nts|other-daemons|query-failures|read-only|real|remembered)\.test\.ts$/,
  /^test\/host\/(shortened-rows|staleness|strict)\.test\.ts$/,
  /^test\/plan\/(cycling\/forty-minutes|cycling\/properties-waves|dns\/properties-lies|properties)\.test\.ts$/,
  /^test\/(ntp\/properties|report\/bounds|report\/page\/browser|report\/promtool|report\/whole-pod|state\/read|state\/size)\.test\.ts$/,
];

/** The test files of the pure core. */
function testFiles(root) {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, 'test', folder), { recursive: true }).map((file) => `test/${folder}/${file}`),
  )
    .filter((file) => file.endsWith('.test.ts') && !LEFT_OUT.some((pattern) => pattern.test(file)))
    .sort();
}

/** What Jest's configuration maps, and `import.meta.dirname`, which a script of CommonJS does not have. */
const asInJest = (root) => ({
  name: 'as-in-jest',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /(^|\/)fleet\.yml$/ }, () => ({ path: join(root, 'test/builders/shipped-fleet.ts') }));
    onLoad({ filter: /\/(test|infra)\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /\b(import\.meta\.dirname|__dirname)\b/g,
        JSON.stringify(dirname(path)),
      ),
      loader: 'ts',
    }));
  },
});

/**
 * All test files of the pure core with the instrumented sources, as one script in memory.
 *
 * @returns the files' paths, and two functions that load one of them, each time anew, with modules of its own as in Jest, and
 *   with `globals` as what it imports of `@jest/globals`: `count` counts which mutants are reached, `load` does not.
 */
export async function bundleTests(root) {
  const files = testFiles(root);
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: {
      contents: `module.exports = {${files.map((file) => `${JSON.stringify(file)}: () => require('./${file}')`)}}`,
      resolveDir: root,
    },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    plugins: [asInJest(root)],
  });
  const counting = outputFiles[0].text;
  // Counting what is reached takes longer than the tests: the dry run alone needs it.
  const trying = counting.replace(/function (stryCov_\w+)\(\) \{/g, '$& return;');
  const loader = (text) => {
    const script = new Script(`(function (require, module) {${text}\n})`, { filename: 'core-tests.cjs' });
    return (file, globals) => {
      const module = { exports: {} };
      script.runInThisContext()((name) => (name === '@jest/globals' ? globals : require(name)), module);
      module.exports[file]();
    };
  };
  return { files, count: loader(counting), load: loader(trying) };
}
