import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

const OWN_SOURCE = /[\\/](?:src|handlers)[\\/].*\.ts$/;
const BUILDERS = /[\\/]src[\\/]fleet[\\/]json-schema\.ts$/;

/** What `described` says of a schema and `forDocs` of a metric is for docs: functions neither carry it nor make it. Decision 0074. */
export const withoutDocs: Plugin = {
  name: 'docs',
  setup({ onLoad }) {
    const load = (change: (source: string, file: string) => string) => (args: { path: string }) => ({
      contents: change(readFileSync(args.path, 'utf8'), args.path),
      loader: 'ts' as const,
    });
    // the first that knows a file loads it
    onLoad({ filter: BUILDERS }, load(withoutDescriptions));
    onLoad({ filter: OWN_SOURCE }, load(withoutWords));
  },
};

const LITERAL = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/.source;
const DESCRIBED = new RegExp(`\\bdescribed\\((\\s*)(?:${LITERAL}),`, 'g');
const FOR_DOCS = new RegExp(`\\bforDocs\\((\\s*)(?:${LITERAL})(?=,?\\s*\\))`, 'g');

/**
 * `described('words', schema)` as `described(schema)`, `forDocs('words')` as `forDocs('')`; each line stays where it is. Throws where the
 * words are no one literal.
 */
export function withoutWords(source: string, file: string): string {
  const found = [...source.matchAll(/\b(?:described|forDocs)\((?!\w+: )/g)].length;
  const literal = [DESCRIBED, FOR_DOCS].reduce((sum, call) => sum + [...source.matchAll(call)].length, 0);
  if (found !== literal) throw new Error(`${file}: the words of described and forDocs must each be one string literal`);
  return source.replace(DESCRIBED, 'described($1').replace(FOR_DOCS, "forDocs($1''");
}

const DESCRIBES = /^export function described\b/m;

/** The builders, of which `described` takes the schema alone and gives it back: esbuild then leaves out the call. */
export function withoutDescriptions(source: string, file: string): string {
  if (!DESCRIBES.test(source)) throw new Error(`${file}: there is no function described`);
  return source.replace(DESCRIBES, 'export function described(schema) { return schema; } function withDescription');
}
