import { described, NUMBER, type Of, object, optional, record, TEXT } from '../../fleet/json-schema.ts';
import { isAtLeast } from '../versions.ts';
import { type FileKey, keyText, readKey } from './file-key.ts';

const FILE_STATE = object({
  settled: described('The revision that is served to all but a host on trial', TEXT),
  trial: described(
    'Another, seen on a host. Missing: none',
    optional(
      object({
        revision: TEXT,
        instanceId: TEXT,
        sinceMs: described('Epoch ms; first seen', NUMBER),
        confidentSinceMs: described('Epoch ms; confident since. Missing: it is not', optional(NUMBER)),
      }),
    ),
  ),
  refused: described('Served to nobody, and why. Missing: none', optional(object({ revision: TEXT, finding: TEXT }))),
});

/** File (`client us-west-2e chrony.conf 4.4`) -> which revision of it is served. Decision 0143. */
export const FILE_STATES_SCHEMA = record(FILE_STATE);

export type FileState = Of<typeof FILE_STATE>;
export type FileStates = Readonly<Record<string, FileState>>;

/**
 * How a file stands. One of a class of versions that nobody had yet is served, until it has been tried, as the class below has it: its
 * daemons know all that stands there. undefined: no revision of it has settled.
 */
export function stateOfFile(states: FileStates, key: FileKey): FileState | undefined {
  const own = states[keyText(key)];
  if (own) return own;
  const [below] = Object.keys(states)
    .map(readKey)
    .filter((each): each is FileKey => each !== null && isBelow(each, key))
    .sort((a, b) => (isAtLeast(b.version, a.version) ? 1 : -1));
  const settled = below && states[keyText(below)]?.settled;
  return settled === undefined ? undefined : { settled };
}

function isBelow({ tier, az, file, version }: FileKey, key: FileKey): boolean {
  return tier === key.tier && az === key.az && file === key.file && isAtLeast(key.version, version);
}
