import { readVersion, UNTOLD_VERSION, type Version } from '../../src/config/versions.ts';
import { Problem } from '../http/problem.ts';

/** What a file may be asked for with. */
export const PARAMETERS = ['version', 'revision'];

type Query = Record<string, string>;

/** What is no version is told: a host that got the oldest file for it would wait for DNS without knowing why. */
export function versionIn({ version: text }: Query): Version {
  if (text === undefined) return UNTOLD_VERSION;
  const version = readVersion(text);
  if (version) return version;
  throw new Problem(400, "version is no version; give the daemon's as it tells it, such as version=4.6.1, or none.");
}

/** A host that has none of podtime's files. */
const NONE = 'none';

/** The revision that the host has; null: it has none, as it says; undefined: it does not tell. */
export function revisionIn({ revision: text }: Query): string | null | undefined {
  if (text === undefined) return undefined;
  if (text === NONE) return null;
  if (/^[0-9a-f]{16}$/.test(text)) return text;
  throw new Problem(
    400,
    'revision is no revision; give the 16 digits of the second line of the file that is there, or revision=none.',
  );
}
