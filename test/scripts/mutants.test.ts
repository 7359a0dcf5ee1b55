import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  idleReasons,
  type MutantReport,
  mutantsPage,
  type Reason,
  scoreOf,
  survivorsOf,
} from '../../scripts/mutants-page.ts';

const at = (line: number, from: number, to: number) => ({
  start: { line, column: from },
  end: { line, column: to },
});

const REPORT: MutantReport = {
  files: {
    'src/plan/due.ts': {
      source: 'const least = 3;\n  if (age < least) return;\n',
      mutants: [
        { mutatorName: 'EqualityOperator', replacement: 'age <= least', status: 'Survived', location: at(2, 7, 18) },
        { mutatorName: 'ConditionalExpression', replacement: 'true', status: 'Killed', location: at(2, 7, 18) },
        { mutatorName: 'ConditionalExpression', replacement: 'false', status: 'Timeout', location: at(2, 7, 18) },
      ],
    },
    'src/diagnosis/judge.ts': {
      source: "const word = 'a|b';\n",
      mutants: [{ mutatorName: 'StringLiteral', replacement: '""', status: 'NoCoverage', location: at(1, 14, 19) }],
    },
  },
};

const REASONS: Reason[] = [
  {
    file: 'src/plan/due.ts',
    line: 'if (age < least)',
    mutator: 'EqualityOperator',
    reason: 'Nobody is as old as that.',
  },
];

it('counts what ended by its time as found out, and what no test reaches as missed', () => {
  expect(scoreOf({ Killed: 2, Timeout: 1, Survived: 1, NoCoverage: 1, RuntimeError: 5 })).toBe(60);
});

describe('a survivor', () => {
  it('is shown where it stands, as what it was, with its reason', () => {
    const survivors = survivorsOf(REPORT, REASONS);
    expect(survivors.map(({ file, line, from, to, reason }) => [file, line, from, to, reason])).toEqual([
      ['src/plan/due.ts', 2, 'age < least', 'age <= least', 'Nobody is as old as that.'],
      ['src/diagnosis/judge.ts', 1, "'a|b'", '""', null],
    ]);
  });

  it.each([
    [{ file: 'src/plan/memory.ts' }],
    [{ line: 'age > least' }],
    [{ mutator: 'BlockStatement' }],
    [{ replacement: 'true' }],
  ])('has not the reason of another: %j', (other) => {
    const reason = { ...other, reason: 'Another.' };
    expect(survivorsOf(REPORT, [reason]).map((survivor) => survivor.reason)).toEqual([null, null]);
    expect(idleReasons(REPORT, [reason, ...REASONS])).toEqual([reason]);
  });
});

it('the page has a row for each folder and a list for each reason', () => {
  expect(mutantsPage('# Mutants\n', REPORT, REASONS)).toBe(
    [
      '# Mutants',
      '',
      '## Figures',
      '',
      '| folder | mutants | killed | ended by their time | survived | reached by no test | score |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      '| `src/diagnosis` | 1 | 0 | 0 | 0 | 1 | 0.0 % |',
      '| `src/plan` | 3 | 1 | 1 | 1 | 0 | 66.7 % |',
      '| all | 4 | 1 | 1 | 1 | 1 | 50.0 % |',
      '',
      '## Survivors',
      '',
      '### Nobody is as old as that.',
      '',
      '- `src/plan/due.ts:2` EqualityOperator: `` age < least `` as `` age <= least ``',
      '',
      '### No reason yet.',
      '',
      '- `src/diagnosis/judge.ts:1` StringLiteral: `` \'a|b\' `` as `` "" ``',
      '',
    ].join('\n'),
  );
});

it('no reason in the repository excuses whatever survives in a file', () => {
  const reasons: Reason[] = JSON.parse(readFileSync('test/mutation/survivors.json', 'utf8'));
  expect(reasons.filter(({ line, mutator, replacement }) => !line && !mutator && !replacement)).toEqual([]);
});

it('the page in the repository gives no reason that does not stand in the list', () => {
  const page = readFileSync('docs/mutants.md', 'utf8');
  const reasons: Reason[] = JSON.parse(readFileSync('test/mutation/survivors.json', 'utf8'));
  const known = reasons.map(({ reason }) => reason);
  const headings = [...page.matchAll(/^### (.*)$/gm)].map(([, heading = '']) => heading);
  expect(headings.filter((heading) => !known.includes(heading))).toEqual([]);
});
