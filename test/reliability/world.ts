import type http from 'node:http';
import { join } from 'node:path';
import type { Agent, Endpoint, EndpointEvent } from '@podtime/aws-endpoint';
import { readScript } from '../../infra/script-files.ts';
import { ssmDocument } from '../../infra/template/documents.ts';
import { Container } from './container.ts';
import { createExchanges } from './exchanges.ts';
import { createHosts, type Hosts } from './hosts.ts';
import { PODS, type PodName, type Programs } from './programs.ts';
import { runIn } from './realm.ts';
import { createSetup, type Setup } from './setup.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What a call takes: of simulated time, so that a run which calls for ever comes to its end. */
const LATENCY_MS = 50;

export const BUCKET = 'podtime-reports';
const DOCUMENTS = Object.fromEntries(
  (['collect', 'cycle'] as const).map((name) => [`podtime-dev-${name}`, ssmDocument(name, readScript(ROOT, name))]),
);

/** An AWS with two pods and their hosts, functions that run on it, and time that jumps. */
export interface World {
  time: VirtualTime;
  endpoint: Endpoint;
  hosts: Hosts;
  setup: Setup;
  /** All that happened at the endpoint. */
  events: EndpointEvent[];
  /** A fresh container of Lambda. */
  container(functionName: string): Container;
  mode(pod: PodName, mode: string): void;
  close(): Promise<void>;
}

export async function createWorld(programs: Programs, seededRandom: () => number = () => 0.5): Promise<World> {
  const time = createVirtualTime();
  const exchanges = createExchanges(time);
  const agents = new Map<string, Agent>();
  const containers = new Map<string, Container>();
  const { startEndpoint, EMPTY_STACK } = runIn(programs.endpoint, { time, environment: {} })
    .exports as unknown as typeof import('@podtime/aws-endpoint');
  const endpoint = await startEndpoint({
    port: 0,
    region: 'us-west-2',
    clock: time,
    agents,
    stack: { ...EMPTY_STACK, documents: DOCUMENTS, buckets: { ReportBucket: BUCKET } },
    zones: Object.values(PODS).map(({ zone, vpc }) => ({
      ...zone,
      vpc,
      region: 'us-west-2',
      soa: { ttlSeconds: 60, minimumSeconds: 60 },
    })),
    rates: 'unlimited',
    random: seededRandom,
    async intercept(call) {
      const { headers } = call.request;
      const caller = containers.get(exchanges.arrived(headers));
      await new Promise<void>((resolve) => void time.after(LATENCY_MS, resolve));
      const answer = caller === undefined ? await call.handle() : await caller.called(call);
      if (answer !== null || call.outgoing.socket?.destroyed !== false) exchanges.answered(headers);
      return answer;
    },
  });
  const setupModules = exchanges.modulesOf('', () => false) as { http: typeof http };
  const events: EndpointEvent[] = [];
  endpoint.on((event) => void events.push(event));
  return {
    time,
    endpoint,
    events,
    setup: createSetup(endpoint.url, setupModules.http.request, time),
    hosts: createHosts(() => endpoint, agents, time),
    container(functionName) {
      const id = `${functionName}-${containers.size + 1}`;
      const made = new Container(id, functionName, programs, time, (isDead) => ({
        modules: exchanges.modulesOf(id, isDead),
        environment: {
          AWS_REGION: 'us-west-2',
          AWS_ENDPOINT_URL: endpoint.url,
          AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
          AWS_SECRET_ACCESS_KEY: 'secret',
          AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
          STAGE: 'dev',
          REPORT_BUCKET: BUCKET,
          COLLECT_DOCUMENT: 'podtime-dev-collect',
          CYCLE_DOCUMENT: 'podtime-dev-cycle',
        },
      }));
      containers.set(id, made);
      return made;
    },
    mode: (pod, mode) => endpoint.parameters.put(`/podtime/dev/${pod}/mode`, mode, { type: 'String', overwrite: true }),
    close: () => endpoint.close(),
  };
}
