import fleet from '../fleet.yml';
import { renderServed, versionClass, whyNoFile } from '../src/config/files.ts';
import { type Asked, findFile } from '../src/config/find.ts';
import { fileRefusal } from '../src/config/refusal.ts';
import type { Rendered } from '../src/config/seal.ts';
import { readVersion, UNTOLD_VERSION, type Version, versionText } from '../src/config/versions.ts';
import bootText from '../src/host/boot.sh';
import { http } from './http/http.ts';
import { Problem } from './http/problem.ts';

/** GET /{pod}/{tier}/{az}/{file}: rendered from the fleet alone, so it needs no AWS call and can fail only for what was asked. */
export const handler = http(
  ['GET', 'HEAD'],
  ({ path, query }) => {
    const { text, revision } = served(path, versionIn(query));
    // may be kept, must be asked for again: the next deployment changes it
    return { type: 'text/plain; charset=utf-8', body: text, tag: revision, cacheControl: 'no-cache' };
  },
  ['version'],
);

/** What is no version is told: a host that got the oldest file for it would wait for DNS without knowing why. */
function versionIn({ version: text }: Record<string, string>): Version {
  if (text === undefined) return UNTOLD_VERSION;
  const version = readVersion(text);
  if (version) return version;
  throw new Problem(400, "version is no version; give the daemon's as it tells it, such as version=4.6.1, or none.");
}

/**
 * Files that were asked for before, by path as it was written and class of versions: all hosts of a tier and AZ ask for the same few. The
 * fleet is part of the code. Only what is there is kept, so that callers cannot fill it: an AZ has three names, a file a few classes.
 */
const known = new Map<string, Rendered>();

function served(asked: Asked, version: Version): Rendered {
  const path = `${asked.pod}/${asked.tier}/${asked.az}/${asked.file}`;
  // most callers ask for what they asked for before
  const before = version.length === 0 ? known.get(path) : undefined;
  if (before) return before;
  const found = findFile(fleet, asked);
  if ('missing' in found) throw new Problem(404, found.missing.join(' '));
  const refusal = whyNoFile(found.file, found.target) ?? fileRefusal(found.file, found.target, version);
  // the path is right; what it stands for contradicts the fleet file
  if (refusal !== null) throw new Problem(409, refusal);
  const least = versionClass(found.file, found.target.pod, version);
  const key = least.length === 0 ? path : `${path}?${versionText(least)}`;
  const rendered = known.get(key) ?? renderServed(found.file, found.target, bootText, least);
  known.set(key, rendered);
  return rendered;
}
