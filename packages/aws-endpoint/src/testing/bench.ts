import type { Agent } from '../agents.ts';
import { createSteppedClock, type SteppedClock } from '../clock.ts';
import { type Endpoint, type EndpointOptions, startEndpoint } from '../endpoint.ts';
import type { EndpointEvent } from '../events.ts';
import { EMPTY_STACK, type Stack } from '../stack.ts';
import { type Clients, createClients } from './clients.ts';

export const ZONE_ID = 'Z0123456789ABCDEFGHI';
export const VPC = 'vpc-0a1b2c3d4e5f60718';
export const BUCKET = 'reports';

/** A document that shows what it was told. */
export const ECHO_DOCUMENT = {
  schemaVersion: '2.2',
  description: 'Says what it is told',
  parameters: {
    Words: { type: 'String', allowedPattern: '^[a-z ]*$', default: 'nothing' },
    Force: { type: 'String', allowedValues: ['yes', 'no'], default: 'no' },
  },
  mainSteps: [
    {
      action: 'aws:runShellScript',
      name: 'speak',
      inputs: { timeoutSeconds: '60', runCommand: ['echo {{ Words }}', 'force={{Force}}'] },
    },
  ],
};

export const STACK: Stack = {
  ...EMPTY_STACK,
  documents: { echo: ECHO_DOCUMENT },
  buckets: { ReportBucket: BUCKET },
};

/** An endpoint under test, its clock, its clients. */
export interface Bench extends Clients {
  endpoint: Endpoint;
  clock: SteppedClock;
  agents: Map<string, Agent>;
  events: EndpointEvent[];
  invoked: { functionName: string; payload: unknown }[];
  close(): Promise<void>;
}

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

/** Starts one on a free port, unthrottled unless told otherwise, its clock standing still; clients that try once. */
export async function startBench(options: Partial<EndpointOptions> & { maxAttempts?: number } = {}): Promise<Bench> {
  const { maxAttempts = 1, ...own } = options;
  const clock = createSteppedClock();
  const agents = new Map<string, Agent>();
  const invoked: Bench['invoked'] = [];
  const endpoint = await startEndpoint({
    port: 0,
    region: 'us-west-2',
    clock,
    agents,
    stack: STACK,
    zones: [{ id: ZONE_ID, name: 'pod', vpc: VPC, region: 'us-west-2' }],
    invoke: async (functionName, payload) => void invoked.push({ functionName, payload }),
    rates: 'unlimited',
    random: () => 0.5,
    ...own,
  });
  const events: EndpointEvent[] = [];
  endpoint.on((event) => void events.push(event));
  const config = { endpoint: endpoint.url, region: 'us-west-2', credentials: CREDENTIALS, maxAttempts };
  const clients = createClients(config);
  // not spread into a new object, which would ask for every client
  return Object.assign(clients, {
    endpoint,
    clock,
    agents,
    events,
    invoked,
    async close() {
      clients.destroyClients();
      await endpoint.close();
    },
  });
}

/** Adds a running instance with an agent that answers at once. */
export function addHost(
  bench: Bench,
  instanceId: string,
  tags: Record<string, string> = {},
  agent: Partial<Agent> = {},
): Agent {
  bench.endpoint.instances.adopt({ instanceId, vpc: VPC, az: 'us-west-2a', ipv4: '10.0.0.5', ipv6: ['fd00::5'], tags });
  const added: Agent = {
    instanceId,
    online: true,
    run: async (script) => ({ exitCode: 0, stdout: script, stderr: '', timedOut: false }),
    ...agent,
  };
  bench.agents.set(instanceId, added);
  return added;
}

/** `i-` and seventeen hex digits of the number. */
export function hostId(number: number): string {
  return `i-${number.toString(16).padStart(17, '0')}`;
}
