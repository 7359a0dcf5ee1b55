/** Starts the endpoint alone: `npm start -w packages/aws-endpoint -- [options]`; Ctrl-C ends it. Options in README.md. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Agent } from './agents.ts';
import { createScaledClock } from './clock.ts';
import { type Endpoint, startEndpoint } from './endpoint.ts';
import { ACCOUNT_ID } from './errors.ts';
import { EMPTY_STACK, readStack, type Stack } from './stack.ts';

const DEFAULT_PORT = 4555;
const VPC = 'vpc-00000000000000001';

/** Ends the start with a sentence. */
class Stop extends Error {}

const NAMES = {
  route53: 'Route 53',
  ssm: 'SSM',
  monitoring: 'CloudWatch',
  ec2: 'EC2',
  events: 'EventBridge',
  s3: 'S3',
};

async function start(args: string[]): Promise<Endpoint> {
  const options = readOptions(args);
  const { host, port, region } = options;
  const agents = new Map<string, Agent>();
  const endpoint = await startEndpoint({
    host,
    port,
    region,
    agents,
    clock: createScaledClock(options.factor),
    stack: readTemplate(options),
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new Stop(`Port ${port} of ${host} is taken. Name another with --port.`) : error;
  });
  options.instances.forEach(({ instanceId, tags }, index) => {
    const address = `10.0.${Math.floor(index / 250)}.${(index % 250) + 4}`;
    endpoint.instances.adopt({ instanceId, vpc: VPC, az: `${region}a`, ipv4: address, tags });
    // no command is carried out: its output is the script that would be
    const run: Agent['run'] = async (script) => ({ exitCode: 0, stdout: script, stderr: '', timedOut: false });
    agents.set(instanceId, { instanceId, online: true, run });
  });
  endpoint.on(({ kind, ...event }) => console.log(`${kind} ${JSON.stringify(event)}`));
  endpoint.startSchedules();
  const services = Object.entries(NAMES).map(
    ([service, name]) => `${name} (${endpoint.operations[service as keyof typeof NAMES].length})`,
  );
  console.log(`AWS at ${endpoint.url}, region ${region}, speaking ${services.join(', ')}. Any credentials do:`);
  console.log(
    `export AWS_ENDPOINT_URL=${endpoint.url} AWS_REGION=${region} AWS_DEFAULT_REGION=${region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
  );
  return endpoint;
}

interface Options {
  host: string;
  port: number;
  region: string;
  factor: number;
  template: string | undefined;
  stackName: string;
  buckets: string[];
  instances: { instanceId: string; tags: Record<string, string> }[];
}

/** Throws Stop for what it cannot read. */
function readOptions(args: string[]): Options {
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

/** npm runs scripts in the package's folder: paths are of the folder that npm was called in. */
function readTemplate({ template, stackName, region, buckets }: Options): Stack {
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

start(process.argv.slice(2)).then(
  (endpoint) => {
    const stop = () => void endpoint.close().then(() => process.exit(0));
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  },
  (error: Error & { code?: string }) => {
    const expected = error instanceof Stop || error.code?.startsWith('ERR_PARSE_ARGS');
    console.error(expected ? error.message : error);
    process.exit(1);
  },
);
