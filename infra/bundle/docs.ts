import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

const OWN_SOURCE = /[\\/]src[\\/](?:state|report|plan)[\\/].*\.ts$/;
const WORDS = /\bdescribed\((\s*)(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/g;

/** What `described` says of a schema is for docs: functions read by the schema alone. Decision 0070. */
export const withoutSchemaWords: Plugin = {
  name: 'schema-words',
  setup({ onLoad }) {
    onLoad({ filter: OWN_SOURCE }, ({ path }) => ({
      contents: withoutWords(readFileSync(path, 'utf8')),
      loader: 'ts',
    }));
  },
};

/** Each line stays where it is. */
export function withoutWords(source: string): string {
  return source.replace(WORDS, "described($1''");
}
