import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { KINDS } from './client.ts';
import { SHELLS } from './host.ts';
import { judgeBoth, type StalenessCase } from './staleness-case.ts';

const TABLE = parse(readFileSync(join(import.meta.dirname, '../fixtures/staleness/cases.yml'), 'utf8'));
const CASES: StalenessCase[] = TABLE.cases.map((each: Partial<StalenessCase>) => ({ ...TABLE.pod, ...each }));

const NOT_STALE = /^(follows|remembers .*|unmanaged|unreadable)$/;

describe.each(CASES)('$name', (given) => {
  const turn = CASES.indexOf(given);
  it.each(given.daemons ?? KINDS.slice(turn % KINDS.length).slice(0, 1))(
    'is judged by podtime and by the host as the table says, on %s',
    (kind) => {
      const shell = SHELLS[Math.floor(turn / KINDS.length) % SHELLS.length] ?? 'dash';
      expect(judgeBoth(shell, kind, given)).toEqual({ product: given.product, host: given.host });
    },
  );

  it('is called stale by both or by neither, unless a decision says otherwise', () => {
    const agree = NOT_STALE.test(given.product) === NOT_STALE.test(given.host);
    expect(given.differs ?? '').toMatch(agree ? /^$/ : /^Decision \d+: .+\.$/);
  });
});

it('has cases of both, and of every way to differ', () => {
  expect(CASES.filter(({ product }) => product.startsWith('left-behind')).length).toBeGreaterThan(5);
  expect(CASES.filter(({ product }) => product.startsWith('unjoined')).length).toBeGreaterThan(3);
  expect(CASES.filter(({ differs }) => differs !== undefined).length).toBeGreaterThan(6);
});
