/**
 * The arrows of the design, each a rule: handlers -> watchdog, report -> state, plan, diagnosis, metrics, config -> host -> ntp ->
 * fleet; watchdog -> report. What is not named by a rule is free to be imported. For each rule test/architecture has a
 * fixture that breaks it.
 */
const CORE = '^src/(fleet|config|host|ntp|diagnosis|plan|state|metrics|history)/';
const PRODUCT = '^(src|handlers)/';
const SDK = '^node_modules/@(aws-sdk|smithy)/';

/** `src/FOLDER` may import of this project only these folders of `src`, and itself. */
const layer = (folder, ...below) => ({
  name: `layer-${folder}`,
  comment: `src/${folder} stands on ${['itself', ...below].join(', ')} and on nothing else of the project.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: {
    path: '^(src|handlers|infra|packages|scripts|test|bench)/',
    pathNot: `^src/(${[folder, ...below].join('|')})/`,
  },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    layer('fleet'),
    layer('ntp', 'fleet'),
    layer('host', 'ntp', 'fleet'),
    layer('config', 'host', 'ntp', 'fleet'),
    layer('diagnosis', 'host', 'ntp', 'fleet'),
    layer('plan', 'diagnosis', 'host', 'ntp', 'fleet'),
    layer('state', 'plan', 'diagnosis', 'config', 'host', 'ntp', 'fleet'),
    layer('metrics', 'plan', 'diagnosis', 'host', 'ntp', 'fleet'),
    layer('history', 'diagnosis', 'host', 'ntp', 'fleet'),
    layer('report', 'history', 'state', 'plan', 'metrics', 'diagnosis', 'config', 'host', 'ntp', 'fleet'),
    layer('watchdog', 'report', 'history', 'state', 'plan', 'metrics', 'diagnosis', 'config', 'host', 'ntp', 'fleet'),
    layer(
      'aws',
      'watchdog',
      'report',
      'history',
      'state',
      'plan',
      'metrics',
      'diagnosis',
      'config',
      'host',
      'ntp',
      'fleet',
    ),
    {
      name: 'core-is-pure',
      comment:
        'No clock, no random, no environment, no files, no network in the core; a hash is a function like any other, and so is ' +
        'what reads an address.',
      severity: 'error',
      from: { path: CORE },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|net)$' },
    },
    {
      name: 'net-is-for-addresses',
      comment: 'Of node:net podtime takes what reads addresses and networks, never a socket.',
      severity: 'error',
      from: { path: PRODUCT, pathNot: '^src/fleet/(addresses|networks)\\.ts$' },
      to: { path: '^(node:)?net$' },
    },
    {
      name: 'core-needs-little',
      comment:
        'Of the registry the core knows addresses, YAML, the schema of the fleet file, and the format in which history is kept.',
      severity: 'error',
      from: { path: CORE },
      to: { path: '^node_modules/', pathNot: '^node_modules/(ipaddr\\.js|zod|yaml|hyparquet|hyparquet-writer)/' },
    },
    {
      name: 'parquet-is-for-history',
      comment: 'What format rows are kept in is known to src/history alone.',
      severity: 'error',
      from: { path: PRODUCT, pathNot: '^src/history/parquet-(reader|writer)\\.ts$' },
      to: { path: '^node_modules/hyparquet' },
    },
    {
      name: 'fleet-file-is-read-at-build',
      comment:
        'YAML, the fleet schema and the library that finds faults in networks are for src/fleet alone: what ships carries the ' +
        'checked fleet. What is stored between ticks is read back by src/fleet/read-json.ts.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/fleet/' },
      to: { path: '^node_modules/(ipaddr\\.js|zod|yaml)/' },
    },
    {
      name: 'script-text-is-injected',
      comment:
        'esbuild, jest, tsx and tsc load text each in its own way: one handler imports it, all others are handed it or read files.',
      severity: 'error',
      from: { pathNot: '^handlers/config\\.ts$' },
      to: { path: '\\.sh$' },
    },
    {
      name: 'plan-has-one-entry',
      comment: 'src/plan/plan.ts is what others know of the plan.',
      severity: 'error',
      from: { pathNot: '^(src/plan|test|bench)/' },
      to: { path: '^src/plan/', pathNot: '^src/plan/plan\\.ts$' },
    },
    {
      name: 'plan-of-dns-comes-first',
      comment: 'Hosts are cycled by what the plan of DNS says; it knows nothing of cycling.',
      severity: 'error',
      from: { path: '^src/plan/dns/' },
      to: { path: '^src/plan/cycling/' },
    },
    {
      name: 'only-aws-knows-the-sdk',
      comment: 'src/aws is the only folder that imports an AWS SDK.',
      severity: 'error',
      from: { path: PRODUCT, pathNot: '^src/aws/' },
      to: { path: SDK },
    },
    {
      name: 'config-function-stays-small',
      comment:
        'The config function answers at every boot of every host: of AWS it knows S3 alone (decision 0143); no schema, no YAML behind it.',
      severity: 'error',
      from: { path: '^handlers/config\\.ts$' },
      to: {
        path: ['^node_modules/@(aws-sdk/(?!client-s3/)|smithy/)', '^node_modules/(ipaddr\\.js|zod|yaml)/'],
        reachable: true,
      },
    },
    {
      name: 'product-stands-alone',
      comment: 'The product does not know that it is built, tested or run on one machine.',
      severity: 'error',
      from: { path: PRODUCT },
      to: { path: '^(infra|packages|scripts|test|bench)/' },
    },
    {
      name: 'infra-builds-the-product-alone',
      comment: 'What is deployed is made without knowing how it is tested or run on one machine.',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: '^(packages|scripts|test|bench)/' },
    },
    {
      name: 'endpoint-knows-no-product',
      comment: 'packages/aws-endpoint stands for AWS: it imports nothing of the product, nor of the lab.',
      severity: 'error',
      from: { path: '^packages/aws-endpoint/' },
      to: { path: '^(src|handlers|infra|scripts|test|bench|packages/lab)/' },
    },
    {
      name: 'lab-shares-no-parser',
      comment:
        'The lab takes of the product the fleet and the talk with a host; that it shares a parser with it would prove nothing.',
      severity: 'error',
      from: { path: '^packages/lab/src/' },
      to: { path: '^(src|handlers|infra|scripts|test|bench)/', pathNot: '^src/(fleet|host)/' },
    },
    {
      name: 'lab-shares-no-parser-behind',
      comment: 'Not behind other modules either.',
      severity: 'error',
      from: { path: '^packages/lab/src/' },
      to: { path: '^src/ntp/', reachable: true },
    },
    {
      name: 'handlers-are-entries',
      comment: 'Handlers are called by Lambda, and by tests; the lab runs them from their bundles.',
      severity: 'error',
      from: { pathNot: '^(handlers|test|bench|packages/lab/test)/' },
      to: { path: '^handlers/' },
    },
    {
      name: 'product-ships-its-dependencies',
      severity: 'error',
      from: { path: PRODUCT },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'no-circles',
      comment: 'Types too.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'A module that is not there, or not in package.json. The fleet file is resolved by the build.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: 'fleet\\.yml$' },
    },
  ],
  options: {
    doNotFollow: { path: '^node_modules/' },
    // TypeScript 7 has no API that it could use
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
