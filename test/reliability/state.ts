import type { EndpointEvent } from '@podtime/aws-endpoint';
import { readHostMemory, readState } from '../../src/state/read.ts';
import { joinRemembered } from '../../src/state/remembered.ts';
import { emptyHostMemory } from '../../src/state/state.ts';
import type { Invoked } from './container.ts';
import { memoryText, reportText, stateText } from './scenarios.ts';
import type { World } from './world.ts';

/** How blue stands: what must be the same with a fault and without. */
export interface PodState {
  /** `ntp.az-a.pod. A 10.20.0.11 i-…` */
  records: string[];
  /** How often each host was cycled. */
  cycled: Record<string, number>;
  /** Of what is remembered, what outlasts a wave. */
  withdrawn: string[];
  stopped: string[];
}

export function stateOf(world: World): PodState {
  const rows = world.endpoint.records().filter(({ setIdentifier, zone }) => setIdentifier !== null && zone === 'pod.');
  const cycled: Record<string, number> = {};
  for (const { instanceId } of world.hosts.cycled) cycled[instanceId] = (cycled[instanceId] ?? 0) + 1;
  const { servers, waves } = readState(stateText(world, 'blue') ?? '{}', 'blue', world.time.nowMs()).state;
  return {
    records: rows
      .map(({ name, type, values, setIdentifier }) => [name, type, values, setIdentifier].join(' '))
      .toSorted(),
    cycled: Object.fromEntries(Object.entries(cycled).toSorted()),
    withdrawn: servers.withdrawn === null ? ['forgotten'] : Object.keys(servers.withdrawn).toSorted(),
    stopped: Object.values(waves).flatMap(({ tier, stopped }) => (stopped ? [tier] : [])),
  };
}

/** What a run set going itself: hosts that it sent for are cycled when SSM comes to them. */
export function startedBy(world: World): string {
  const { records, withdrawn, stopped } = stateOf(world);
  const sent = world.events.flatMap((event) =>
    event.kind === 'command sent' && event.document.endsWith('-cycle') ? event.instanceIds : [],
  );
  return JSON.stringify([records, withdrawn, stopped, sent.toSorted()]);
}

/** Whatever decides what happens next, without times and ids: two pods with one fingerprint go on alike. */
export function fingerprintOf(world: World): string {
  const { state } = readState(stateText(world, 'blue') ?? '{}', 'blue', world.time.nowMs());
  const hosts = memoryText(world, state.memory);
  const { memory } = joinRemembered(
    state,
    hosts === null ? emptyHostMemory('blue') : readHostMemory(hosts, 'blue').hosts,
  );
  const isUnfinished = state.dueAtMs === (state.last?.endedAtMs ?? 0);
  const plain = JSON.stringify([stateOf(world), memory, isUnfinished], (_, value) =>
    typeof value === 'number' && value > FIRST_TIME_MS ? 'time' : value,
  );
  return plain.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{12}\b/g, 'id');
}
/** No number that is no time is as large. */
const FIRST_TIME_MS = 1e12;

export function sameState(a: PodState, b: PodState): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** How often each record really changed: an UPSERT of what stands there already changes nothing. */
export function changesOf(events: readonly EndpointEvent[], before: readonly string[]): Record<string, number> {
  const values = new Map(
    before.map((row) => [
      row
        .split(' ')
        .filter((_, index) => index !== 2)
        .join(' '),
      row.split(' ')[2],
    ]),
  );
  const counts: Record<string, number> = {};
  for (const event of events) {
    if (event.kind !== 'records changed') continue;
    for (const { action, name, type, setIdentifier, values: given } of event.changes) {
      const key = [name, type, setIdentifier].join(' ');
      const after = action === 'DELETE' ? undefined : given.join(',');
      if (values.get(key) === after) continue;
      values.set(key, after);
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  return counts;
}

/** Every sentence that an operator gets of a run: its answer, its error, what it logged for one whom nothing answers, and the report it left. */
export function sentencesOf(invoked: Invoked, world: World): string[] {
  const { answer, error, log } = invoked;
  const { body, ...plain } = (answer ?? {}) as { body?: string; sentences?: string[] };
  // a file that is served has no sentences
  const isData = body?.startsWith('{');
  const parsed: { sentences?: string[]; detail?: string } = body === undefined ? plain : isData ? JSON.parse(body) : {};
  const report = JSON.parse(reportText(world, 'blue') ?? '{}') as {
    faults?: string[];
    refusals?: { sentence: string }[];
  };
  return [
    ...(parsed.sentences ?? []),
    ...(parsed.detail === undefined ? [] : [parsed.detail]),
    ...(error ? [error.message] : []),
    ...log.flatMap(([level, line]) => (level === 'info' ? ((line as { sentences?: string[] }).sentences ?? []) : [])),
    ...(report.faults ?? []),
    ...(report.refusals ?? []).map(({ sentence }) => sentence),
  ];
}
