import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

const SCHEMAS = /[\\/]dist-es[\\/](?:submodules[\\/][\w-]+[\\/])?schemas[\\/]schemas_\d+\.js$/;
const ERRORS = /[\\/]dist-es[\\/]models[\\/]errors\.js$/;
const CONSTANT = /^const (\w+) = ("[^"\n]*");$/gm;
const COMPUTED_KEY = /\[(_\w+)\]: /g;

/**
 * The AWS SDK describes all shapes of a service in one file, with keys like `{ [_n]: 1 }` where `const _n = "name"`. esbuild
 * must take a computed key for a side effect and keep every shape, half a megabyte for EC2 alone. With the constants
 * written in their place it keeps those of the calls that are made.
 * Decision 0004.
 */
export const literalSchemaKeys: Plugin = {
  name: 'sdk-schemas',
  setup({ onLoad }) {
    onLoad({ filter: SCHEMAS }, ({ path }) => ({
      contents: withLiteralKeys(readFileSync(path, 'utf8')),
      loader: 'js',
    }));
    onLoad({ filter: ERRORS }, ({ path }) => ({
      contents: withoutRepetition(readFileSync(path, 'utf8')),
      loader: 'js',
    }));
  },
};

export function withLiteralKeys(source: string): string {
  const constants = new Map([...source.matchAll(CONSTANT)].map(([, name, literal]) => [name, literal]));
  return source.replace(COMPUTED_KEY, (key, name: string) => (constants.has(name) ? `${constants.get(name)}: ` : key));
}

const FIELD_SAID_TWICE = /^ {4}(?:name|\$fault) = "\w+";\n/gm;

/** Each class of an error says its name and whose fault it is as fields, and once more to its base class, which sets them. */
export function withoutRepetition(source: string): string {
  return source.replace(FIELD_SAID_TWICE, '');
}
