import type { AddressInfo } from 'node:net';
import type { Agents } from './agents.ts';
import { type Clock, createScaledClock } from './clock.ts';
import { createCloudWatch } from './cloudwatch/cloudwatch.ts';
import { DELAYS, type Delays } from './delays.ts';
import { createEc2 } from './ec2/ec2.ts';
import { createInstances, type Instances } from './ec2/instances.ts';
import { createVpcs, type VpcSpec } from './ec2/vpcs.ts';
import { ACCOUNT_ID } from './errors.ts';
import { createBus } from './eventbridge/bus.ts';
import { createEventBridge } from './eventbridge/eventbridge.ts';
import { type Announce, createAnnouncer } from './events.ts';
import { createFaults, type Faults } from './faults.ts';
import {
  type AlarmRow,
  alarmRows,
  type CommandRow,
  commandRows,
  type MetricRow,
  metricRows,
  type RecordRow,
  recordRows,
} from './inspect.ts';
import { createInvoker, type Invoke } from './lambda/invoker.ts';
import { type Concurrency, createLambda, DEFAULT_CONCURRENCY } from './lambda/lambda.ts';
import type { ServiceName } from './request.ts';
import { createRoute53 } from './route53/route53.ts';
import { createCachingView, createZoneView, type ServedZone, type ZoneView } from './route53/zone-view.ts';
import { createZones, type ZoneSpec } from './route53/zones.ts';
import type { StoredObject } from './s3/bucket.ts';
import { createS3 } from './s3/s3.ts';
import { createAwsServer, type Intercept } from './server.ts';
import type { Service } from './service.ts';
import { startEventSource } from './sqs/event-source.ts';
import { createQueue } from './sqs/queue.ts';
import { createSqs } from './sqs/sqs.ts';
import { readDocument } from './ssm/documents.ts';
import { createParameterStore, type ParameterStore } from './ssm/parameters.ts';
import { createSsm } from './ssm/ssm.ts';
import { EMPTY_STACK, type Stack } from './stack.ts';
import { createSts } from './sts/sts.ts';
import { createThrottle, RATES, type Rate } from './throttle.ts';
import { createTimers } from './timers.ts';
import { type Exchange, wireRecorder } from './wire.ts';

export interface EndpointOptions {
  /** Default 0: any free port. */
  port?: number;
  /** Default 127.0.0.1: clients then address S3 in path style. */
  host?: string;
  region: string;
  /** Default: the delays last as long as AWS's. */
  clock?: Clock;
  /** SSM's agents; the map may change while the endpoint runs. Default: none. */
  agents?: Agents;
  /** Documents, parameters, buckets, rules, schedules and alarms. Default: none. */
  stack?: Stack;
  /** Private hosted zones that are there from the start. Default: none. */
  zones?: readonly ZoneSpec[];
  /** VPCs, and what is in them; may change while the endpoint runs. Those that zones and instances name are there anyway. */
  vpcs?: readonly VpcSpec[];
  /** How many functions the account may run at one time, and how many of these nobody has reserved. Default: 1,000 of each. */
  concurrency?: Concurrency;
  /**
   * Calls a function for EventBridge, SQS or Lambda's Invoke; rejects when the function failed. Default: does nothing, and Invoke is
   * refused.
   */
  invoke?: Invoke;
  delays?: Partial<Delays>;
  /** A minute of the alarms' periods lasts so many times less than one of the metrics' timestamps; default 1. */
  alarmFactor?: number;
  /** Alarms are first evaluated after `startAlarms`: nothing of what they look at has come before. Default: at once. */
  alarmsWait?: boolean;
  /** Request rates other than RATES; an empty rate table is `'unlimited'`. */
  rates?: Record<string, Rate> | 'unlimited';
  /** The clock of the rates; default: real time, whatever the factor. */
  ratesNowMs?: () => number;
  /** 0 <= x < 1; default Math.random. */
  random?: () => number;
  /** Hears of every call that was answered. */
  record?: (exchange: Exchange) => void;
  /** Stands between each call and its answer, for what goes wrong on the way. */
  intercept?: Intercept;
}

export interface Endpoint {
  port: number;
  /** What goes into AWS_ENDPOINT_URL. */
  url: string;
  /** Names of the operations that each service has. */
  operations: Record<ServiceName, readonly string[]>;
  instances: Instances;
  parameters: ParameterStore;
  faults: Faults;
  on(listener: Announce): () => void;
  /** What the zone's name servers answer now. Throws for a zone that is not there. */
  nameServers(zoneId: string): ZoneView;
  /** The records that the zone's name servers hold now, for a server of DNS; an event `records in sync` tells of new ones. */
  servedZone(zoneId: string): ServedZone;
  /** What the VPC's resolver (".2") answers: the name servers' answers, kept for their TTLs. One cache for all who ask. */
  resolver(zoneId: string): ZoneView;
  records(): RecordRow[];
  metrics(): MetricRow[];
  commands(): CommandRow[];
  /** Metric and composite alarms by name. */
  alarms(): AlarmRow[];
  object(bucket: string, key: string): StoredObject | null;
  /** From now on the stack's schedules fire. */
  startSchedules(): void;
  /** From now on alarms are evaluated, where `alarmsWait` was said. */
  startAlarms(): void;
  /** Ends connections and timers. */
  close(): Promise<void>;
}

/**
 * Starts the local AWS endpoint: Route 53, SSM, CloudWatch, EC2, EventBridge, S3, SQS, Lambda and STS on one port. Rejects when the port is taken, or when
 * the stack holds what the endpoint cannot carry out. What it claims of AWS stands in docs/aws-claims.md.
 * Decision 0040.
 */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const {
    region,
    clock = createScaledClock(1),
    agents = new Map(),
    stack = EMPTY_STACK,
    zones: zoneSpecs = [],
    invoke: callFunction = async () => {},
  } = options;
  const delays: Delays = { ...DELAYS, ...options.delays };
  const random = options.random ?? Math.random;
  const timers = createTimers(clock);
  const faults = createFaults();
  const { announce, on } = createAnnouncer();

  const invoke = createInvoker({ stack, invoke: callFunction, timers, delays, announce });
  const queues = new Map(stack.queues.map((queue) => [queue.name, createQueue(queue, timers, random)]));
  const enqueue = (name: string, body: string) => void queues.get(name)?.send(body);
  const bus = createBus({ stack, region, timers, delays, random, announce, faults, invoke, enqueue });
  for (const mapping of stack.mappings) {
    const queue = queues.get(mapping.queueName);
    if (!queue) throw new Error(`the mapping of ${mapping.functionName}: its queue is none of the template`);
    startEventSource({ mapping, queue, region, invoke: callFunction, timers, announce });
  }
  const instances = createInstances({
    timers,
    delays,
    announce,
    stateChanged: (instanceId, state) =>
      void bus.publish({
        source: 'aws.ec2',
        detailType: 'EC2 Instance State-change Notification',
        detail: { 'instance-id': instanceId, state },
        resources: [`arn:aws:ec2:${region}:${ACCOUNT_ID}:instance/${instanceId}`],
      }),
  });
  const zones = createZones(zoneSpecs, { timers, delays, random, announce });
  const parameters = createParameterStore(announce);
  for (const { name, type, value, allowedPattern } of stack.parameters)
    parameters.put(name, value, { type, allowedPattern: allowedPattern ?? undefined });
  const documents = new Map(
    Object.entries(stack.documents).map(([name, content]) => [name, readDocument(name, content)]),
  );
  const ssm = createSsm({
    timers,
    delays,
    clock,
    random,
    announce,
    faults,
    agents,
    instances,
    documents,
    parameters,
  });
  const { alarmFactor = 1 } = options;
  const cloudwatch = createCloudWatch({
    timers,
    clock,
    delays,
    announce,
    region,
    alarms: stack.alarms,
    alarmFactor,
    dashboards: stack.dashboards,
  });
  if (!options.alarmsWait) cloudwatch.startAlarms();
  on((event) => {
    if (event.kind !== 'function invoked' && event.kind !== 'function failed') return;
    const invoked = event.kind === 'function invoked';
    const FunctionName = event.functionName;
    if (invoked) cloudwatch.measure('AWS/Lambda', 'Invocations', { FunctionName }, 1);
    cloudwatch.measure('AWS/Lambda', 'Errors', { FunctionName }, invoked ? 0 : 1);
  });
  /** SQS tells of each queue once a minute. */
  const measureQueues = () => {
    for (const [QueueName, queue] of queues)
      cloudwatch.measure('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName }, queue.oldestAgeSeconds());
    timers.after(60_000, measureQueues);
  };
  if (queues.size > 0) timers.after(60_000, measureQueues);
  const s3 = createS3({
    buckets: Object.values(stack.buckets),
    configs: stack.bucketConfigs,
    region,
    clock,
    delays,
    announce,
  });
  const recorders = [options.record, wireRecorder()].filter((recorder) => recorder != null);
  const rates = options.rates === 'unlimited' ? {} : (options.rates ?? RATES);

  const services: Record<ServiceName, Service> = {
    route53: createRoute53(zones),
    ssm,
    monitoring: cloudwatch,
    ec2: createEc2(instances, createVpcs({ specs: options.vpcs ?? [], region, zones, instances })),
    events: createEventBridge(bus, { faults, rules: stack.rules, region }),
    s3,
    sqs: createSqs(queues, region, timers),
    lambda: createLambda({
      functions: stack.functions,
      region,
      concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
      call: options.invoke ?? null,
      invokeLater: invoke,
      announce,
      startedAtMs: clock.wallMs(),
    }),
    sts: createSts(),
  };

  const server = createAwsServer({
    services,
    throttle: createThrottle(rates, options.ratesNowMs ?? (() => performance.now())),
    faults,
    announce,
    intercept: options.intercept,
    record: (exchange) => {
      for (const recorder of recorders) recorder(exchange);
    },
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  }).catch((failure: unknown) => {
    timers.stop();
    throw failure;
  });
  const { port } = server.address() as AddressInfo;

  const resolvers = new Map<string, ZoneView>();
  const nameServers = (zoneId: string) => {
    const zone = zones.get(zoneId);
    return createZoneView({ name: zone.name, served: zone.served });
  };
  return {
    port,
    url: `http://${host}:${port}`,
    operations: Object.fromEntries(
      Object.entries(services).map(([name, service]) => [name, service.operations]),
    ) as Endpoint['operations'],
    instances,
    parameters,
    faults,
    on,
    nameServers,
    servedZone(zoneId) {
      const { name, served } = zones.get(zoneId);
      return { name, sets: [...served.values()] };
    },
    resolver(zoneId) {
      const view = resolvers.get(zoneId) ?? createCachingView(nameServers(zoneId), clock);
      resolvers.set(zoneId, view);
      return view;
    },
    records: () => recordRows(zones.all()),
    metrics: () => metricRows(cloudwatch.metrics()),
    commands: () => commandRows(ssm.commands()),
    alarms: () => alarmRows(cloudwatch.alarms()),
    object: (bucket, key) => s3.object(bucket, key),
    startSchedules: () => bus.startSchedules(),
    startAlarms: () => cloudwatch.startAlarms(),
    close() {
      timers.stop();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
