import fleet from '../fleet.yml';
import { renderServed } from '../src/config/files.ts';
import { findFile } from '../src/config/find.ts';
import bootText from '../src/host/boot.sh';
import { http } from './http/http.ts';
import { Problem } from './http/problem.ts';

/** GET /{pod}/{tier}/{az}/{file}: rendered from the fleet alone, so it needs no AWS call and can fail only for what was asked. */
export const handler = http(['GET', 'HEAD'], ({ path }) => {
  const found = findFile(fleet, path);
  if ('missing' in found) throw new Problem(404, found.missing.join(' '));
  const { text, revision } = renderServed(found.file, found.target, bootText);
  // may be kept, must be asked for again: the next deployment changes it
  return { type: 'text/plain; charset=utf-8', body: text, tag: revision, cacheControl: 'no-cache' };
});
