import fleet from '../fleet.yml';
import { renderServed } from '../src/config/files.ts';
import { type Asked, findFile } from '../src/config/find.ts';
import type { Rendered } from '../src/config/seal.ts';
import bootText from '../src/host/boot.sh';
import { http } from './http/http.ts';
import { Problem } from './http/problem.ts';

/** GET /{pod}/{tier}/{az}/{file}: rendered from the fleet alone, so it needs no AWS call and can fail only for what was asked. */
export const handler = http(['GET', 'HEAD'], ({ path }) => {
  const { text, revision } = served(path);
  // may be kept, must be asked for again: the next deployment changes it
  return { type: 'text/plain; charset=utf-8', body: text, tag: revision, cacheControl: 'no-cache' };
});

/**
 * Files that were asked for before, by path as it was written: all hosts of a tier and AZ ask for the same few. The fleet is part of the
 * code. Only what is there is kept, so that callers cannot fill it: an AZ has three names.
 */
const known = new Map<string, Rendered>();

function served(asked: Asked): Rendered {
  const path = `${asked.pod}/${asked.tier}/${asked.az}/${asked.file}`;
  const before = known.get(path);
  if (before) return before;
  const found = findFile(fleet, asked);
  if ('missing' in found) throw new Problem(404, found.missing.join(' '));
  const rendered = renderServed(found.file, found.target, bootText);
  known.set(path, rendered);
  return rendered;
}
