import { describe, expect, it } from '@jest/globals';
import { THRESHOLDS } from '../../../src/fleet/defaults.ts';
import { daySection } from '../../../src/report/page/day.ts';
import { eventsChart, offsetChart, statesChart } from '../../../src/report/page/day-charts.ts';
import { chartOf, PLOT_WIDTH, runsOf, timeScale } from '../../../src/report/page/frame.ts';
import type { DayPoint } from '../../../src/state/day.ts';

const END_MS = Date.UTC(2026, 10, 30, 12);
const MINUTE_MS = 60_000;

/** A point each five minutes, the last at noon. */
const points = (count: number, given: (index: number) => Partial<DayPoint> = () => ({})): DayPoint[] =>
  Array.from({ length: count }, (_, index) => ({
    atMs: END_MS - (count - 1 - index) * 5 * MINUTE_MS,
    offsetMs: [-2, -1, -0.5, 0, 0.5, 1, 2],
    errorBoundMs: [1, 2, 3],
    states: { healthy: 10 },
    ...given(index),
  }));

describe('the charts of a day', () => {
  it('are not drawn while nothing is known, which is said', () => {
    expect(String(daySection(undefined, THRESHOLDS))).toContain('Nothing is known of them yet');
    expect(String(daySection([], THRESHOLDS))).toContain('Nothing is known of them yet');
  });

  it('break their lines at a gap, and shade it from the last point to the next', () => {
    const day = points(288).filter((_, index) => index < 100 || index >= 112);
    const whole = day.map((point, index) => (index === 100 ? { ...point, gapSeconds: 3600 } : point));
    expect(runsOf(whole).map(({ length }) => length)).toEqual([100, 176]);
    const x = timeScale(whole);
    const chart = offsetChart(whole, x, THRESHOLDS);
    const text = String(chartOf(chart, whole, x));
    expect(text.match(/class="l-mid" d="([^"]*)"/)?.[1]?.match(/M/g)).toHaveLength(2);
    // index 99 stands at 1440 - 188 * 5, index 112 at 1440 - 175 * 5
    expect(text).toContain('<rect class="gap" x="500" y="0" width="65"');
  });

  it('of a young pod shade true gaps alone, and say since when it is known', () => {
    const day = points(145, (index) => (index === 100 ? { gapSeconds: 180 } : {}));
    const x = timeScale(day);
    const text = String(chartOf(eventsChart(day, x), day, x));
    // index 99 stands at 720 + 99 * 5
    expect([...text.matchAll(/class="gap" x="([\d.]+)"/g)].map(([, at]) => at)).toEqual(['1215']);
    expect(String(daySection(day, THRESHOLDS))).toContain(
      'The pod is known only since 00:00. podtime did not look for 3 min in all, which is shaded.',
    );
    expect(String(daySection(points(288), THRESHOLDS))).not.toContain('known only since');
  });

  it('shade what lies before the first point where podtime did not look then', () => {
    const day = points(145, (index) => (index === 0 ? { gapSeconds: 30 * 3600 } : {}));
    const x = timeScale(day);
    expect(String(chartOf(eventsChart(day, x), day, x))).toContain(
      `<rect class="gap" x="0" y="0" width="${PLOT_WIDTH / 2}"`,
    );
    const text = String(daySection(day, THRESHOLDS));
    expect(text).toContain('podtime did not look for 12 h 0 min in all');
    expect(text).not.toContain('known only since');
  });

  it('draw the limit where it is near, and tell it where it is far', () => {
    const near = points(288, () => ({ offsetMs: [-40, -20, -5, 0, 5, 20, 40] }));
    const far = points(288);
    const legend = (day: DayPoint[]) => offsetChart(day, timeScale(day), THRESHOLDS).legend.map(({ name }) => name);
    expect(legend(near)).toContain('limit 50\u00a0ms');
    expect(legend(far)).toContain('limit 50\u00a0ms, outside the picture');
  });

  it('show one host of thousands that is not healthy', () => {
    const day = points(288, (index) => ({ states: { healthy: 9999, ...(index > 143 && { adrift: 1 }) } }));
    const { words, ticks } = statesChart(day, timeScale(day));
    expect(words).toBe('Hosts that were not healthy over the last 24 hours: at most 1 at one time; now 1 adrift.');
    expect(ticks.map(({ name }) => name)).toEqual(['0', '1']);
  });

  it('have no number that is none, whatever is missing', () => {
    const bare = points(3).map(({ atMs }) => ({ atMs, states: {} }));
    expect(String(daySection(bare, THRESHOLDS))).not.toMatch(/NaN|Infinity|undefined/);
    expect(String(daySection(points(1), THRESHOLDS))).not.toMatch(/NaN|Infinity|undefined/);
  });
});
