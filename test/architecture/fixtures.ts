/** The smallest breach of a rule: files by their path, and what each imports. */
export interface Fixture {
  files: Record<string, string[]>;
  /** `FILE -> IMPORTED` */
  breach: string;
  /** Rules that this breach cannot help but break as well. */
  also?: string[];
}

/** A layer that imports what lies above it. */
const layer = (folder: string, above: string, also: string[] = []): Fixture => ({
  files: { [`src/${folder}/above.ts`]: [`../../${above}/layer-${folder}.ts`], [`${above}/layer-${folder}.ts`]: [] },
  breach: `src/${folder}/above.ts -> ${above}/layer-${folder}.ts`,
  also,
});

/** By the rule that it breaks. */
export const FIXTURES: Record<string, Fixture> = {
  'layer-fleet': layer('fleet', 'src/ntp'),
  'layer-ntp': layer('ntp', 'src/host'),
  'layer-host': layer('host', 'src/config'),
  'layer-config': layer('config', 'src/diagnosis'),
  'layer-diagnosis': layer('diagnosis', 'src/plan', ['plan-has-one-entry']),
  'layer-plan': layer('plan', 'src/metrics'),
  'layer-state': layer('state', 'src/metrics'),
  'layer-metrics': layer('metrics', 'src/report'),
  'layer-history': layer('history', 'src/report'),
  'layer-report': layer('report', 'src/watchdog'),
  'layer-watchdog': layer('watchdog', 'src/aws'),
  'layer-aws': layer('aws', 'infra', ['product-stands-alone']),
  'core-is-pure': {
    files: { 'src/plan/clock.ts': ['node:fs'] },
    breach: 'src/plan/clock.ts -> fs',
  },
  'net-is-for-addresses': {
    files: { 'src/aws/socket.ts': ['node:net'] },
    breach: 'src/aws/socket.ts -> net',
  },
  'core-needs-little': {
    files: { 'src/metrics/library.ts': ['@middy/core'] },
    breach: 'src/metrics/library.ts -> node_modules/@middy/core/index.js',
  },
  'parquet-is-for-history': {
    files: { 'src/report/rows.ts': ['hyparquet'] },
    breach: 'src/report/rows.ts -> node_modules/hyparquet/index.js',
  },
  'fleet-file-is-read-at-build': {
    files: { 'src/watchdog/yaml.ts': ['yaml'] },
    breach: 'src/watchdog/yaml.ts -> node_modules/yaml/index.js',
  },
  'script-text-is-injected': {
    files: { 'infra/script.ts': ['../src/host/collect.sh'], 'src/host/collect.sh': [] },
    breach: 'infra/script.ts -> src/host/collect.sh',
  },
  'plan-has-one-entry': {
    files: { 'src/watchdog/plan.ts': ['../plan/behind-the-entry.ts'], 'src/plan/behind-the-entry.ts': [] },
    breach: 'src/watchdog/plan.ts -> src/plan/behind-the-entry.ts',
  },
  'plan-of-dns-comes-first': {
    files: { 'src/plan/dns/cycling.ts': ['../cycling/of-dns.ts'], 'src/plan/cycling/of-dns.ts': [] },
    breach: 'src/plan/dns/cycling.ts -> src/plan/cycling/of-dns.ts',
  },
  'only-aws-knows-the-sdk': {
    files: { 'src/watchdog/sdk.ts': ['@aws-sdk/client-ssm'] },
    breach: 'src/watchdog/sdk.ts -> node_modules/@aws-sdk/client-ssm/index.js',
  },
  'config-function-stays-small': {
    files: {
      'handlers/config.ts': ['../src/aws/behind-config.ts'],
      'src/aws/behind-config.ts': ['@aws-sdk/client-ssm'],
    },
    breach: 'handlers/config.ts -> node_modules/@aws-sdk/client-ssm/index.js',
  },
  'product-stands-alone': {
    files: { 'handlers/status.ts': ['../scripts/of-the-product.ts'], 'scripts/of-the-product.ts': [] },
    breach: 'handlers/status.ts -> scripts/of-the-product.ts',
  },
  'infra-builds-the-product-alone': {
    files: { 'infra/lab.ts': ['../packages/lab/src/of-infra.ts'], 'packages/lab/src/of-infra.ts': [] },
    breach: 'infra/lab.ts -> packages/lab/src/of-infra.ts',
  },
  'endpoint-knows-no-product': {
    files: {
      'packages/aws-endpoint/src/product.ts': ['../../../src/fleet/of-the-endpoint.ts'],
      'src/fleet/of-the-endpoint.ts': [],
    },
    breach: 'packages/aws-endpoint/src/product.ts -> src/fleet/of-the-endpoint.ts',
  },
  'lab-shares-no-parser': {
    files: { 'packages/lab/src/report.ts': ['../../../src/report/of-the-lab.ts'], 'src/report/of-the-lab.ts': [] },
    breach: 'packages/lab/src/report.ts -> src/report/of-the-lab.ts',
  },
  'lab-shares-no-parser-behind': {
    files: {
      'packages/lab/src/behind.ts': ['../../../src/host/of-the-lab.ts'],
      'src/host/of-the-lab.ts': ['../ntp/behind-the-lab.ts'],
      'src/ntp/behind-the-lab.ts': [],
    },
    breach: 'packages/lab/src/behind.ts -> src/ntp/behind-the-lab.ts',
  },
  'handlers-are-entries': {
    files: { 'scripts/handler.ts': ['../handlers/of-a-script.ts'], 'handlers/of-a-script.ts': [] },
    breach: 'scripts/handler.ts -> handlers/of-a-script.ts',
  },
  'product-ships-its-dependencies': {
    files: { 'src/aws/tool.ts': ['esbuild'] },
    breach: 'src/aws/tool.ts -> node_modules/esbuild/index.js',
  },
  'no-circles': {
    files: { 'bench/circle.ts': ['./circle.ts'] },
    breach: 'bench/circle.ts -> bench/circle.ts',
  },
  resolvable: {
    files: { 'test/gone.ts': ['./nowhere.ts'] },
    breach: 'test/gone.ts -> ./nowhere.ts',
  },
};
