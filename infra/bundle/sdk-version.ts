import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

const PACKAGE = /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/;

/** Each client imports its whole package.json for the version, by which it names itself to AWS: 2 KB a client that nobody reads. Decision 0074. */
export const sdkVersion: Plugin = {
  name: 'sdk-version',
  setup({ onLoad }) {
    onLoad({ filter: PACKAGE }, ({ path }) => ({ contents: versionAlone(readFileSync(path, 'utf8')), loader: 'json' }));
  },
};

function versionAlone(text: string): string {
  const { version } = JSON.parse(text) as { version: string };
  return JSON.stringify({ version });
}
