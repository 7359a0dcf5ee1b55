import { join } from 'node:path';
import { azNameWildcard } from '../src/fleet/az-names.ts';
import { TIME_SERVICE_POLL } from '../src/fleet/defaults.ts';
import type { Fleet, Pod } from '../src/fleet/fleet.ts';
import {
  byHandOf,
  WATCHDOG_CLASSES,
  type WatchdogClass,
  watchdogOf,
  watchdogsOf,
} from '../src/fleet/watchdog-classes.ts';
import { historyPrefixes } from '../src/history/keys.ts';
import { archive, archiveName } from './bundle/archive.ts';
import { type Bundle, bundleHandlers } from './bundle/bundle.ts';
import { BuildError } from './errors.ts';
import { takeTurn, writeWhole } from './files.ts';
import { shortHash } from './hash.ts';
import { checkTopics, functionAlarms, queueAlarm } from './monitoring/alarms.ts';
import { fleetNotices } from './notices.ts';
import { readStageFleet, type StageFleet, type StageSettings, TRIAL_STAGE } from './stage.ts';
import { functionLogicalId, type Resources, type Template } from './template/cloudformation.ts';
import { artifactFolder, settleDeployment } from './template/deployment.ts';
import { apiUrls, endpointsOf } from './template/endpoints.ts';
import { fleetOverLimits } from './template/fleet-limits.ts';
import { type CountedFunctions, overLimits } from './template/limits.ts';
import { useLockedHistory } from './template/locked-history.ts';
import { resourcePolicy } from './template/resource-policy.ts';
import { generatedResources } from './template/resources.ts';
import { type RoutedFunctions, routesInWords } from './template/routes.ts';
import { methodSettings } from './template/throttles.ts';

/** What the build sees and changes of osls' service. */
interface Service {
  service: string;
  package: { artifactDirectoryName?: string };
  functions: Record<string, OslsFunction>;
  resources?: { Resources?: Resources; Outputs?: Record<string, unknown> };
  provider: { compiledCloudFormationTemplate: Template };
}

interface OslsFunction {
  handler: string;
  role?: string;
  environment?: Record<string, unknown>;
  package?: { artifact?: string };
}

interface Log {
  notice(message: string): void;
  warning(message: string): void;
}

/** Stands in until `check` says what is wrong. */
const NO_FLEET: Fleet = {
  upstreams: [],
  timeService: { mode: { boundary: 'source', client: 'source' }, poll: TIME_SERVICE_POLL },
  leapSmear: null,
  leapSecond: null,
  ntsRequired: false,
  operatorVpcs: [],
  ssm: { readsPerSecond: null },
  pods: [],
};

/** One run of osls. The plugin calls these steps; each throws `BuildError` with what the operator has to know. */
export class Build {
  readonly #read: StageFleet | BuildError;
  readonly #variables: Record<string, unknown>;
  /** Of all the functions: `offline --package` archives them and runs them. */
  #bundles: Promise<Bundle[]> | null = null;
  #endTurn: () => void = () => {};

  constructor(
    private readonly serviceDir: string,
    private readonly log: Log,
    private readonly settings: StageSettings,
  ) {
    this.#read = this.#readFleet();
    this.#variables = variablesOf(this.#read instanceof BuildError ? NO_FLEET : this.#read.fleet, settings.stage);
  }

  /**
   * What `${podtime:ADDRESS}` in serverless.yml stands for. A faulty fleet file gives empty lists, and `check` then stops.
   * `functions` are serverless.yml's, of which the routes are told.
   */
  variable(address: string, functions: RoutedFunctions): unknown {
    if (address === 'routes') return routesInWords(functions);
    if (!(address in this.#variables)) {
      throw new Error(
        `\${podtime:${address}} is unknown; there are ${[...Object.keys(this.#variables), 'routes'].join(', ')}`,
      );
    }
    return this.#variables[address];
  }

  /** Takes out the watchdogs of classes that no pod is of. */
  leaveOutFunctions(functions: Record<string, unknown>): void {
    const inUse = watchdogsOf(this.#stageFleet().fleet.pods).map(({ functionName }) => functionName);
    for (const { functionName } of WATCHDOG_CLASSES) if (!inUse.includes(functionName)) delete functions[functionName];
  }

  /** Stops on a faulty fleet, and on one that cannot be deployed when it is meant to be; says which pods are taken. */
  check(command: string, functions: CountedFunctions): void {
    const { fleet, leftOut, deployFaults } = this.#stageFleet();
    const { fleetFile, region } = this.settings;
    const tooMany = fleetOverLimits(this.serviceDir, this.settings, fleet, functions);
    const faults = [...deployFaults, ...tooMany];
    const undeployable = faults.map((sentence) => `- ${sentence}`).join('\n');
    if (undeployable !== '' && isForAws(command, this.settings.stage)) {
      throw new BuildError(`${fleetFile} cannot be deployed.\n${undeployable}`);
    }
    if (undeployable !== '')
      this.log.warning(`What is built cannot be deployed to AWS, by ${fleetFile}.\n${undeployable}`);
    this.log.notice(
      `${fleetFile}: ${fleet.pods.map((pod) => pod.name).join(', ')} in ${region}` +
        (leftOut.length > 0 ? `; left out, being elsewhere: ${leftOut.join(', ')}` : ''),
    );
    for (const sentence of fleetNotices(fleet)) this.log.notice(sentence);
  }

  addResources(service: Service): void {
    const { pods } = this.#stageFleet().fleet;
    const folder = artifactFolder(service.service, this.settings.stage, process.env);
    if (folder !== null) service.package.artifactDirectoryName = folder;
    service.resources ??= {};
    service.resources.Resources = {
      ...service.resources.Resources,
      ...this.#generated(pods),
      ...functionAlarms(this.settings.stage, Object.keys(service.functions), this.settings.topics),
      ...queueAlarm(this.settings.stage, this.settings.topics),
    };
    service.resources.Outputs = { ...service.resources.Outputs, ...apiUrls(this.settings.stage, pods) };
    useLockedHistory(service, pods);
  }

  /** osls packages in one folder of the service, `.serverless`, which it empties first: one at a time. */
  async takeTurn(): Promise<void> {
    this.#endTurn = await takeTurn(join(this.serviceDir, '.build', 'packaging'));
    process.once('exit', this.#endTurn);
  }

  endTurn(): void {
    this.#endTurn();
  }

  /** Bundles every handler into an archive of its own, which holds nothing else. */
  async archiveHandlers(functions: Service['functions']): Promise<void> {
    for (const { name, path, code } of await this.#bundle(functions)) {
      const zip = archive(path, code);
      const artifact = join('.serverless', archiveName(name, zip));
      writeWhole(join(this.serviceDir, artifact), zip);
      this.#function(functions, name).package = { artifact };
    }
  }

  /** For `invoke local` and `offline`: the functions run from the very bundles that would be deployed. */
  async runFromBundles(functions: Service['functions']): Promise<void> {
    for (const { name, path, code, sourceMap } of await this.#bundle(functions)) {
      // osls' `invoke local` finds an ES module only as .js; in an archive .mjs says what it is
      const module = join(this.serviceDir, this.#folder, path.replace(/\.mjs$/, '.js'));
      writeWhole(module, code);
      writeWhole(`${module}.map`, sourceMap);
      const lambda = this.#function(functions, name);
      if (!lambda.handler.startsWith(this.#folder)) lambda.handler = `${this.#folder}/${lambda.handler}`;
      // an archive, made by `offline --package`, would be unpacked again for each start of the function
      delete lambda.package;
    }
  }

  settleDeployment(service: Service): void {
    const { compiledCloudFormationTemplate: template } = service.provider;
    const hosts = this.#stageFleet().fleet.pods.reduce((sum, pod) => sum + pod.hosts, 0);
    const throttles = methodSettings(service.functions as RoutedFunctions, hosts);
    settleDeployment(template, service.resources?.Resources ?? {}, this.settings.stage, throttles);
  }

  checkLimits(service: Service): void {
    const pods = this.#stageFleet().fleet.pods.length;
    const over = overLimits(service.provider.compiledCloudFormationTemplate, pods);
    if (over.length > 0) throw new BuildError(over.join('\n'));
  }

  #generated(pods: Pod[]): Resources {
    const { stage, topics, region } = this.settings;
    return generatedResources(this.serviceDir, stage, pods, checkTopics(topics, region));
  }

  /** What runs from here holds the fleet: of two pods on one machine neither gets the other's. */
  get #folder(): string {
    const { stage, region } = this.settings;
    return `.build/${stage}-${region}-${shortHash(JSON.stringify(this.#stageFleet().fleet))}`;
  }

  #bundle(functions: Service['functions']): Promise<Bundle[]> {
    const prefix = `${this.#folder}/`;
    const handlers = Object.entries(functions).map(([name, { handler }]) => [name, handler.replace(prefix, '')]);
    this.#bundles ??= bundleHandlers(this.serviceDir, Object.fromEntries(handlers), this.#stageFleet().fleet);
    return this.#bundles;
  }

  #function(functions: Service['functions'], name: string): OslsFunction {
    const found = functions[name];
    if (!found) throw new Error(`there is no function ${name}`);
    return found;
  }

  #stageFleet(): StageFleet {
    if (this.#read instanceof BuildError) throw this.#read;
    return this.#read;
  }

  #readFleet(): StageFleet | BuildError {
    try {
      return readStageFleet(this.serviceDir, this.settings);
    } catch (error) {
      if (error instanceof BuildError) return error;
      throw error;
    }
  }
}

/** Whether AWS is to get what is built. The default stage may be packaged to see that everything can be built. */
function isForAws(command: string, stage: string): boolean {
  return command.startsWith('deploy') || (command === 'package' && stage !== TRIAL_STAGE);
}

/**
 * A memory is written anew at each tick, and all in it is out of date after a day: the one that the state names is gone only where no
 * tick has run for so long. State and report have no rule, and stay.
 */
const MEMORY_DAYS = 30;

function memoryExpiry(pod: string) {
  return { Id: `memory-${pod}`, Status: 'Enabled', Prefix: `${pod}/memory/`, ExpirationInDays: MEMORY_DAYS };
}

/** A day more than is promised: S3 counts from the midnight after an object was written. */
function historyExpiry({ name, history }: Pod) {
  return historyPrefixes(name).map((prefix) => ({
    Id: prefix.replaceAll('/', '-').replace('pod=', '').replace(/-$/, ''),
    Status: 'Enabled',
    Prefix: prefix,
    ExpirationInDays: history.days + 1,
  }));
}

/** Lists for serverless.yml and `infra/resources/`. */
function variablesOf(fleet: Fleet, stage: string): Record<string, unknown> {
  const zones = fleet.pods.map((pod) => pod.zone);
  const watchdogs = watchdogsOf(fleet.pods);
  const unique = (values: string[]) => [...new Set(values.filter((value) => value !== ''))];
  return {
    podNames: unique(fleet.pods.map((pod) => pod.name)),
    endpoints: fleet.pods.flatMap(endpointsOf),
    zoneArns: unique(zones.map((zone) => zone.id)).map((id) => ({
      'Fn::Sub': `arn:\${AWS::Partition}:route53:::hostedzone/${id}`,
    })),
    modeArns: ['mode', ...fleet.pods.map(({ name }) => `${name}/mode`)].map((parameter) => ({
      'Fn::Sub': `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/podtime/${stage}/${parameter}`,
    })),
    expiryRules: fleet.pods.flatMap((pod) => [memoryExpiry(pod.name), ...historyExpiry(pod)]),
    scheduledArns: [...watchdogs.map(({ functionName }) => functionName), 'history'].map((name) => ({
      'Fn::GetAtt': [functionLogicalId(name), 'Arn'],
    })),
    watchdogLogs: watchdogs.map(({ functionName }) => ({
      'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/podtime-${stage}-${functionName}:*`,
    })),
    'byHand.memorySize': byHandOf(fleet.pods).memoryMegabytes,
    'status.memorySize': byHandOf(fleet.pods).statusMegabytes,
    ...Object.fromEntries(WATCHDOG_CLASSES.flatMap((each) => watchdogVariables(each, fleet.pods))),
    recordNames: unique(zones.map((zone) => azNameWildcard(zone.name))),
    resourcePolicy: resourcePolicy(fleet, stage),
  };
}

/** `${podtime:watchdog10k.memorySize}` and the like, with the names of the pods of the class. */
function watchdogVariables(watchdog: WatchdogClass, pods: Pod[]): [string, unknown][] {
  const { functionName, memoryMegabytes, timeoutSeconds } = watchdog;
  return [
    [`${functionName}.memorySize`, memoryMegabytes],
    [`${functionName}.timeout`, timeoutSeconds],
    [`${functionName}.pods`, pods.filter((pod) => watchdogOf(pod) === watchdog).map(({ name }) => name)],
  ];
}
