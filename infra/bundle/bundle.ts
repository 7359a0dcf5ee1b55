import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, formatMessages, type Metafile, type Plugin } from 'esbuild';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { SCRIPT_NAMES, type ScriptName } from '../../src/host/scripts.ts';
import { BuildError } from '../errors.ts';
import { readBundledScript } from '../script-files.ts';
import { withoutDocs } from './docs.ts';
import { withoutEventStreams } from './event-streams.ts';
import { literalSchemaKeys } from './sdk-schemas.ts';
import { sdkVersion } from './sdk-version.ts';

/** One handler as Lambda runs it: a single ES module. */
export interface Bundle {
  /** The function's name in serverless.yml. */
  name: string;
  /** Where it lies in the archive, `handlers/config.mjs`. */
  path: string;
  code: Uint8Array;
  /** For reading stack traces; never part of the archive. */
  sourceMap: Uint8Array;
  /** The files that something of is in it, from the service's folder. */
  inputs: string[];
}

/** `handlers/config.handler` -> `handlers/config` */
export function moduleOf(handler: string): string {
  return handler.slice(0, handler.lastIndexOf('.'));
}

/**
 * Bundles each handler alone. `handlers` gives function name -> handler, as serverless.yml has it.
 * Throws `BuildError` that names every handler without a file, or all that esbuild finds wrong.
 */
export async function bundleHandlers(
  serviceDir: string,
  handlers: Record<string, string>,
  fleet: Fleet,
): Promise<Bundle[]> {
  const missing = Object.entries(handlers).filter(([, handler]) => !existsSync(sourceOf(serviceDir, handler)));
  if (missing.length > 0) {
    throw new BuildError(
      missing.map(([name, handler]) => `Function ${name}: ${moduleOf(handler)}.ts does not exist.`).join('\n'),
    );
  }
  return bundleTogether(serviceDir, handlers, fleet).catch(async (error) => {
    throw new BuildError((await faultsOf(serviceDir, handlers, fleet)) || error.message);
  });
}

function sourceOf(serviceDir: string, handler: string): string {
  return join(serviceDir, `${moduleOf(handler)}.ts`);
}

/**
 * Where the SDK looks for credentials that Lambda never uses, since a role's stand in the environment: a person's, a container's, a
 * machine's. They are loaded only when asked for, and on a developer's machine they come from the project's own packages. They would be a tenth
 * of each bundle.
 */
export const CREDENTIALS_OF_OTHERS = [
  ...['ini', 'login', 'process', 'sso', 'web-identity', 'http'].map((kind) => `@aws-sdk/credential-provider-${kind}`),
  '@smithy/credential-provider-imds',
];

/** In one run of esbuild, which reads once what several handlers import; each is a module of its own all the same. */
async function bundleTogether(serviceDir: string, handlers: Record<string, string>, fleet: Fleet): Promise<Bundle[]> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: serviceDir,
    // the watchdogs are one handler
    entryPoints: [...new Set(Object.values(handlers).map(moduleOf))].map((module) => ({
      in: `${module}.ts`,
      out: module,
    })),
    outdir: '.',
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    // the oldest Node that the local pod runs on; Lambda's is newer
    target: 'node20.19',
    // the SDK's ES modules let esbuild drop what is not called
    mainFields: ['module', 'main'],
    // one letter beyond Latin 1 would make V8 hold and scan all of the text at two bytes a letter
    charset: 'ascii',
    legalComments: 'none',
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [
      inlineFleet(fleet),
      inlineScripts(serviceDir),
      literalSchemaKeys,
      sdkVersion,
      withoutEventStreams,
      withoutDocs,
    ],
    external: CREDENTIALS_OF_OTHERS,
  });
  return Object.entries(handlers).map(([name, handler]) => {
    const path = `${moduleOf(handler)}.mjs`;
    const file = (ending: string) => {
      const found = outputFiles.find((output) => output.path === join(serviceDir, `${path}${ending}`));
      if (!found) throw new Error(`esbuild wrote no ${path}${ending}`);
      return found.contents;
    };
    return { name, path, code: file(''), sourceMap: file('.map'), inputs: keptInputs(metafile, path) };
  });
}

/** What is wrong in each handler, told one after the other. */
async function faultsOf(serviceDir: string, handlers: Record<string, string>, fleet: Fleet): Promise<string> {
  const alone = Object.entries(handlers).map(([name, handler]) =>
    bundleTogether(serviceDir, { [name]: handler }, fleet).then(
      () => null,
      async (error) => {
        const messages = await formatMessages(error.errors ?? [], { kind: 'error' });
        return `Function ${name} cannot be bundled.\n${messages.join('') || error.message}`;
      },
    ),
  );
  return (await Promise.all(alone)).filter((fault) => fault !== null).join('\n');
}

/** esbuild reads more files than it keeps a part of. */
function keptInputs({ outputs }: Metafile, path: string): string[] {
  const kept = Object.entries(outputs[path]?.inputs ?? {});
  return kept.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
}

/** `import fleet from '…/fleet.yml'` becomes the checked fleet of the stage: no parser and no schema ship with it. */
function inlineFleet(fleet: Fleet): Plugin {
  return {
    name: 'fleet',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /(^|\/)fleet\.yml$/ }, () => ({ path: 'fleet.yml', namespace: 'fleet' }));
      onLoad({ filter: /.*/, namespace: 'fleet' }, () => ({ contents: JSON.stringify(fleet), loader: 'json' }));
    },
  };
}

const SCRIPT_FILE = new RegExp(`/src/host/(${SCRIPT_NAMES.join('|')})\\.sh$`);

/**
 * `import text from '…/src/host/boot.sh'` becomes the text of the whole script, put together from its parts. Compressed: as it is, it would
 * be more than half of the function that serves it, and is unpacked in a millisecond. Decision 0094.
 */
function inlineScripts(serviceDir: string): Plugin {
  return {
    name: 'scripts',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: SCRIPT_FILE }, ({ path }) => ({ path: basename(path, '.sh'), namespace: 'script' }));
      onLoad({ filter: /.*/, namespace: 'script' }, ({ path }) => {
        const packed = gzipSync(readBundledScript(serviceDir, path as ScriptName), { level: 9 }).toString('base64');
        return {
          contents: `import { gunzipSync } from 'node:zlib';\nexport default gunzipSync(Buffer.from('${packed}', 'base64')).toString();`,
          loader: 'js',
        };
      });
    },
  };
}
