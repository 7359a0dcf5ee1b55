import { describe, expect, it } from '@jest/globals';
import {
  type Case,
  type HealResult,
  healFigures,
  healSection,
  keepingSection,
  median,
  withSection,
} from '../../bench/heal-table.ts';

const runs = (seconds: (number | null)[], cycled = 0) =>
  seconds.map((healedSeconds, at) => ({ client: `c${at}`, healedSeconds, cycled: at < cycled }));

const RESULT: HealResult = {
  cases: [
    { daemon: 'ntpsec', refreshes: false, association: 'server', podtime: false, runs: runs([40.6, null, 12.2]) },
    { daemon: 'chrony', refreshes: false, association: 'server', podtime: false, runs: runs([900, 990, 1000]) },
    { daemon: 'chrony', refreshes: true, association: 'server', podtime: false, runs: runs([90, 495, 800]) },
    { daemon: 'chrony', refreshes: false, association: 'server', podtime: true, runs: runs([100, 110, 60], 3) },
    { daemon: 'chrony', refreshes: true, association: 'server', podtime: true, runs: runs([330, 20, null], 1) },
    { daemon: 'chrony', refreshes: false, association: 'pool', podtime: true, runs: runs([null]) },
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
      '| ntpsec | `server` | alone | 41 | > 1457 | 12, 41, > 1457 | 0 of 3 |',
      '| chrony | `server` | alone | 990 | 1000 | 900, 990, 1000 | 0 of 3 |',
      '| chrony, `refresh` | `server` | alone | 495 | 800 | 90, 495, 800 | 0 of 3 |',
      '| chrony | `server` | with podtime | 100 | 110 | 60, 100, 110 | 3 of 3 |',
      '| chrony, `refresh` | `server` | with podtime | 330 | > 1457 | 20, 330, > 1457 | 1 of 3 |',
      '| chrony | `pool` | with podtime | > 1457 | > 1457 | > 1457 | 0 of 1 |',
      '| ntpsec | 2 | 355 | 360 |',
      '| chrony | 1 | > 1920 | > 1920 |',
    ]);
  });

  it('has its medians side by side for the README', () => {
    expect(healFigures(RESULT).split('\n').slice(0, 4)).toEqual([
      '| a boundary server is replaced: its clients follow the new one after | alone | with podtime |',
      '| --- | --- | --- |',
      '| chrony | 990 s | 100 s |',
      '| ntpsec | 41 s | not measured |',
    ]);
    const never = { ...RESULT, cases: [{ ...RESULT.cases[0], runs: runs([null, null, 12]) } as Case] };
    expect(healFigures(never)).toContain('| ntpsec | never, in 1,457 s | not measured |');
  });

  it('shows what refresh changes beside the same heal without it, and no ratio of what did not heal', () => {
    const page = healSection(RESULT);
    const from = page.indexOf('What `refresh` changes');
    expect(page.slice(from, page.indexOf('From the launch'))).toBe(
      [
        'What `refresh` changes, chrony that has it beside chrony that has not (time of the first divided by that of the second):',
        '',
        '| | median | worst | cycled, with `refresh` | cycled, without |',
        '| --- | --- | --- | --- | --- |',
        '| alone | 0.50 | 0.80 | 0 of 3 | 0 of 3 |',
        '| with podtime | 3.30 | - | 1 of 3 | 3 of 3 |',
        '',
        '',
      ].join('\n'),
    );
    const without = { ...RESULT, cases: RESULT.cases.filter(({ refreshes }) => !refreshes) };
    expect(healSection(without)).not.toContain('What `refresh` changes');
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
