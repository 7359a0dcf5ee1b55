import type { FileState } from './file-states.ts';

/** Two revisions of a file, of which one is served. */
export interface Choice {
  /** How the file stands; undefined: no revision of it has settled. */
  state: FileState | undefined;
  /** The revision that the fleet file makes. */
  fleet: string;
  /** The revision that the host has; null: none of podtime's. */
  has: string | null;
}

/**
 * Which revision a host is served, or to be on. Decision 0143.
 *
 * | the fleet file's revision                | is served to |
 * | ---------------------------------------- | ------------ |
 * | has settled, or none has yet             | everybody |
 * | was refused                              | nobody: the settled one is |
 * | is another than the settled one          | who has it, being on trial; the others may ask for a trial (`permits.ts`) |
 */
export function servedRevision({ state, fleet, has }: Choice): string {
  if (state === undefined || state.settled === fleet) return fleet;
  return state.refused?.revision !== fleet && has === fleet ? fleet : state.settled;
}

/** Whether a host that asks for the file may become the one that tries the fleet file's revision. */
export function mayTry({ state, fleet, has }: Choice): boolean {
  if (state === undefined || state.settled === fleet || has === fleet) return false;
  return state.refused?.revision !== fleet && state.trial?.revision !== fleet;
}
