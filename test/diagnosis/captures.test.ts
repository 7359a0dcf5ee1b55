import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isServed } from '../../src/config/files.ts';
import { judgeAll } from '../../src/diagnosis/judge.ts';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { parseCollected } from '../../src/host/collect.ts';
import { context, REVISION, record, server } from '../builders/sightings.ts';

const FOLDERS = ['diagnosis', 'other-daemons'].map((name) => join(__dirname, '../fixtures', name));
const CASES = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, folder: join(folder, name) })),
);

/** DNS and servers of the namespaces in which the captures were taken. */
const CAPTURED = context({
  expectedRevision: (_, daemon) => (isServed(daemon) ? REVISION : null),
  hosts: [server('a', ['10.66.0.51']), server('b', ['10.66.0.52']), server('c', ['10.66.0.53'])],
  records: [record('a', '10.66.0.51'), record('b', '10.66.0.52'), record('c', '10.66.0.53')],
});

describe('real daemons, judged', () => {
  it.each(CASES)('$name', ({ folder }) => {
    const expected: Judgement = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
    const collected = parseCollected(readFileSync(join(folder, 'collect.txt'), 'utf8'));
    expect(judgeAll([{ host: expected.host, collected, status: 'Success' }], CAPTURED)).toEqual([expected]);
  });

  it('chrony that answers and lists no source is silent, not short of rows', () => {
    const text = readFileSync(join(__dirname, '../fixtures/diagnosis/chrony-silent/collect.txt'), 'utf8');
    const collected = parseCollected(text.replace(/^\^.*\n/gm, ''));
    const [judgement] = judgeAll([{ host: server('c', ['10.66.0.53']), collected, status: 'Success' }], CAPTURED);
    expect(judgement).toMatchObject({
      state: 'holdover',
      sentence:
        'chrony 4.3 has no source (silent); bound 16.16 ms grows by 15 ppm (limit 200 ms): trustworthy for 3 h 24 min more.',
      remarks: [],
      measures: { offsetMs: null, usableSources: 0, reachableSources: 0 },
    });
  });

  it('has every stage of all three daemons', () => {
    const stages = [
      'start00',
      'iburst-5s',
      'after-26s',
      'settled-falseticker',
      'upstream-cut',
      'client-settled',
      'not-running',
    ];
    const wanted = ['classic', 'ntpsec', 'chrony'].flatMap((daemon) => stages.map((stage) => `${daemon}-${stage}`));
    expect(CASES.map(({ name }) => name)).toEqual(expect.arrayContaining(wanted));
  });
});
