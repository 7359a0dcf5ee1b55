import { readReport } from '../../src/report/read-report.ts';
import { readHostMemory, readState } from '../../src/state/read.ts';
import { fieldsOf } from './bodies.ts';
import type { Between, Call } from './calls.ts';
import type { Container, Invoked } from './container.ts';
import { type CallProfile, type Fault, faultAt, type Told, toldOf } from './faults.ts';
import type { Programs } from './programs.ts';
import { memoryText, reportText, type Scenario, stateText, worldOf } from './scenarios.ts';
import { changesOf, fingerprintOf, type PodState, sameState, sentencesOf, startedBy, stateOf } from './state.ts';
import type { World } from './world.ts';

/** A function ends this long before Lambda would end it, at the least. */
const MARGIN_MS = 500;
/** Beyond what an undisturbed pod needs: the longest life of a wave whose fate is not known, and a cool-down after it. */
const PATIENCE_MINUTES = 45;
const MINUTE_MS = 60_000;

/** What no sentence may hold: an ARN, the account, the text of a proxy. */
const AWS_TEXT = /assumed-role|123456789012|<html/i;

/** How a sentence names what a call was for. */
const NAMES: Record<string, RegExp> = {
  'ec2:DescribeInstances': /EC2|instance/i,
  // what is read of a record wrongly is put right, and that is said
  'route53:ListResourceRecordSets': /zone|Route 53|^Register|^Withdraw/i,
  'route53:ChangeResourceRecordSets': /zone|Route 53|failed/i,
  'ssm:GetParameters': /parameter|mode/i,
  'ssm:SendCommand': /collect|cycl|SSM/i,
  // a list that is behind keeps its wave under way, and that is said
  'ssm:ListCommands': /command|SSM|wave .* has not ended/i,
  'ssm:ListCommandInvocations': /command|SSM|wave .* has not ended/i,
  's3:GetObject': /report|state|memory|files of pod|S3/i,
  's3:PutObject': /report|state|memory|files of pod|S3/i,
  'monitoring:PutMetricData': /CloudWatch|metric/i,
  'events:PutEvents': /DNS changed|EventBridge/i,
};

/** A scenario and the calls that its function makes in it, in the order in which they first come. */
export interface Observed {
  scenario: Scenario;
  profiles: CallProfile[];
}

/** A run without a fault, and the pod after it: what every cell is held against. */
export interface Baseline extends Observed {
  before: PodState;
  /** What the run set going. */
  started: string;
  fingerprint: string;
  final: PodState;
  changes: Record<string, number>;
  sentences: Set<string>;
  mostAtOnce: World['hosts']['mostAtOnce'] extends () => infer T ? T : never;
  otherRecords: string[];
}

export async function observe(scenario: Scenario, programs: Programs): Promise<Observed> {
  const world = await worldOf(scenario, programs);
  try {
    return { scenario, profiles: (await profile(scenario, world.container(scenario.functionName))).profiles };
  } finally {
    await world.close();
  }
}

async function profile(
  scenario: Scenario,
  container: Container,
): Promise<{ invoked: Invoked; profiles: CallProfile[] }> {
  const profiles = new Map<string, CallProfile>();
  const record: Between = async ({ operation, nth }, { handle }) => {
    const answer = await handle();
    const fields = answer.status === 200 ? fieldsOf(answer) : [];
    profiles.set(`${operation} ${nth}`, { operation, nth, fields, bytes: answer.body.length });
    return answer;
  };
  const invoked = await container.invoke(scenario.event, record);
  if (invoked.error || invoked.cutOff) throw new Error(`${scenario.name} fails undisturbed`, { cause: invoked.error });
  return { invoked, profiles: [...profiles.values()] };
}

export async function baselineOf(scenario: Scenario, programs: Programs): Promise<Baseline> {
  const world = await worldOf(scenario, programs);
  try {
    const before = stateOf(world);
    const container = world.container(scenario.functionName);
    const { invoked, profiles } = await profile(scenario, container);
    const sentences = new Set(sentencesOf(invoked, world).map(withoutNumbers));
    const started = startedBy(world);
    const fingerprint = fingerprintOf(world);
    if (scenario.ofOtherPod !== null) await container.invoke(scenario.ofOtherPod);
    const otherRecords = recordsOfOther(world);
    await ticks(world, scenario.settleMinutes, () => false);
    return {
      scenario,
      before,
      profiles,
      started,
      fingerprint,
      sentences,
      otherRecords,
      final: stateOf(world),
      changes: changesOf(world.events, before.records),
      mostAtOnce: world.hosts.mostAtOnce(),
    };
  } finally {
    await world.close();
  }
}

export interface Cell {
  scenario: Scenario;
  at: Pick<Call, 'operation' | 'nth'>;
  fault: Fault;
  /** Of `a field is missing`. */
  field: string | null;
}

/** How a cell ended. */
export interface CellResult {
  /** What went against a rule, each a sentence. */
  violations: string[];
  /** How often the fault struck. */
  struckTimes: number;
  tookMs: number;
  /** Undisturbed watchdog runs until the pod stood as without the fault. */
  ticksToHeal: number;
}

/** Runs the scenario with the fault and holds what came of it against the baseline. */
export async function runCell(
  { at, fault, field }: Pick<Cell, 'at' | 'fault' | 'field'>,
  baseline: Baseline,
  programs: Programs,
): Promise<CellResult> {
  const { scenario } = baseline;
  const world = await worldOf(scenario, programs);
  try {
    const azOf = (id: string) => world.endpoint.instances.find(id)?.az;
    const { between, struck } = faultAt(at, fault, field, azOf);
    const container = world.container(scenario.functionName);
    const invoked = await container.invoke(scenario.event, between);
    const violations = [
      ...violationsOfTime(invoked),
      ...violationsOfText(baseline, invoked, world, at.operation, toldOf(fault, struck)),
      ...violationsOfRepair(baseline, world, at.operation),
    ];
    const warm = invoked.cutOff ? world.container(scenario.functionName) : container;
    if (wearsContainer(fault)) violations.push(...(await violationsOfOthers(baseline, world, warm)));
    const after = await healed(baseline, world);
    violations.push(...after.violations);
    return { violations, struckTimes: struck.times, tookMs: invoked.tookMs, ticksToHeal: after.ticksToHeal };
  } finally {
    await world.close();
  }
}

/** Attempts that fail use up what a container keeps from run to run: sockets, and what the SDK allows itself of retries. */
function wearsContainer({ lasting, name }: Fault): boolean {
  return lasting === 'ever' && /^(500|throttled|reset|stall|hang|truncated|the same page)/.test(name);
}

async function violationsOfOthers(
  { scenario, otherRecords }: Baseline,
  world: World,
  warm: Container,
): Promise<string[]> {
  if (scenario.ofOtherPod === null) return [];
  const other = await warm.invoke(scenario.ofOtherPod);
  const status = httpStatusOf(other);
  const isServed =
    !other.error && !other.cutOff && status < 300 && String(recordsOfOther(world)) === String(otherRecords);
  return isServed ? [] : [`the other pod is not served: ${other.error?.message ?? status}`];
}

/** Lets undisturbed ticks follow until the pod stands as after a run without a disturbance, and says what was done twice. */
export async function healed(
  baseline: Baseline,
  world: World,
): Promise<Pick<CellResult, 'violations' | 'ticksToHeal'>> {
  const violations: string[] = [];
  const limit = baseline.scenario.settleMinutes + PATIENCE_MINUTES;
  const isAsBefore = fingerprintOf(world) === baseline.fingerprint;
  const ticksToHeal = isAsBefore ? 0 : await ticks(world, limit, () => sameState(stateOf(world), baseline.final));
  // a host that gives no verdict counts as failed: a roll-out that stops for it, and says so, is as it should be
  const isStopped = stateOf(world).stopped.length > 0 && /roll-out[^"]* stopped/.test(reportText(world, 'blue') ?? '');
  if (ticksToHeal > limit && !isStopped)
    violations.push(`does not heal: ${difference(stateOf(world), baseline.final)}`);
  return { violations: [...violations, ...violationsOfEffects(baseline, world)], ticksToHeal };
}

/** Undisturbed runs, one a minute in another container; how many it took, or one more than the limit. */
async function ticks(world: World, limit: number, isThere: () => boolean): Promise<number> {
  let container: Container | null = null;
  for (let count = 0; count <= limit; count += 1) {
    if (isThere()) return count;
    await world.time.pass(MINUTE_MS);
    container ??= world.container('watchdog');
    await container.invoke({ pod: 'blue', scheduled: true });
  }
  return limit + 1;
}

function violationsOfTime({ cutOff, leftMs }: Invoked): string[] {
  if (cutOff) return ['Lambda ended it'];
  return leftMs < MARGIN_MS ? [`ended ${leftMs} ms before Lambda would have ended it`] : [];
}

function violationsOfText(baseline: Baseline, invoked: Invoked, world: World, operation: string, told: Told): string[] {
  const violations: string[] = [];
  const text = reportText(world, 'blue');
  const shown = [JSON.stringify(invoked.answer ?? ''), invoked.error?.message ?? '', text ?? ''].join('\n');
  const leaked = AWS_TEXT.exec(shown);
  if (leaked) violations.push(`tells AWS's text: ${shown.slice(Math.max(0, leaked.index - 60), leaked.index + 40)}`);
  const isDue = told === 'always' || (told === 'if it matters' && startedBy(world) !== baseline.started);
  const added = sentencesOf(invoked, world).filter((sentence) => !baseline.sentences.has(withoutNumbers(sentence)));
  // an HTTP function says which request failed, and its log says what
  const heard = [...added, ...(httpStatusOf(invoked) >= 500 ? [JSON.stringify(invoked.log)] : [])];
  if (isDue && !heard.some((sentence) => NAMES[operation]?.test(sentence)))
    violations.push(`no sentence says that ${operation} failed${added.length > 0 ? `: ${added[0]}` : ''}`);
  const fault = text === null ? null : readReport(text, 'blue').fault;
  if (fault) violations.push(`the report cannot be read: ${fault}`);
  violations.push(...faultsOfStored(world));
  return violations;
}

/** What a run leaves is whole: the state, and the memory that it names. */
function faultsOfStored(world: World): string[] {
  const text = stateText(world, 'blue');
  if (text === null) return [];
  const { state, fault } = readState(text, 'blue', world.time.nowMs());
  const memory = memoryText(world, state.memory);
  const isMissing = state.memory !== null && memory === null;
  return [
    ...(fault === null ? [] : [`the state cannot be read: ${fault}`]),
    ...(isMissing ? ['the state names a memory that is not there'] : []),
    ...(memory === null ? [] : [readHostMemory(memory, 'blue').fault ?? []].flat()),
  ];
}

function violationsOfRepair({ scenario: { repairs } }: Baseline, world: World, operation: string): string[] {
  if (repairs === null || repairs.needs.includes(operation) || repairs.isDone(world)) return [];
  return [`what ${operation} has no part in was not repaired`];
}

function violationsOfEffects(baseline: Baseline, world: World): string[] {
  const violations: string[] = [];
  for (const [record, count] of Object.entries(changesOf(world.events, baseline.before.records))) {
    const once = baseline.changes[record] ?? 0;
    if (count > once) violations.push(`${record} was changed ${count} times, not ${once}`);
  }
  for (const [host, count] of Object.entries(stateOf(world).cycled)) {
    const once = baseline.final.cycled[host] ?? 0;
    if (count > once) violations.push(`${host} was cycled ${count} times, not ${once}`);
  }
  const most = world.hosts.mostAtOnce();
  for (const tier of ['boundary', 'client'] as const) {
    const allowed = Math.max(1, baseline.mostAtOnce[tier]);
    if (most[tier] > allowed)
      violations.push(`${most[tier]} of the ${tier} tier were down at one time, not ${allowed}`);
  }
  return violations;
}

function httpStatusOf({ answer }: Invoked): number {
  return (answer as { statusCode?: number } | undefined)?.statusCode ?? 0;
}

function recordsOfOther(world: World): string[] {
  return world.endpoint
    .records()
    .filter(({ zone, setIdentifier }) => zone !== 'pod.' && setIdentifier !== null)
    .map(({ name, setIdentifier }) => `${name} ${setIdentifier}`)
    .toSorted();
}

function difference(found: PodState, wanted: PodState): string {
  const parts = (Object.keys(wanted) as (keyof PodState)[]).filter(
    (part) => JSON.stringify(found[part]) !== JSON.stringify(wanted[part]),
  );
  return parts.map((part) => `${part} ${JSON.stringify(found[part])}, not ${JSON.stringify(wanted[part])}`).join('; ');
}

/** Ids of runs and commands, and times, differ from run to run. */
function withoutNumbers(sentence: string): string {
  return sentence.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{12}\b/g, '#').replace(/\d+/g, '#');
}
