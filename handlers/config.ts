import fleet from '../fleet.yml';
import { renderServed } from '../src/config/files.ts';
import { type FoundFile, findFile } from '../src/config/find.ts';
import type { Rendered } from '../src/config/seal.ts';
import { pathOf } from '../src/config/target.ts';
import bootText from '../src/host/boot.sh';
import { http } from './http/http.ts';
import { Problem } from './http/problem.ts';

/** GET /{pod}/{tier}/{az}/{file}: rendered from the fleet alone, so it needs no AWS call and can fail only for what was asked. */
export const handler = http(['GET', 'HEAD'], ({ path }) => {
  const found = findFile(fleet, path);
  if ('missing' in found) throw new Problem(404, found.missing.join(' '));
  const { text, revision } = served(found);
  // may be kept, must be asked for again: the next deployment changes it
  return { type: 'text/plain; charset=utf-8', body: text, tag: revision, cacheControl: 'no-cache' };
});

/** Files that were asked for before, by path: all hosts of a tier and AZ ask for the same few. The fleet is part of the code. */
const known = new Map<string, Rendered>();

function served({ file, target }: FoundFile): Rendered {
  const path = pathOf(target, file);
  const rendered = known.get(path) ?? renderServed(file, target, bootText);
  known.set(path, rendered);
  return rendered;
}
