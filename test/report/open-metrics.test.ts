import { describe, expect, it } from '@jest/globals';
import { openMetrics } from '../../src/report/open-metrics.ts';
import type { Seen } from '../../src/report/page/view.ts';
import { SCENARIOS } from '../builders/status-scenarios.ts';

const { report } = (SCENARIOS.hundreds as () => Seen)();
const text = openMetrics([
  { pod: { name: 'blue' }, report },
  { pod: { name: 'green' }, report: null },
]);

describe('the metrics', () => {
  it('tell of each pod whether its report could be read, and of hosts by tier and state', () => {
    const lines = text.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'podtime_report_read{pod="blue"} 1',
        'podtime_report_read{pod="green"} 0',
        'podtime_hosts{pod="blue",tier="client",state="adrift"} 5',
        'podtime_hosts{pod="blue",tier="boundary",state="healthy"} 3',
        'podtime_mode{pod="blue",mode="act"} 1',
      ]),
    );
    expect(lines.filter((line) => line.startsWith('podtime_') && line.includes('green'))).toHaveLength(1);
  });

  it('stand as OpenMetrics 1.0 has it: families whole, each with its type, units at the end of names, and an end', () => {
    const families = text.split('\n').flatMap((line) => /^# TYPE (\S+) gauge$/.exec(line)?.[1] ?? []);
    expect(new Set(families).size).toBe(families.length);
    const order = text.split('\n').flatMap((line) => /^(podtime_\w+)\{/.exec(line)?.[1] ?? []);
    expect(order.filter((name, index) => name !== order[index - 1])).toEqual(
      families.filter((name) => order.includes(name)),
    );
    for (const [, name, unit] of text.matchAll(/^# UNIT (\S+) (\S+)$/gm)) expect(name?.endsWith(`_${unit}`)).toBe(true);
    for (const line of text.split('\n').filter((each) => each.startsWith('podtime_'))) {
      expect(line).toMatch(/^podtime_[a-z_]+\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\} -?\d+(?:\.\d+)?(?:e-?\d+)?$/);
    }
    expect(text.endsWith('# EOF\n')).toBe(true);
  });
});
