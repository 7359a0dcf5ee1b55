import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { openMetrics } from '../../src/report/open-metrics.ts';
import type { Seen } from '../../src/report/page/view.ts';
import { SCENARIOS } from '../builders/status-scenarios.ts';

const promtool = spawnSync('promtool', ['--version']).status === 0;
const really = promtool ? it : it.skip;
const because = promtool ? '' : " (skipped: no promtool here; Debian's package prometheus has it)";

describe('the metrics', () => {
  const { report } = (SCENARIOS.hundreds as () => Seen)();
  const text = openMetrics([{ pod: { name: 'blue' }, report }]);

  really(`are what promtool takes, without a complaint${because}`, () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect([status, `${stdout}${stderr}`.trim()]).toEqual([0, '']);
  });
});
