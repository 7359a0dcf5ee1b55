import fleet from '../fleet.yml';
import { renderServed, versionClass, whyNoFile } from '../src/config/files.ts';
import { type Asked, findFile } from '../src/config/find.ts';
import { fileRefusal } from '../src/config/refusal.ts';
import type { Rendered } from '../src/config/seal.ts';
import { type Version, versionText } from '../src/config/versions.ts';
import bootText from '../src/host/boot.sh';
import { PARAMETERS, revisionIn, versionIn } from './files/query.ts';
import { type Asking, fileFor } from './files/trial.ts';
import { http } from './http/http.ts';
import { Problem } from './http/problem.ts';

/**
 * GET /{pod}/{tier}/{az}/{file}: rendered from the fleet alone, as boot.sh and in a pod whose files change at once; else the one that has
 * settled, while one host tries that. It can fail only for what was asked, but for a host that S3 does not let it answer.
 */
export const handler = http(
  ['GET', 'HEAD'],
  ({ path, query, event }, context) => {
    const has = revisionIn(query);
    const { rendered, asking } = served(path, versionIn(query));
    if (asking === null) return pageOf(rendered);
    const file = fileFor(rendered, { ...asking, has, isHead: event.httpMethod === 'HEAD' }, context);
    return file instanceof Promise ? file.then(pageOf) : pageOf(file);
  },
  PARAMETERS,
);

/** May be kept, must be asked for again: the next deployment, or the end of a trial, changes it. */
function pageOf({ text, revision }: Rendered) {
  return { type: 'text/plain; charset=utf-8', body: text, tag: revision, cacheControl: 'no-cache' };
}

/** The fleet file's, and whose it is; `asking` null: no host tries it first. */
interface Served {
  rendered: Rendered;
  asking: Pick<Asking, 'pod' | 'key'> | null;
}

/**
 * Files that were asked for before, by path as it was written and class of versions: all hosts of a tier and AZ ask for the same few. The
 * fleet is part of the code. Only what is there is kept, so that callers cannot fill it: an AZ has three names, a file a few classes.
 */
const known = new Map<string, Served>();

function served(asked: Asked, version: Version): Served {
  const path = `${asked.pod}/${asked.tier}/${asked.az}/${asked.file}`;
  // most callers ask for what they asked for before
  const before = version.length === 0 ? known.get(path) : undefined;
  if (before) return before;
  const found = findFile(fleet, asked);
  if ('missing' in found) throw new Problem(404, found.missing.join(' '));
  const { file, target } = found;
  const refusal = whyNoFile(file, target) ?? fileRefusal(file, target, version);
  // the path is right; what it stands for contradicts the fleet file
  if (refusal !== null) throw new Problem(409, refusal);
  const { pod, tier, az } = target;
  const least = versionClass(file, pod, version);
  const key = least.length === 0 ? path : `${path}?${versionText(least)}`;
  const isTried = file !== 'boot.sh' && pod.rollout === 'gentle';
  const asking = isTried ? { pod, key: { tier, az, file, version: least } } : null;
  const answer = known.get(key) ?? { rendered: renderServed(file, target, bootText, least), asking };
  known.set(key, answer);
  return answer;
}
