import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeAll } from '../src/diagnosis/judge.ts';
import type { Sighting } from '../src/diagnosis/judgement.ts';
import { parseCollected } from '../src/host/collect.ts';
import { context, host, record, server } from '../test/builders/sightings.ts';
import type { Comparison } from './run.ts';

const CASES = join(import.meta.dirname, '../test/fixtures/diagnosis');
const outputs = ['classic', 'ntpsec', 'chrony'].map((daemon) =>
  readFileSync(join(CASES, `${daemon}-client-settled`, 'collect.txt'), 'utf8'),
);
const output = (i: number) => outputs[i % 3] ?? '';

const sightings = Array.from(
  { length: 10_000 },
  (_, i): Sighting => ({
    host: host(`i-${i}`),
    collected: parseCollected(output(i)),
    status: 'Success',
  }),
);
const pod = context({
  hosts: [server('a', ['10.66.0.51']), server('b', ['10.66.0.52']), server('c', ['10.66.0.53'])],
  records: [record('a', '10.66.0.51'), record('b', '10.66.0.52'), record('c', '10.66.0.53')],
});

export const comparisons: Comparison[] = [
  {
    name: 'judge 10,000 hosts',
    subject: () => judgeAll(sightings, pod),
    against: 'read what they printed',
    baseline: () => sightings.map((_, i) => parseCollected(output(i))),
    // Judging looks at what reading has already taken apart: it must stay the smaller part of a tick.
    atMost: 1,
  },
];
