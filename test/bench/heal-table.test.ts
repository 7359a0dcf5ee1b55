import { describe, expect, it } from '@jest/globals';
import { type HealResult, healSection, keepingSection, median, withSection } from '../../bench/heal-table.ts';

const RESULT: HealResult = {
  cases: [
    {
      daemon: 'ntpsec',
      association: 'server',
      podtime: false,
      runs: [40.6, null, 12.2].map((healedSeconds, at) => ({ client: `c${at}`, healedSeconds })),
    },
    { daemon: 'chrony', association: 'pool', podtime: true, runs: [{ client: 'c', healedSeconds: null }] },
  ],
  boundSeconds: 1457.9,
  confident: [
    { daemon: 'ntpsec', seconds: 360 },
    { daemon: 'ntpsec', seconds: 355 },
    { daemon: 'chrony', seconds: null },
  ],
  minutes: 32,
  versions: ['ntpd ntpsec-1.2.2'],
  settings: ['One setting.'],
  date: '2026-11-23',
};

describe('the table of healing', () => {
  it('shows a run that did not heal as later than the bound, and no median where most did not', () => {
    const rows = healSection(RESULT)
      .split('\n')
      .filter((line) => /^\| (ntpsec|chrony)/.test(line));
    expect(rows).toEqual([
      '| ntpsec | `server` | alone | 41 | > 1457 | 12, 41, > 1457 |',
      '| chrony | `pool` | with podtime | > 1457 | > 1457 | > 1457 |',
      '| ntpsec | 2 | 355 | 360 |',
      '| chrony | 1 | > 1920 | > 1920 |',
    ]);
  });

  it('takes the lower of two middle values as the median', () => {
    expect([[3], [1, 2], [1, 2, 9], [1, 2, 3, 4]].map(median)).toEqual([3, 1, 2, 2]);
  });

  it('replaces its own part of the page and nothing else', () => {
    const first = withSection('# Benchmarks\n\nOther words.\n', 'one');
    expect(first).toContain('Other words.\n\n<!-- heal');
    const second = withSection(`${first}\nMore.\n`, 'two');
    expect(second.replace('two', 'one')).toBe(`${first}\nMore.\n`);
    expect(withSection('', 'one').startsWith('<!-- heal')).toBe(true);
  });

  it('stays in a page that is written anew', () => {
    const page = withSection('# Old\n', 'one');
    expect(keepingSection(page, '# New\n')).toBe(withSection('# New\n', 'one'));
    expect(keepingSection(page, withSection('# New\n', 'two'))).toBe(withSection('# New\n', 'one'));
    expect(keepingSection('# Old\n', '# New\n')).toBe('# New\n');
  });
});
