import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCollected } from '../src/host/collect.ts';
import { parseNtpqPeers } from '../src/ntp/ntpq-peers.ts';
import type { Comparison } from './run.ts';

const CASES = join(import.meta.dirname, '../test/fixtures/ntp');
const input = (name: string, kind: string): string => readFileSync(join(CASES, name, `input.${kind}.txt`), 'utf8');

/** A fleet of 1,000 hosts of three daemons, each text its own (a shared one would be cached). */
const outputs = Array.from({ length: 1000 }, (_, host) => {
  const daemon = ['collect-ntpsec', 'collect-classic', 'collect-chrony'][host % 3] ?? '';
  return input(daemon, 'collect').replace(/^age \d+$/m, `age ${600 + host}`);
});

/** The least that reading a table can cost: its lines, and the words of each. */
function split(texts: string[]): number {
  let words = 0;
  for (const text of texts) for (const line of text.split('\n')) words += line.split(/[ \t,]+/).length;
  return words;
}

const rows = input('classic-4.2.8p6.settled-falseticker', 'pnw').split('\n').slice(2, 6).join('\n');
const table = (count: number): string => `${rows}\n`.repeat(count / 4);
const small = table(1000);
const large = table(10_000);

export const comparisons: Comparison[] = [
  {
    name: "parse 1,000 hosts' collect outputs",
    subject: () => outputs.map((text) => parseCollected(text)),
    against: 'split the same texts into words',
    baseline: () => split(outputs),
    // Seen: 10. An address library that throws and catches for every row made it 16.
    atMost: 20,
  },
  {
    name: 'parse ntpq, 10,000 rows',
    subject: () => parseNtpqPeers(large),
    against: 'parse ntpq, 1,000 rows, ten times',
    baseline: () => {
      for (let time = 0; time < 10; time += 1) parseNtpqPeers(small);
    },
    // 1 is linear; collecting garbage makes it more. Quadratic would be 10.
    atMost: 3,
  },
];
