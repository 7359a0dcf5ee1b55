import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ACCOUNT_ID } from './errors.ts';
import { EMPTY_STACK, readStack, type Stack } from './stack.ts';

const DEFAULT_PORT = 4555;

/** Ends the start with a sentence. */
export class Stop extends Error {}

export interface Options {
  host: string;
  port: number;
  region: string;
  factor: number;
  template: string | undefined;
  stackName: string;
  buckets: string[];
  instances: { instanceId: string; tags: Record<string, string> }[];
}

/** Of the command line. Throws Stop for a value that it cannot take, and what `parseArgs` throws for an option that is none. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: process.env.PORT ?? String(DEFAULT_PORT) },
      region: { type: 'string', default: 'us-east-1' },
      factor: { type: 'string', default: '1' },
      template: { type: 'string' },
      'stack-name': { type: 'string', default: 'local' },
      bucket: { type: 'string', multiple: true, default: [] },
      instance: { type: 'string', multiple: true, default: [] },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) throw new Stop(`--port is no port: ${values.port}`);
  const factor = Number(values.factor);
  if (!(factor > 0)) throw new Stop(`--factor must be a number above 0: ${values.factor}`);
  const { host, region, template, bucket: buckets, 'stack-name': stackName } = values;
  return { host, port, region, factor, template, stackName, buckets, instances: values.instance.map(readInstance) };
}

/** `i-0123456789abcdef0` or `i-0123456789abcdef0,key=value,…` */
function readInstance(text: string): Options['instances'][number] {
  const [instanceId = '', ...pairs] = text.split(',');
  const tags = pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2));
  if (!/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(instanceId) || tags.some(({ length }) => length < 2))
    throw new Stop(`--instance is no instance id with tags, i-0123456789abcdef0,key=value: ${text}`);
  return { instanceId, tags: Object.fromEntries(tags) as Record<string, string> };
}

/**
 * npm runs scripts in the package's folder: paths are of the folder that npm was called in. Throws Stop for a template that
 * it cannot read.
 */
export function readTemplate({ template, stackName, region, buckets }: Options): Stack {
  const named = Object.fromEntries(buckets.map((name) => [name, name]));
  if (template === undefined) return { ...EMPTY_STACK, buckets: named };
  try {
    const text = readFileSync(resolve(process.env.INIT_CWD ?? '.', template), 'utf8');
    const stack = readStack(JSON.parse(text), { region, accountId: ACCOUNT_ID, stackName });
    return { ...stack, buckets: { ...stack.buckets, ...named } };
  } catch (cause) {
    throw new Stop(`--template ${template} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
