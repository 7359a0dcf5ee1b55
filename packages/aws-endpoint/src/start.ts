/** Starts the endpoint alone: `npm start -w packages/aws-endpoint -- [options]`; Ctrl-C ends it. Options in README.md. */
import type { Agent } from './agents.ts';
import { createScaledClock } from './clock.ts';
import { type Endpoint, startEndpoint } from './endpoint.ts';
import { readOptions, readTemplate, Stop } from './start-options.ts';

const VPC = 'vpc-00000000000000001';

const NAMES = {
  route53: 'Route 53',
  ssm: 'SSM',
  monitoring: 'CloudWatch',
  ec2: 'EC2',
  events: 'EventBridge',
  s3: 'S3',
  sqs: 'SQS',
  lambda: 'Lambda',
  sts: 'STS',
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
