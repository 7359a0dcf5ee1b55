import { describe, expect, it } from '@jest/globals';
import { verdictOf } from '../../../src/report/page/verdict.ts';
import type { Seen } from '../../../src/report/page/view.ts';
import type { HostReport } from '../../../src/report/report.ts';
import { SCENARIOS } from '../../builders/status-scenarios.ts';

const HEALTHY = (SCENARIOS.healthy as () => Seen)();

/** The healthy pod, its first hosts (a boundary server is the first) in these states. */
function withStates(states: readonly HostReport['state'][], skip = 0): Seen {
  const hosts = HEALTHY.report.hosts.map((host, index) => ({ ...host, state: states[index - skip] ?? host.state }));
  return { ...HEALTHY, report: { ...HEALTHY.report, hosts } };
}

const LATE_MS = 3 * HEALTHY.pod.intervalSeconds * 1000;

describe('whether the time of a pod is good', () => {
  it.each([
    ['good while all are well', HEALTHY, 'good'],
    ['good while some only start', withStates(['starting', 'starting']), 'good'],
    ['good but for a client that is adrift', withStates(['adrift'], 10), 'attention'],
    ['good but for a server that is unknown', withStates(['unknown']), 'attention'],
    ['bad where a boundary server is wrong', withStates(['contradicted']), 'bad'],
    ['bad where a boundary server has no daemon', withStates(['no-daemon']), 'bad'],
    [
      'bad where more than one in twenty clients is wrong',
      withStates(['adrift', 'adrift', 'unsynchronised'], 10),
      'bad',
    ],
    ['good but for two clients of a small pod', withStates(['adrift', 'adrift'], 10), 'attention'],
    [
      'unknown where podtime has not looked for three intervals',
      { ...HEALTHY, nowMs: HEALTHY.report.startedAtMs + LATE_MS + 1000 },
      'unknown',
    ],
    ['still known a moment before', { ...HEALTHY, nowMs: HEALTHY.report.startedAtMs + LATE_MS }, 'good'],
    [
      'unknown where nobody answered',
      { ...HEALTHY, report: { ...HEALTHY.report, summary: { ...HEALTHY.report.summary, sampled: 0 } } },
      'unknown',
    ],
  ] as [string, Seen, string][])('is %s', (_, seen, level) => {
    expect(verdictOf(seen).level).toBe(level);
  });
});
