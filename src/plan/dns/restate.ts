import { byText, sortedUnique } from '../../fleet/ordering.ts';
import { type Foundation, type PlannedChange, upsert } from './changes.ts';
import { type DesiredRecord, identity } from './desired.ts';

/** What withdrawals that the floor limits rest on. */
export interface Ground {
  /** Ids of confident servers whose records stand as they should and stay. */
  standing: ReadonlySet<string>;
  /** So many of them must stand. */
  needed: number;
  /** What DNS should hold. */
  desired: readonly DesiredRecord[];
  /** `name type` -> why Route 53 would refuse a record there. */
  blocked: ReadonlyMap<string, string>;
}

/**
 * The records that withdrawals rest on, written again as they are. Route 53 was read some seconds before it is changed: a record that
 * somebody deletes in between would be missed by nobody, and the withdrawal would empty the pod. An UPSERT of what stands changes nothing.
 * Decision 0108.
 *
 * @param planned all that is to change: what it publishes, or takes away, is not written a second time
 */
export function restate({ standing, needed, desired, blocked }: Ground, planned: readonly PlannedChange[]) {
  const withdrawn = planned.filter(({ cause }) => LIMITED.has(cause));
  if (withdrawn.length === 0) return [];
  const restOn = sortedUnique(withdrawn.map(({ change }) => change.setIdentifier)).join(', ');
  const touched = new Set(planned.map(({ change }) => identity(change)));
  // what else is to change of a server may be refused, and this with it
  const untouched = (id: string) => !planned.some(({ change }) => change.setIdentifier === id);
  const firstUntouched = (a: string, b: string) => Number(untouched(b)) - Number(untouched(a)) || byText(a, b);
  const chosen = new Set([...standing].sort(firstUntouched).slice(0, needed));
  return desired
    .filter(({ setIdentifier }) => chosen.has(setIdentifier))
    .filter((record) => !touched.has(identity(record)) && !blocked.has(`${record.name} ${record.type}`))
    .map((record) => upsert(record, `${record.setIdentifier} must stand in DNS while ${restOn} goes`));
}

/**
 * The plan with what each withdrawal that the floor limits rests on: Route 53 may refuse a record that the plan counts on, and is then
 * asked for each server alone. Decision 0110.
 *
 * @param confident ids of confident servers that stand in DNS once all of it is done
 */
export function withFoundation(
  planned: readonly PlannedChange[],
  confident: ReadonlySet<string>,
  needed: number,
): PlannedChange[] {
  const publishing = planned.filter(({ change }) => change.action === 'UPSERT' && confident.has(change.setIdentifier));
  const servers = sortedUnique(publishing.map(({ change }) => change.setIdentifier));
  if (servers.length === 0) return [...planned];
  const restsOn: Foundation = { servers, atLeast: Math.min(needed, servers.length) };
  return planned.map((each) => (LIMITED.has(each.cause) ? { ...each, change: { ...each.change, restsOn } } : each));
}

/** Causes of withdrawals that the floor limits; of nothing else. */
const LIMITED: ReadonlySet<PlannedChange['cause']> = new Set(['health', 'retagged', 'unknown']);
