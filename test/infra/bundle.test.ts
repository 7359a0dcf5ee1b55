import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Bundle, bundleHandlers, CREDENTIALS_OF_OTHERS } from '../../infra/bundle/bundle.ts';
import { readStageFleet } from '../../infra/stage.ts';
import type { Schema } from '../../src/fleet/json-schema.ts';
import { METRICS } from '../../src/metrics/catalogue.ts';
import { TICK_METRICS } from '../../src/metrics/tick-catalogue.ts';
import { REPORT_SCHEMA } from '../../src/report/report.ts';
import { HOST_MEMORY_SCHEMA, STATE_SCHEMA } from '../../src/state/state.ts';
import { FUNCTIONS } from '../builders/functions.ts';
import { write } from '../builders/temporary-folder.ts';

const root = join(import.meta.dirname, '../..');
const { fleet } = readStageFleet(root, { fleetFile: 'fleet.yml', stage: 'dev', region: 'us-west-2' });
const HANDLERS = Object.fromEntries(FUNCTIONS.map((name) => [name, `handlers/${name}.handler`]));

let bundles: Bundle[];

beforeAll(async () => {
  bundles = await bundleHandlers(root, HANDLERS, fleet);
});

/** Packages that a bundle is made of: `@middy/core`, `@aws-sdk/client-ssm`. */
function packagesOf(name: string): string[] {
  const bundle = bundles.find((one) => one.name === name);
  const names = bundle?.inputs.map((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]);
  return [...new Set(names)].filter((found) => found !== undefined);
}

/** Those of some length: "Epoch ms" may stand anywhere, and a metric is explained in the words of its measure. */
function wordsOf({ description = '', properties, items, additionalProperties, anyOf = [] }: Schema): string[] {
  const parts = [
    ...Object.values(properties ?? {}),
    ...[items ?? []].flat(),
    ...[additionalProperties || []].flat(),
    ...anyOf,
  ];
  return [description, ...parts.flatMap(wordsOf)].filter((words) => words.length > 45);
}

const METRIC_WORDS = [
  ...METRICS.flatMap(({ meaning, key, onlyWithAll }) => [meaning, key, onlyWithAll].filter((words) => words !== null)),
  ...TICK_METRICS.map(({ meaning }) => meaning),
];

const clients = (name: string) =>
  packagesOf(name)
    .filter((found) => found.startsWith('@aws-sdk/client-'))
    .toSorted();

/** What d3-scale and d3-shape bring. */
const CHARTS = ['array', 'color', 'format', 'interpolate', 'path', 'scale', 'shape', 'time', 'time-format'].map(
  (name) => `d3-${name}`,
);

/** What the picture of servers and clients needs of them. */
const PICTURE = ['d3-path', 'd3-shape'];

describe('the bundles', () => {
  it('are one ES module a function', () => {
    expect(bundles.map(({ name, path }) => [name, path])).toEqual(
      FUNCTIONS.map((name) => [name, `handlers/${name}.mjs`]),
    );
  });

  // the client of S3, by which one host tries a changed file, is 235 KB of it: decision 143
  it('of the config function is below 285 KB, without schema and YAML', () => {
    const config = bundles.find(({ name }) => name === 'config');
    expect(config?.code.byteLength).toBeLessThan(285_000);
    expect(packagesOf('config').filter((name) => /^(zod|yaml)/.test(name))).toEqual([]);
  });

  it.each([
    ['config', ['s3']],
    ['status', ['s3', 'ssm']],
    ['widget', ['s3']],
    ['register', ['ec2', 'eventbridge', 'route-53', 's3', 'ssm']],
    ['instances', ['ec2', 'eventbridge', 'route-53', 's3', 'ssm']],
    ['collect', ['ec2', 'route-53', 's3', 'ssm']],
    ['cycle', ['cloudwatch', 'ec2', 'route-53', 's3', 'ssm']],
    ['watchdog', ['cloudwatch', 'ec2', 'eventbridge', 'route-53', 's3', 'ssm']],
    ['history', ['s3']],
  ])('of %s carries the clients it uses, and no other', (name, expected) => {
    expect(clients(name)).toEqual(expected.map((service) => `@aws-sdk/client-${service}`));
  });

  it.each([
    ['config', ['@middy/core']],
    ['status', ['@middy/core', ...CHARTS, 'hyparquet', 'hyparquet-writer']],
    ['widget', PICTURE],
    ['register', ['@middy/core']],
    ['instances', []],
    ['collect', []],
    ['cycle', ['hyparquet', 'hyparquet-writer']],
    ['watchdog', ['hyparquet', 'hyparquet-writer']],
    ['history', ['hyparquet', 'hyparquet-writer']],
  ])(
    'of %s carries beside the SDK no library but what runs handlers of the API, draws charts, and writes and reads Parquet',
    (name, expected) => {
      const libraries = packagesOf(name).filter((found) => !/^@(aws-sdk|smithy|aws-crypto|aws)\//.test(found));
      expect(libraries.toSorted()).toEqual(expected);
    },
  );

  // what writes rows as Parquet is 60 KB: decision 112; what follows the trials of files 8 KB: decision 143
  it('stay below 700 KB, and those that keep the history below 770 KB', () => {
    const large = bundles.filter(({ inputs, code }) => {
      const keepsHistory = inputs.some((input) => input.includes('/hyparquet-writer/'));
      return code.byteLength > (keepsHistory ? 770_000 : 700_000);
    });
    expect(large.map(({ name, code }) => [name, code.byteLength])).toEqual([]);
  });

  it('leave out nothing that Lambda needs: only credentials of others are loaded from elsewhere', () => {
    for (const { code } of bundles) {
      const text = new TextDecoder().decode(code);
      const loaded = [...text.matchAll(/\b(?:from|import\()"([^".][^"]*)"/g)].map(([, name]) => name ?? '');
      const strange = loaded.filter((name) => !isBuiltin(name) && !CREDENTIALS_OF_OTHERS.includes(name));
      expect(strange).toEqual([]);
    }
  });

  it('carry no event streams: nothing that podtime calls has one', () => {
    const inputs = bundles.flatMap((bundle) => bundle.inputs);
    expect(inputs.filter((input) => /event-?streams?\//i.test(input))).toEqual([]);
    expect(inputs.filter((input) => input.includes('client-s3/dist-es/commands/'))).not.toEqual([]);
    expect(inputs.filter((input) => input.endsWith('/SelectObjectContentCommand.js'))).toEqual([]);
  });

  it('carry no words that only docs print', () => {
    const texts = bundles.map(({ code }) => new TextDecoder().decode(code));
    const words = [...wordsOf(REPORT_SCHEMA), ...wordsOf(STATE_SCHEMA), ...wordsOf(HOST_MEMORY_SCHEMA)];
    expect(words.length).toBeGreaterThan(30);
    expect(words.filter((each) => texts.some((text) => text.includes(each)))).toEqual([]);
    expect(METRIC_WORDS.length).toBeGreaterThan(20);
    expect(METRIC_WORDS.filter((each) => texts.some((text) => text.includes(JSON.stringify(each))))).toEqual([]);
  });

  it.each([
    ['collect', ['collect-payload.ts']],
    ['cycle', ['cycle-payload.ts']],
    ['watchdog', ['watchdog-payload.ts']],
    ['history', ['history-payload.ts']],
    ['widget', ['widget-payload.ts']],
    ['instances', ['state-changes.ts']],
  ])('of %s carries the payloads that it takes, and no other', (name, expected) => {
    const inputs = bundles.find((one) => one.name === name)?.inputs ?? [];
    const kinds = inputs.filter((input) => /handlers\/invocation\/.*(-payload|state-changes)\.ts$/.test(input));
    expect(kinds.map((input) => basename(input))).toEqual(expected);
  });

  it('know of each SDK client its version, and nothing else of its package.json', () => {
    const texts = bundles.map(({ code }) => new TextDecoder().decode(code));
    expect(texts.filter((text) => /"?(?:devDependencies|sideEffects|homepage)"?:/.test(text))).toEqual([]);
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules/@aws-sdk/client-ssm/package.json'), 'utf8'));
    expect(new TextDecoder().decode(bundles.find(({ name }) => name === 'watchdog')?.code)).toContain(`"${version}"`);
  });

  it('need no require of CommonJS, which an ES module does not have', () => {
    const texts = bundles.map(({ code }) => new TextDecoder().decode(code));
    expect(texts.filter((text) => text.includes('Dynamic require of') || text.includes('createRequire'))).toEqual([]);
  });

  it('carry neither the parser of the fleet file nor its text', () => {
    for (const { inputs } of bundles) {
      expect(inputs.filter((input) => /fleet\/(load|schema)\.ts|node_modules\/yaml\//.test(input))).toEqual([]);
    }
  });
});

describe('bundling', () => {
  const settings = { config: 'handlers/config.handler', status: 'handlers/status.handler' };

  it('names every handler that is not there', async () => {
    await expect(bundleHandlers(write({}), settings, fleet)).rejects.toThrow(
      'Function config: handlers/config.ts does not exist.\nFunction status: handlers/status.ts does not exist.',
    );
  });

  it('tells what is wrong in each handler, and where', async () => {
    const folder = write({
      'handlers/config.ts': "import { gone } from './gone.ts';\nexport const handler = gone;\n",
      'handlers/status.ts': 'export const handler = (;\n',
    });
    const bundled = bundleHandlers(folder, settings, fleet);
    await expect(bundled).rejects.toThrow(/Function config cannot be bundled[\s\S]*Could not resolve "\.\/gone\.ts"/);
    await expect(bundled).rejects.toThrow(/Function status cannot be bundled[\s\S]*handlers\/status\.ts:1:24/);
  });
});
