import { beforeAll, describe, expect, it } from '@jest/globals';
import { alarmRules } from '../../infra/monitoring/alarm-rules.ts';
import { TIERS } from '../../src/fleet/fleet.ts';
import { METRICS } from '../../src/metrics/catalogue.ts';
import { POD } from '../builders/judgements.ts';
import { type Package, packaged } from '../builders/packaged-service.ts';
import { published, type Seen } from '../builders/published-metrics.ts';

interface Widget {
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
  properties: {
    metrics?: unknown[][];
    alarms?: string[];
    region?: string;
    period?: number;
    markdown?: string;
    yAxis?: { left: { label: string } };
  };
}

let dev: Package;
beforeAll(async () => {
  dev = await packaged();
});

/** The body as CloudFormation would hand it to CloudWatch. */
function widgetsOf(id: string): Widget[] {
  const { 'Fn::Sub': text } = dev.properties(id).DashboardBody as { 'Fn::Sub': string };
  const body = text.replaceAll(/\$\{AWS::Partition\}/g, 'aws').replaceAll(/\$\{AWS::AccountId\}/g, '123456789012');
  expect(body).not.toContain('${');
  return (JSON.parse(body) as { widgets: Widget[] }).widgets;
}
const PODS = [
  ['blue', 'DashboardBlue'],
  ['green-2', 'DashboardGreenDash2'],
] as const;

/** Namespace, name, dimensions by turns, and how it is drawn; expressions left out. */
function drawn(widgets: Widget[]): (Seen & { stat: string })[] {
  return widgets.flatMap(({ properties }) =>
    (properties.metrics ?? []).flatMap((line) => {
      const words = line.filter((part): part is string => typeof part === 'string');
      const [namespace, name, ...dimensions] = words;
      if (namespace === undefined || name === undefined) return [];
      const pairs = dimensions.flatMap((word, at) => (at % 2 === 0 ? [[word, dimensions[at + 1] ?? '']] : []));
      const { stat } = line.at(-1) as { stat: string };
      const unit = properties.yAxis?.left.label ?? '';
      return [
        { namespace, name, unit: unit === 'Percent' ? 'Count' : unit, dimensions: Object.fromEntries(pairs), stat },
      ];
    }),
  );
}

describe.each(PODS)('the dashboard of pod %s', (pod, id) => {
  it('is named like its pod, and its body is JSON', () => {
    expect(dev.properties(id).DashboardName).toBe(`podtime-dev-${pod}`);
    expect(widgetsOf(id).length).toBeGreaterThan(20);
  });

  it('shows what the code publishes: name, unit and dimensions', () => {
    const known = published(pod);
    const own = drawn(widgetsOf(id)).filter(({ namespace }) => namespace !== 'AWS/Lambda');
    for (const { stat: _, ...metric } of own) expect(known).toContainEqual(metric);
  });

  it('shows the watchdog by what Lambda measures of it', () => {
    const lambda = drawn(widgetsOf(id)).filter(({ namespace }) => namespace === 'AWS/Lambda');
    expect(lambda).toEqual(
      ['Invocations', 'Errors', 'Throttles'].map((name) => ({
        namespace: 'AWS/Lambda',
        name,
        unit: 'Count',
        dimensions: { FunctionName: 'podtime-dev-watchdog' },
        stat: 'Sum',
      })),
    );
  });

  it('shows every metric of the catalogue, for every tier that has it', () => {
    const shown = drawn(widgetsOf(id)).map(
      ({ name, dimensions }) => `${name} ${dimensions.Tier} ${dimensions.AZ ?? ''}`,
    );
    for (const { name, tiers } of METRICS) {
      for (const tier of tiers) expect(shown).toContain(`${name} ${tier} `);
    }
  });

  it('takes from gauges the most or the least, and percentiles from distributions only', () => {
    for (const { namespace, name, stat } of drawn(widgetsOf(id))) {
      if (namespace === 'AWS/Lambda') continue;
      const kind = METRICS.find((metric) => metric.name === name)?.kind;
      const allowed = { gauge: /^(Maximum|Minimum)$/, mean: /^Average$/, distribution: /^(p\d\d|Maximum|Minimum)$/ };
      expect(stat).toMatch(allowed[kind ?? 'gauge']);
    }
  });

  it('shows every alarm of the pod, the composite first', () => {
    const arns = widgetsOf(id).flatMap(({ properties }) => properties.alarms ?? []);
    const names = [...dev.ofType('AWS::CloudWatch::CompositeAlarm'), ...dev.ofType('AWS::CloudWatch::Alarm')]
      .map(([, { AlarmName }]) => String(AlarmName))
      .filter((name) => name === `podtime-dev-${pod}` || name.startsWith(`podtime-dev-${pod}-`));
    expect(arns).toEqual(names.map((name) => `arn:aws:cloudwatch:us-west-2:123456789012:alarm:${name}`));
    expect(arns).toHaveLength(1 + alarmRules(POD).length);
  });

  it('lies on the grid, each widget in a place of its own', () => {
    const taken = new Set<string>();
    for (const { type, x, y, width, height, properties } of widgetsOf(id)) {
      expect(['metric', 'text', 'alarm']).toContain(type);
      expect(x + width).toBeLessThanOrEqual(24);
      if (type === 'metric') expect([properties.region, properties.period]).toEqual(['us-west-2', 300]);
      for (let column = x; column < x + width; column += 1) {
        for (let row = y; row < y + height; row += 1) {
          expect(taken.has(`${column} ${row}`)).toBe(false);
          taken.add(`${column} ${row}`);
        }
      }
    }
  });

  it('draws each tier on its side', () => {
    for (const { x, properties } of widgetsOf(id)) {
      const tiers = new Set((properties.metrics ?? []).map((line) => TIERS.find((tier) => line.includes(tier))));
      if (tiers.has('client'))
        expect([x, tiers.size]).toEqual([12, properties.metrics?.some((line) => line.length === 1) ? 2 : 1]);
    }
  });
});
