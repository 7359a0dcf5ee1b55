import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCollected } from '../../src/host/collect.ts';
import { parseChronySources, parseChronyTracking } from '../../src/ntp/chrony.ts';
import { parseNtpqPeers } from '../../src/ntp/ntpq-peers.ts';
import { parseNtpqVariables } from '../../src/ntp/ntpq-variables.ts';

/** Kind of a fixture's input, `input.KIND.txt`, and what reads it. */
export const PARSERS: Record<string, (text: string) => unknown> = {
  pn: (text) => parseNtpqPeers(text),
  pnw: (text) => parseNtpqPeers(text, { wide: true }),
  rv: parseNtpqVariables,
  'sources-c': (text) => parseChronySources(text),
  'tracking-c': parseChronyTracking,
  collect: parseCollected,
};

export const CASES = join(process.cwd(), 'test/fixtures/ntp');

export interface Case {
  name: string;
  kind: string;
  input: string;
  /** Where the reviewed expectation stands. */
  expected: string;
}

/** Every `CASE/input.KIND.txt` below test/fixtures/ntp. */
export function cases(): Case[] {
  return readdirSync(CASES)
    .sort()
    .flatMap((name) => {
      const kinds = readdirSync(join(CASES, name)).flatMap((file) => /^input\.(.+)\.txt$/.exec(file)?.[1] ?? []);
      return kinds.sort().map((kind) => ({
        name,
        kind,
        input: readFileSync(join(CASES, name, `input.${kind}.txt`), 'utf8'),
        expected: join(CASES, name, `expected.${kind}.json`),
      }));
    });
}
