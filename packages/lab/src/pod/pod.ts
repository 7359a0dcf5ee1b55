import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ACCOUNT_ID,
  createScaledClock,
  type Endpoint,
  type EndpointEvent,
  readStack,
  type ScaledClock,
  startEndpoint,
} from '@podtime/aws-endpoint';
import { type Fleet, type Pod, TAGS } from '../../../../src/fleet/fleet.ts';
import { watchdogOf } from '../../../../src/fleet/watchdog-classes.ts';
import { alarmFactorOf } from './alarm-minute.ts';
import type { HistoryAnswer, PodStatus } from './answers.ts';
import { Damage } from './damage.ts';
import { createEventLog, logLine } from './event-log.ts';
import { type BackendKind, type HostBackend, START_BACKEND } from './host-backend.ts';
import { HostDirectory, PodError } from './host-directory.ts';
import { type InventoryHost, inventoryOf, replacementOf, withRealDaemons } from './inventory.ts';
import { OwnedFolder } from './leftovers.ts';
import { networkOf } from './network.ts';
import { Pace } from './pace.ts';
import { ReservedConcurrency } from './reserved-concurrency.ts';
import { type Offline, startOffline, TEMPLATE } from './serverless.ts';
import type { StartLog } from './start-log.ts';
import { readStoredReport, type StoredReport } from './stored-report.ts';
import { TicksUnderWay } from './ticks-under-way.ts';

export interface PodOptions {
  projectFolder: string;
  /** Where the fleet is written, and what is packaged in that file's place; null: the file itself. */
  fleetFile: { file: string; text: string | null };
  fleet: Fleet;
  /** Of the API. */
  port: number;
  awsPort: number;
  lambdaPort: number;
  /** Simulated seconds in one real second; 1 with real hosts, whose time is everybody's. */
  factor: number;
  hosts: BackendKind;
  print(line: string): void;
  log: StartLog;
}

/** So long apart the hosts are launched (simulated): as by hand, or an autoscaling group, not all in one instant. */
const LAUNCH_GAP_MS = 1500;
/** A place of namespaces is there at once; an EC2 instance is running before its system is up. */
const REAL_BOOT_SECONDS = 12;

/**
 * So many events of one kind are handled at once: a whole pod that boots has twenty, and one process computes them all. Enough
 * for a tick by the schedule and another by a change of DNS, in each of two pods.
 */
const MOST_EVENTS_AT_ONCE = 4;

/** The whole pod on one machine: endpoint, hosts, the product under serverless-offline, and what breaks and mends it. */
export class LocalPod {
  readonly #options: PodOptions;
  readonly #clock: ScaledClock;
  readonly directory: HostDirectory;
  readonly damage = new Damage();
  readonly #folder: OwnedFolder;
  #endpoint: Endpoint | null = null;
  #backend: HostBackend | null = null;
  #offline: Offline | null = null;
  #bucket = '';
  readonly #stop = new AbortController();
  readonly #events = new ReservedConcurrency(MOST_EVENTS_AT_ONCE);
  readonly #ticks = new TicksUnderWay();
  #starting: Promise<unknown> = Promise.resolve();

  constructor(options: PodOptions) {
    this.#options = options;
    this.directory = new HostDirectory(options.fleet);
    this.#clock = createScaledClock(options.factor);
    this.#folder = OwnedFolder.claim('pod');
  }

  /** Resolves when the API answers; hosts boot from then on. `ended` of the answer settles when the product's process dies. */
  start(): Promise<{ ended: Promise<string> }> {
    const starting = this.#start();
    this.#starting = starting;
    return starting;
  }

  async #start(): Promise<{ ended: Promise<string> }> {
    const { projectFolder, fleetFile, fleet, awsPort, port, lambdaPort, log } = this.#options;
    const packageFolder = join(this.#folder.path, 'package');
    const ownFile = join(this.#folder.path, 'fleet.yml');
    if (fleetFile.text !== null) writeFileSync(ownFile, fleetFile.text);
    const region = fleet.pods[0]?.region ?? 'us-west-2';
    // its functions are not called before the endpoint is up, which takes its resources from what is packaged here
    this.#offline = await startOffline({
      projectFolder,
      fleetFile: fleetFile.text === null ? fleetFile.file : ownFile,
      packageFolder,
      httpPort: port,
      lambdaPort,
      awsUrl: `http://127.0.0.1:${awsPort}`,
      region,
      stop: this.#stop.signal,
      onStart: (pid) => this.#folder.record(pid),
      onPackaged: () => log.done('packaged', 'the functions and their template, as they would be deployed', 'loading'),
    });
    log.done('served', 'by serverless-offline: the functions behind their API', 'starting AWS and the hosts');
    const stack = readStack(JSON.parse(readFileSync(join(packageFolder, TEMPLATE), 'utf8')), {
      region,
      accountId: ACCOUNT_ID,
      stackName: 'podtime-local',
    });
    this.#bucket = Object.values(stack.buckets).find((name) => name.includes('report')) ?? '';
    // the backend asks for the DNS of a pod when a host is added, which is after the endpoint is up
    const backend = await START_BACKEND[this.#options.hosts]({
      fleet,
      clock: this.#clock,
      folder: join(this.#folder.path, 'hosts'),
      apiPort: port,
      endpoint: () => this.endpoint,
      onReport: (id, sentence) => this.#say('host', `${this.directory.nameOf(id)} ${sentence}`),
    });
    this.#backend = backend;
    this.#endpoint = await startEndpoint({
      port: awsPort,
      region,
      clock: this.#clock,
      agents: backend.agents,
      stack,
      alarmFactor: alarmFactorOf(fleet, this.#options.factor),
      alarmsWait: true,
      ...networkOf(fleet, region),
      invoke: (functionName, payload) => this.#invoke(functionName, payload),
    });
    const endpoint = this.#endpoint;
    const tell = createEventLog({
      print: (line) => this.#print(line),
      nameOf: (id) => this.directory.nameOf(id),
      reportAt: (key) => this.#reportAt(key),
    });
    endpoint.on(tell);
    endpoint.on(this.#firstTicks());
    if (this.#options.hosts === 'simulated') this.#keepPace(endpoint);
    await backend.serve?.(endpoint);
    for (const pod of fleet.pods) this.setMode(pod.name, 'act');
    endpoint.startSchedules();
    log.done('up', `AWS, ${this.#options.hosts} hosts boot one after the other`, null);
    const inventory = this.#options.hosts === 'real' ? withRealDaemons(inventoryOf(fleet)) : inventoryOf(fleet);
    inventory.forEach((entry, index) => {
      this.#clock.after(index * LAUNCH_GAP_MS, () => this.#launch(entry));
    });
    return { ended: this.#offline.ended };
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#starting.catch(() => {});
    // the endpoint first: nothing is to start or to be told any more
    await this.#endpoint?.close();
    await this.#offline?.close();
    await this.#backend?.close();
    this.#folder.release();
  }

  get endpoint(): Endpoint {
    return up(this.#endpoint);
  }

  get backend(): HostBackend {
    return up(this.#backend);
  }

  /** Terminates the AZ's boundary server and brings up another under a new address. */
  replace(pod: Pod, az: string): { gone: InventoryHost; come: InventoryHost } {
    const gone = this.directory.boundaryServer(pod, az);
    const come = replacementOf(pod, gone, this.directory.takenNames);
    this.endpoint.instances.terminate(gone.instanceId);
    this.#changeHosts(() => this.backend.remove(gone.instanceId));
    this.directory.retire(gone);
    this.damage.forget(gone.instanceId);
    this.#launch(come);
    return { gone, come };
  }

  setMode(pod: string, mode: string): void {
    this.endpoint.parameters.put(`/podtime/local/${pod}/mode`, mode, { type: 'String', overwrite: true });
  }

  /** A whole tick, now; answers its sentences. */
  async tick(pod: string): Promise<string[]> {
    const named = this.#options.fleet.pods.find(({ name }) => name === pod);
    const { functionName } = watchdogOf(named ?? { hosts: 0 });
    const answer = (await this.#product().invoke(`podtime-local-${functionName}`, { pod })) as { sentences?: string[] };
    return answer.sentences ?? [];
  }

  /** Ctrl-C reaches the product's process as well, perhaps first: its end is then no failure to tell of. */
  async #invoke(functionName: string, payload: unknown): Promise<unknown> {
    try {
      return await this.#ticks.run(payload, () =>
        this.#events.run(functionName, () => this.#product().invoke(functionName, payload)),
      );
    } catch (error) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      throw error;
    }
  }

  /** Alarms look at what ticks publish: they begin when each pod had its first one, or that failed. */
  #firstTicks(): (event: EndpointEvent) => void {
    const waiting = new Set(this.#options.fleet.pods.map(({ name }) => `${name}/report.json`));
    return (event) => {
      if (waiting.size === 0) return;
      if (event.kind === 'object put') waiting.delete(event.key);
      else if (event.kind === 'function failed' && event.functionName.includes('-watchdog')) waiting.clear();
      if (waiting.size === 0) this.endpoint.startAlarms();
    };
  }

  #keepPace(endpoint: Endpoint): void {
    const pace = new Pace({
      factor: () => this.#clock.factor,
      setFactor: (factor) => this.#clock.setFactor(factor),
      waitMs: Math.min(...this.#options.fleet.pods.map(({ collectWaitSeconds }) => collectWaitSeconds)) * 1000,
      nowMs: () => performance.now(),
      tell: (change, sentence) => this.#say(change, sentence),
    });
    endpoint.on((event) => pace.hear(event));
  }

  #product(): Offline {
    return up(this.#offline);
  }

  #launch(entry: InventoryHost): void {
    if (this.#stop.signal.aborted) return;
    const pod = this.directory.pod(entry.pod);
    this.directory.add(entry);
    this.endpoint.instances.run({
      instanceId: entry.instanceId,
      vpc: pod.vpc,
      az: entry.az,
      ipv4: entry.ipv4,
      ipv6: entry.ipv6 === null ? [] : [entry.ipv6],
      tags: { [TAGS.pod]: entry.pod, [TAGS.tier]: entry.tier, Name: entry.name },
    });
    const spec = {
      id: entry.instanceId,
      name: entry.name,
      pod: entry.pod,
      tier: entry.tier,
      az: entry.az,
      daemon: entry.daemon,
      ipv4: entry.ipv4,
      ipv6: entry.ipv6,
      ...(this.#options.hosts === 'real' && { bootSeconds: REAL_BOOT_SECONDS }),
      apiUrl: `http://127.0.0.1:${this.#options.port}`,
    };
    this.#changeHosts(() => this.backend.add(spec));
  }

  /** Changes the hosts, which nobody waits for: real ones take a second. A failure is logged, and does not end the pod. */
  #changeHosts(change: () => unknown): void {
    const changing = async () => {
      await change();
    };
    changing().catch((error: unknown) => this.#say('FAULT', error instanceof Error ? error.message : String(error)));
  }

  /** What podtime's last tick of a pod left; null: there was none yet. */
  report(pod: string): StoredReport | null {
    return this.#reportAt(`${pod}/report.json`);
  }

  /** What podtime answers of a pod's time, as `sls invoke -f status` has it. */
  async status(pod: string): Promise<PodStatus> {
    return (await this.#product().invoke('podtime-local-status', { pod })) as PodStatus;
  }

  /** What podtime has kept of a host, as `sls invoke -f history` has it. `at`: UTC; left out: its last 24 hours. */
  async history(pod: string, instanceId: string, at: string | undefined): Promise<HistoryAnswer> {
    return (await this.#product().invoke('podtime-local-history', { pod, instanceId, at })) as HistoryAnswer;
  }

  #reportAt(key: string): StoredReport | null {
    const stored = this.endpoint.object(this.#bucket, key);
    return stored && readStoredReport(stored.body);
  }

  #say(verb: string, what: string): void {
    this.#print(logLine(verb, what));
  }

  #print(line: string): void {
    if (!this.#stop.signal.aborted) this.#options.print(line);
  }
}

function up<T>(part: T | null): T {
  if (part === null) throw new PodError('The pod is not up yet.');
  return part;
}
