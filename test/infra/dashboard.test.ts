import { beforeAll, describe, expect, it } from '@jest/globals';
import { alarmRules } from '../../infra/monitoring/alarm-rules.ts';
import { dashboardBody } from '../../infra/monitoring/dashboard.ts';
import { BY_AZ, TIERS } from '../../src/fleet/fleet.ts';
import { METRICS } from '../../src/metrics/catalogue.ts';
import { isRolledUp } from '../../src/metrics/published.ts';
import { TICK_METRICS } from '../../src/metrics/tick-catalogue.ts';
import { POD } from '../builders/judgements.ts';
import { type Package, packaged } from '../builders/packaged-service.ts';
import { published, type Seen } from '../builders/published-metrics.ts';
import { pageText } from '../docs/snippets.ts';

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
    expect(widgetsOf(id)).toHaveLength(23);
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

  it('shows the status of its pod by the function that answers for it', () => {
    const custom = widgetsOf(id).filter(({ type }) => type === 'custom');
    expect(custom.map(({ width, properties }) => ({ width, properties }))).toEqual([
      {
        width: 24,
        properties: {
          title: 'Status',
          endpoint: `arn:aws:lambda:us-west-2:123456789012:function:${dev.properties('WidgetLambdaFunction').FunctionName}`,
          params: { pod },
          updateOn: { refresh: true, resize: true, timeRange: false },
        },
      },
    ]);
  });

  it('shows every metric of the catalogue that is published, for every tier that has it', () => {
    const shown = drawn(widgetsOf(id)).map(
      ({ name, dimensions }) => `${name} ${dimensions.Tier} ${dimensions.AZ ?? ''}`,
    );
    for (const { name } of TICK_METRICS) expect(shown).toContain(`${name} undefined `);
    for (const metric of METRICS) {
      for (const tier of TIERS) {
        if (isRolledUp(metric, tier, 'key')) expect(shown).toContain(`${metric.name} ${tier} `);
      }
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
      expect(['metric', 'text', 'alarm', 'custom']).toContain(type);
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

describe.each(BY_AZ)('the dashboard with metrics.byAz: %s', (byAz) => {
  const pod = { ...POD, metrics: { byAz } };
  const { widgets } = dashboardBody('dev', pod);
  const metrics = drawn(widgets as Widget[]).filter(({ namespace }) => namespace !== 'AWS/Lambda');
  const known = published(pod.name, byAz, ['a', 'b', 'c', 'd', 'e', 'f', 'g']);

  it('draws only what is published', () => {
    for (const { stat: _, ...metric } of metrics) expect(known).toContainEqual(metric);
  });

  it('draws each metric that is published, but by AZ of all only some', () => {
    const keyOf = ({ name, dimensions }: { name: string; dimensions: Record<string, string> }) =>
      `${name} ${JSON.stringify(dimensions)}`;
    const shown = new Set(metrics.map(keyOf));
    const missing = known.filter((metric) => !shown.has(keyOf(metric)));
    const ofTier = missing.filter(({ dimensions }) => dimensions.AZ === undefined);
    expect(ofTier).toEqual([]);
    if (byAz !== 'all') expect(missing).toEqual([]);
  });

  it('has as many graphs by AZ of each tier', () => {
    const graphs = (tier: string) =>
      widgets.filter(
        ({ properties }) =>
          String(properties.title).startsWith(`${tier}: `) && / by AZ, /.test(String(properties.title)),
      );
    const count = { all: [3, 3], key: [0, 1], none: [0, 0] }[byAz];
    expect([graphs('boundary').length, graphs('client').length]).toEqual(count);
  });

  it('lies on the grid, each tier on its side, no widget over another', () => {
    const places = widgets.map(({ x, y }) => `${x} ${y}`);
    expect(new Set(places).size).toBe(places.length);
    for (const { x, properties } of widgets) {
      const title = String(properties.title);
      if (title.startsWith('client: ')) expect([title, x]).toEqual([title, 12]);
      if (title.startsWith('boundary: ')) expect([title, x]).toEqual([title, 0]);
    }
  });
});

it('shows its status to who has the rights that docs/deploy.md gives', () => {
  const [, section = ''] = pageText('deploy.md').split('### Who may look at the dashboard');
  const [, text = ''] = /^```json\n([\s\S]*?)^```$/m.exec(section) ?? [];
  const { FunctionName } = dev.properties('WidgetLambdaFunction');
  expect(JSON.parse(text)).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: `arn:aws:lambda:us-west-2:123456789012:function:${String(FunctionName).replace('-dev-', '-prod-')}`,
      },
    ],
  });
});
