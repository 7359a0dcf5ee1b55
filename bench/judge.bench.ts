import { clockJudge, judgeAll } from '../src/diagnosis/judge.ts';
import type { Sighting } from '../src/diagnosis/judgement.ts';
import { parseCollected } from '../src/host/collect.ts';
import { context, host, record, server } from '../test/builders/sightings.ts';
import { collectOutput } from './collect-fleet.ts';
import type { Comparison } from './run.ts';

const HOSTS = 10_000;
const outputs = Array.from({ length: HOSTS }, (_, number) => collectOutput(number));
const sightingOf = (output: string, number: number): Sighting => ({
  host: host(`i-${number}`),
  collected: parseCollected(output),
  status: 'Success',
});
const sightings = outputs.map(sightingOf);
const pod = context({
  hosts: [server('a', ['10.66.0.51']), server('b', ['10.66.0.52']), server('c', ['10.66.0.53'])],
  records: [record('a', '10.66.0.51'), record('b', '10.66.0.52'), record('c', '10.66.0.53')],
});

/** The least that the same texts can cost: their lines, and the words of each. */
function split(): number {
  let words = 0;
  for (const text of outputs) for (const line of text.split('\n')) words += line.split(/[ \t,]+/).length;
  return words;
}

export const comparisons: Comparison[] = [
  {
    name: 'judge 10,000 hosts',
    subject: () => judgeAll(sightings, pod),
    against: 'read what they printed',
    baseline: () => outputs.map((output) => parseCollected(output)),
    // Judging looks at what reading has already taken apart: it must stay the smaller part of a tick.
    atMost: 1,
  },
  {
    name: 'read and judge 10,000 hosts, as their answers come',
    subject: () => outputs.map((output, number) => sightingOf(output, number)).map(clockJudge(pod)),
    against: 'split the same texts into words',
    baseline: split,
    // Reading alone is 8 of it.
    atMost: 20,
  },
];
