import type { Pod } from '../../fleet/fleet.ts';
import { described, NUMBER, type Of, object, record, TEXT } from '../../fleet/json-schema.ts';
import { type FileKey, keyText, readKey } from './file-key.ts';
import type { FileStates } from './file-states.ts';

/** Leave to try a revision: to whom it was given next nobody knows, but who asked had it. `POD/trials/SLOT.json`. */
export const PERMIT_SCHEMA = object({
  revision: TEXT,
  givenAtMs: described('Epoch ms', NUMBER),
  by: described('The request that took it: of two at once one', TEXT),
  given: described(
    'Revision -> how often it was given in a row, and last when (epoch ms)',
    record(object({ times: NUMBER, atMs: NUMBER })),
  ),
});

export type Permit = Of<typeof PERMIT_SCHEMA>;

/** A host that got a file and was not seen to run it may have been terminated, or its daemon refused the file. Three of them were not all terminated. */
export const MOST_PERMITS = 3;

/** A revision that was tried longer ago is tried anew: a lone host of an AZ asks every 11 h at the latest. */
const COUNTED_MS = 24 * 3600 * 1000;

/** Revisions that a slot counts; a pod has a file for each AZ and daemon. */
const MOST_COUNTED = 100;

/** So long a host may take to be seen with the file: boot.sh waits for answers for minutes, and a tick may miss its answer. */
export function permitMs({ intervalSeconds }: Pick<Pod, 'intervalSeconds'>): number {
  return 1000 * Math.max(1200, 4 * intervalSeconds);
}

/**
 * What one host at a time tries a file of. Of clients each file has its own, so that one host of each AZ goes first. The boundary servers of a pod
 * are few, and all its clocks hang on them: they have one.
 */
export function slotOf(key: FileKey): string {
  return key.tier === 'boundary' ? 'boundary' : keyText(key).replaceAll(' ', '-');
}

/** Whether a host that asks next may get it: it is nobody's, and was not given in vain too often. */
export function isFree(
  permit: Permit | null,
  wanted: { key: FileKey; revision: string },
  states: FileStates,
  nowMs: number,
  pod: Pick<Pod, 'intervalSeconds'>,
): boolean {
  if (othersTry(wanted.key, states)) return false;
  if (permit === null) return true;
  if (timesGiven(permit, wanted.revision, nowMs) >= MOST_PERMITS) return false;
  return isOver(permit, nowMs, pod) || isDecided(permit.revision, states);
}

/** A host of the same slot is on trial, by what the last tick saw. */
function othersTry(key: FileKey, states: FileStates): boolean {
  const slot = slotOf(key);
  return Object.entries(states).some(([text, { trial }]) => {
    const other = trial && readKey(text);
    return other && slotOf(other) === slot;
  });
}

function timesGiven({ given }: Permit, revision: string, nowMs: number): number {
  const { times = 0, atMs = 0 } = given[revision] ?? {};
  return nowMs - atMs < COUNTED_MS ? times : 0;
}

function isOver({ givenAtMs }: Permit, nowMs: number, pod: Pick<Pod, 'intervalSeconds'>): boolean {
  return nowMs - givenAtMs >= permitMs(pod);
}

function isDecided(revision: string, states: FileStates): boolean {
  return Object.values(states).some(({ settled, refused }) => settled === revision || refused?.revision === revision);
}

/** The permit in whose place this one is put. */
export function nextPermit(permit: Permit | null, revision: string, by: string, nowMs: number): Permit {
  const before = Object.entries(permit?.given ?? {}).filter(([other]) => other !== revision);
  const times = permit === null ? 1 : timesGiven(permit, revision, nowMs) + 1;
  const given = [...before, [revision, { times, atMs: nowMs }] as const].slice(-MOST_COUNTED);
  return { revision, givenAtMs: nowMs, by, given: Object.fromEntries(given) };
}

/** Whether it was given as often as it may be, and the last who had it had their time. */
export function isSpent(
  permit: Permit | null,
  revision: string,
  nowMs: number,
  pod: Pick<Pod, 'intervalSeconds'>,
): boolean {
  if (permit === null || timesGiven(permit, revision, nowMs) < MOST_PERMITS) return false;
  return permit.revision !== revision || isOver(permit, nowMs, pod);
}
