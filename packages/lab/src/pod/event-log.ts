import type { EndpointEvent } from '@podtime/aws-endpoint';
import { type CycleOutcome, parseCycleOutcome } from '../../../../src/host/verdict.ts';
import type { HostReport, Report } from '../../../../src/report/report.ts';

export interface EventLogOptions {
  print(line: string): void;
  /** A host's name in the pod; the id itself when it is unknown. */
  nameOf(instanceId: string): string;
  /** The report that stands under this key; null when there is none that can be read. */
  reportAt(key: string): Report | null;
}

/**
 * Tells what happens in the pod, one readable line an event: registered, withdrawn, collected, published, cycled, refused,
 * healed. What stays as it was is not told again.
 */
export function createEventLog(options: EventLogOptions): (event: EndpointEvent) => void {
  const before = new Map<string, Remembered>();
  const line = (verb: string, what: string) => options.print(logLine(verb, what));
  return (event) => {
    switch (event.kind) {
      case 'records changed':
        for (const change of event.changes) {
          const owner = change.setIdentifier === null ? '' : ` (${options.nameOf(change.setIdentifier)})`;
          const verb = change.action === 'DELETE' ? 'withdrawn' : 'registered';
          line(verb, `${change.name.replace(/\.$/, '')} ${change.type} ${change.values.join(', ')}${owner}`);
        }
        return;
      case 'invocation ended':
        if (event.document.endsWith('-cycle')) {
          const outcome = parseCycleOutcome(event.statusDetails, event.output);
          if (outcome) tellOutcome(outcome, options.nameOf(event.instanceId), line);
        }
        return;
      case 'metrics put':
        line('published', `${event.data} metrics in one request`);
        return;
      case 'alarm state':
        // that an alarm has its first data is no news
        if (event.state === 'ALARM' || event.was === 'ALARM')
          line('alarm', `${event.alarm} ${event.state}: ${event.reason}`);
        return;
      case 'object put': {
        const report = options.reportAt(event.key);
        if (report?.endedAtMs) tellReport(report, before, options, line);
        return;
      }
      case 'parameter put':
        line('mode', `${event.name} = ${event.value}`);
        return;
      case 'instance state':
        line('instance', `${options.nameOf(event.instanceId)} is ${event.state}`);
        return;
      case 'function failed':
        line('failed', `${event.functionName} (${event.cause}): ${event.message}`);
        return;
      case 'fault of the endpoint':
        line('FAULT', `${event.service} ${event.operation}: ${event.message}`);
        return;
      default:
        return;
    }
  };
}

/** One line: the wall clock's time, what happened, to whom. */
export function logLine(verb: string, what: string): string {
  return `${clockOf(new Date())}  ${verb.padEnd(10)}  ${what}`;
}

/** `cycled` only when the host's daemon really was; `refused`: nothing was done there. */
function tellOutcome({ kind, why }: CycleOutcome, name: string, line: (verb: string, what: string) => void): void {
  const isLeftAlone = kind === 'nothing' || kind === 'not-begun';
  if (kind === 'cycled') line('cycled', `${name}: ${why}`);
  else if (isLeftAlone) line('refused', `${name}: nothing done, ${why}`);
  else line('failed', `${name}: ${why}`);
}

interface Remembered {
  refusals: Set<string>;
  faults: Set<string>;
  states: Map<string, string>;
  stale: Set<string>;
}

function tellReport(
  report: Report,
  before: Map<string, Remembered>,
  options: EventLogOptions,
  line: (verb: string, what: string) => void,
): void {
  const last = before.get(report.pod) ?? {
    refusals: new Set(),
    faults: new Set(),
    states: new Map(),
    stale: new Set(),
  };
  const unjudged = report.refusals.some(({ rule }) => rule === 'blind');
  const follows = (host: HostReport) => !unjudged && isSeenToFollow(host);
  const now: Remembered = {
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
  for (const fault of report.faults) if (!last.faults.has(unnumbered(fault))) line('said', named(fault));
  for (const { sentence } of report.refusals)
    if (!last.refusals.has(unnumbered(sentence))) line('refused', named(sentence));
  for (const host of report.hosts) {
    const name = options.nameOf(host.instanceId);
    if (host.stale && !last.stale.has(host.instanceId)) line('stale', `${name}: ${named(host.stale.sentence)}`);
    if (last.stale.has(host.instanceId) && !now.stale.has(host.instanceId)) line('healed', `${name} follows DNS again`);
    const was = last.states.get(host.instanceId);
    if (was === host.state) continue;
    const healed = host.state === 'healthy' && was !== undefined && was !== 'starting';
    line(healed ? 'healed' : 'judged', `${name} ${was ? `was ${was}, ` : ''}is ${host.state}: ${named(host.sentence)}`);
  }
  const { expected, sampled, confident, stale } = report.summary;
  line(
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
function isSeenToFollow({ state, polled, stale, unjoinedNames }: HostReport): boolean {
  return state !== 'unknown' && polled.length > 0 && stale === null && unjoinedNames.length === 0;
}

function clockOf(at: Date): string {
  return at.toTimeString().slice(0, 8);
}
