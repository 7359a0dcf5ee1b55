import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { bundleHandlers } from '../../infra/bundle/bundle.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { WATCHDOG_CLASSES } from '../../src/fleet/watchdog-classes.ts';
import { FUNCTIONS, SERVICE } from '../builders/functions.ts';
import { compile } from './realm.ts';

const ROOT = join(import.meta.dirname, '../..');
const REGION = 'us-west-2';

/** Two pods of one stack: what befalls one is not to be felt in the other. */
export const PODS = {
  blue: { name: 'blue', vpc: 'vpc-0b0b0b0b0b0b0b0b0', zone: { id: 'Z0BLUE0BLUE0BLUE', name: 'pod' }, network: '10.20' },
  green: {
    name: 'green',
    vpc: 'vpc-0c0c0c0c0c0c0c0c0',
    zone: { id: 'Z0GREEN0GREEN0', name: 'green.pod' },
    network: '10.30',
  },
} as const;
export type PodName = keyof typeof PODS;

const FLEET = loadFleet(`
upstreams: [us-west-2b.stratum-2.invalid, us-west-2c.stratum-2.invalid]
timeService: source
leapSmear: accepted
pods:
${Object.values(PODS)
  .map(
    ({ name, vpc, zone, network }) => `  ${name}:
    region: ${REGION}
    vpc: ${vpc}
    endpoints: [vpce-${vpc.slice(4)}]
    zone: { name: ${zone.name}, id: ${zone.id} }
    networks: [${network}.0.0/16]
    azs: [us-west-2a, us-west-2b, us-west-2c]
    boundaryServers: 2
    cycling: { waveShare: 0.25 }
`,
  )
  .join('')}`);

export type Program = ReturnType<typeof compile>;

/** The functions as they are deployed, and the endpoint, each ready to be run in a realm of its own. */
export interface Programs {
  functions: Record<string, Program>;
  /** Lambda's timeout of each, in seconds. */
  timeoutSeconds: Record<string, number>;
  endpoint: Program;
}

let made: Promise<Programs> | undefined;

/** Bundles once for all tests of a file. */
export function programs(): Promise<Programs> {
  made ??= make();
  return made;
}

async function make(): Promise<Programs> {
  const handlers = Object.fromEntries(FUNCTIONS.map((name) => [name, `handlers/${name}.handler`]));
  const [bundles, endpoint] = await Promise.all([bundleHandlers(ROOT, handlers, FLEET), bundleEndpoint()]);
  const functions = await Promise.all(
    bundles.map(async ({ name, code }) => [name, compile(`${name}.cjs`, await commonJs(code))] as const),
  );
  const service = SERVICE as { functions: Record<string, { timeout?: number }>; provider?: { timeout: number } };
  return {
    functions: Object.fromEntries(functions),
    timeoutSeconds: Object.fromEntries(
      FUNCTIONS.map((name) => [
        name,
        timeoutOf(name, service.functions[name]?.timeout) ?? service.provider?.timeout ?? 0,
      ]),
    ),
    endpoint: compile('endpoint.cjs', endpoint),
  };
}

/** The watchdogs' time limits come from the build. */
function timeoutOf(name: string, written: number | undefined): number | undefined {
  return WATCHDOG_CLASSES.find(({ functionName }) => functionName === name)?.timeoutSeconds ?? written;
}

/** What is deployed is an ES module, which Node runs once; as CommonJS it starts anew as often as a container does. */
async function commonJs(code: Uint8Array): Promise<string> {
  const made = await transform(code, {
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    // Node's own modules are imported late too
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': '"file:///var/task/index.mjs"' },
    logLevel: 'silent',
  });
  return made.code;
}

async function bundleEndpoint(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'packages/aws-endpoint/src/index.ts')],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
