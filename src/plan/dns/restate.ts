import { byText, sortedUnique } from '../../fleet/ordering.ts';
import { type PlannedChange, upsert } from './changes.ts';
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
  const chosen = new Set([...standing].sort(byText).slice(0, needed));
  return desired
    .filter(({ setIdentifier }) => chosen.has(setIdentifier))
    .filter((record) => !touched.has(identity(record)) && !blocked.has(`${record.name} ${record.type}`))
    .map((record) => upsert(record, `${record.setIdentifier} must stand in DNS while ${restOn} goes`));
}

/** Causes of withdrawals that the floor limits; of nothing else. */
const LIMITED: ReadonlySet<PlannedChange['cause']> = new Set(['health', 'retagged', 'unknown']);
