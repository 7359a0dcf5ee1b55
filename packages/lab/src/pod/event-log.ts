import type { EndpointEvent, RecordChange } from '@podtime/aws-endpoint';
import { type CycleOutcome, parseCycleOutcome } from '../../../../src/host/verdict.ts';
import type { StoredHost, StoredReport } from './stored-report.ts';

export interface EventLogOptions {
  print(line: string): void;
  /** A host's name in the pod; the id itself when it is unknown. */
  nameOf(instanceId: string): string;
  /** The report that stands under this key; null when there is none that can be read. */
  reportAt(key: string): StoredReport | null;
}

/**
 * Tells what happens in the pod, one readable line an event: registered, withdrawn, collected, published, wave, cycled, refused,
 * healed. What stays as it was is not told again.
 */
export function createEventLog(options: EventLogOptions): (event: EndpointEvent) => void {
  const before = new Map<string, ReportedState>();
  const published = new PublishedRecords();
  const cycles = new CyclesUnderWay();
  const log = (verb: string, what: string) => options.print(logLine(verb, what));
  return (event) => {
    switch (event.kind) {
      case 'records changed':
        for (const change of event.changes) {
          const isNews = published.take(change);
          const owner = change.setIdentifier === null ? '' : ` (${options.nameOf(change.setIdentifier)})`;
          const verb = recordVerb(change, event.comment);
          // a tick and an event of EC2 may both publish the same server
          if (isNews || verb !== 'registered')
            log(verb, `${change.name.replace(/\.$/, '')} ${change.type} ${change.values.join(', ')}${owner}`);
        }
        return;
      case 'command sent':
        if (isCycle(event.document)) cycles.begin(event.commandId, event.instanceIds);
        return;
      case 'command ended':
        cycles.end(event.commandId);
        return;
      case 'invocation ended':
        if (isCycle(event.document)) {
          cycles.endOn(event.commandId, event.instanceId);
          const outcome = parseCycleOutcome(event.statusDetails, event.output);
          if (outcome) logOutcome(outcome, options.nameOf(event.instanceId), log);
        }
        return;
      case 'metrics put':
        log('published', `${event.data} metrics in one request`);
        return;
      case 'alarm state':
        // that an alarm has its first data is no news
        if (event.state === 'ALARM' || event.was === 'ALARM')
          log('alarm', `${event.alarm} ${event.state}: ${event.reason}`);
        return;
      case 'object put': {
        const report = options.reportAt(event.key);
        if (report) logReport(report, before, cycles, options, log);
        return;
      }
      case 'parameter put':
        log('mode', `${event.name} = ${event.value}`);
        return;
      case 'parameter deleted':
        log('mode', `${event.name} is deleted`);
        return;
      case 'instance state':
        log('instance', `${options.nameOf(event.instanceId)} is ${event.state}`);
        return;
      case 'function failed':
        log('failed', `${event.functionName} (${event.cause}): ${event.message}`);
        return;
      case 'fault of the endpoint':
        log('FAULT', `${event.service} ${event.operation}: ${event.message}`);
        return;
      default:
        return;
    }
  };
}

const isCycle = (document: string) => document.endsWith('-cycle');

/** The hosts that a command to cycle is at work on. */
class CyclesUnderWay {
  readonly #hosts = new Map<string, Set<string>>();

  begin(commandId: string, instanceIds: readonly string[]): void {
    this.#hosts.set(commandId, new Set(instanceIds));
  }

  endOn(commandId: string, instanceId: string): void {
    this.#hosts.get(commandId)?.delete(instanceId);
  }

  end(commandId: string): void {
    this.#hosts.delete(commandId);
  }

  has(instanceId: string): boolean {
    return [...this.#hosts.values()].some((hosts) => hosts.has(instanceId));
  }
}

/** What stands in the zones, as far as it was changed. */
class PublishedRecords {
  readonly #values = new Map<string, string>();

  /** Whether the change leaves another record than stood there. */
  take({ action, name, type, setIdentifier, values }: RecordChange): boolean {
    const key = `${name} ${type} ${setIdentifier}`;
    if (action === 'DELETE') return this.#values.delete(key);
    const set = values.toSorted().join(' ');
    const isNews = this.#values.get(key) !== set;
    this.#values.set(key, set);
    return isNews;
  }
}

/** What podtime changes in a zone has such a comment. */
const OWN_COMMENT = /^podtime /;

/** podtime registers and withdraws servers; what somebody else does to the zone is made, changed or removed. */
function recordVerb({ action }: RecordChange, comment: string): string {
  if (OWN_COMMENT.test(comment)) return action === 'DELETE' ? 'withdrawn' : 'registered';
  return { CREATE: 'by hand +', UPSERT: 'by hand =', DELETE: 'by hand -' }[action];
}

/** What goes on, no refusal: how far a roll-out is. */
const PROGRESS = ['wave', 'wave-under-way'];

/** One line: the wall clock's time, what happened, to whom. */
export function logLine(verb: string, what: string): string {
  return `${clockOf(new Date())}  ${verb.padEnd(10)}  ${what}`;
}

/** `cycled` only when the host's daemon really was; `refused`: nothing was done there. */
function logOutcome({ kind, why }: CycleOutcome, name: string, log: (verb: string, what: string) => void): void {
  const isLeftAlone = kind === 'nothing' || kind === 'not-begun';
  if (kind === 'cycled') log('cycled', `${name}: ${why}`);
  else if (isLeftAlone) log('refused', `${name}: nothing done, ${why}`);
  else log('failed', `${name}: ${why}`);
}

interface ReportedState {
  refusals: Set<string>;
  faults: Set<string>;
  states: Map<string, string>;
  stale: Set<string>;
}

function logReport(
  report: StoredReport,
  before: Map<string, ReportedState>,
  cycles: CyclesUnderWay,
  options: EventLogOptions,
  log: (verb: string, what: string) => void,
): void {
  const last = before.get(report.pod) ?? {
    refusals: new Set(),
    faults: new Set(),
    states: new Map(),
    stale: new Set(),
  };
  const unjudged = report.refusals.some(({ rule }) => rule === 'blind');
  // how its cycle ended is told first
  const follows = (host: StoredHost) => !unjudged && isSeenToFollow(host) && !cycles.has(host.instanceId);
  const now: ReportedState = {
    refusals: new Set(report.refusals.map((refusal) => unnumbered(refusal.sentence))),
    faults: new Set(report.faults.map(unnumbered)),
    states: new Map(report.hosts.map((host) => [host.instanceId, host.state])),
    stale: new Set(
      report.hosts
        .filter((host) => host.stale || (last.stale.has(host.instanceId) && !follows(host)))
        .map((host) => host.instanceId),
    ),
  };
  const named = (sentence: string) => sentence.replaceAll(/\bi-[0-9a-f]{8,17}\b/g, (id) => options.nameOf(id));
  for (const fault of report.faults) if (!last.faults.has(unnumbered(fault))) log('said', named(fault));
  for (const { rule, sentence } of report.refusals) {
    const verb = PROGRESS.includes(rule) ? 'wave' : 'refused';
    if (!last.refusals.has(unnumbered(sentence))) log(verb, named(sentence));
  }
  for (const host of report.hosts) {
    const name = options.nameOf(host.instanceId);
    if (host.stale && !last.stale.has(host.instanceId)) log('stale', `${name}: ${named(host.stale.sentence)}`);
    // that it polls them, as staleness is about; whether it hears them its state says
    if (last.stale.has(host.instanceId) && !now.stale.has(host.instanceId))
      log('healed', `${name} polls what DNS says again`);
    const was = last.states.get(host.instanceId);
    if (was === host.state) continue;
    const healed = host.state === 'healthy' && was !== undefined && was !== 'starting';
    log(healed ? 'healed' : 'judged', `${name} ${was ? `was ${was}, ` : ''}is ${host.state}: ${named(host.sentence)}`);
  }
  const { expected, sampled, confident, stale } = report.summary;
  log(
    'collected',
    `${report.pod}: ${sampled} of ${expected} hosts answered, ${confident} confident, ${stale} stale (mode ${report.mode})`,
  );
  before.set(report.pod, now);
}

/** The same sentence with other numbers is no news. */
function unnumbered(sentence: string): string {
  return sentence.replaceAll(/\d+(\.\d+)?/g, '#');
}

/**
 * Whether the host was seen to poll, and polls some server of each name that has one. Silence, a dead daemon and a zone that
 * could not be read leave `stale` null as well, and heal nobody.
 */
function isSeenToFollow({ state, polled, stale, unjoinedNames }: StoredHost): boolean {
  return state !== 'unknown' && polled.length > 0 && stale === null && unjoinedNames.length === 0;
}

function clockOf(at: Date): string {
  return at.toTimeString().slice(0, 8);
}
