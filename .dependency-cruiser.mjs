/**
 * The arrows of the design: handlers -> watchdog, report -> plan, diagnosis, metrics, config -> ntp, fleet.
 * What is not named by a rule is free to be imported.
 */
const CORE = '^src/(fleet|config|ntp|diagnosis|plan|metrics)/';
const PRODUCT = '^(src|handlers)/';
const SDK = '^node_modules/@(aws-sdk|smithy)/';

/** `from` may import of this project only what matches `to`. */
const layer = (folder, to) => ({
  name: `layer-${folder}`,
  comment: `src/${folder} stands on ${to.join(', ')} and on nothing else of the project.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^(src|handlers|local|documents|build|scripts|test)/', pathNot: to.map((name) => `^${name}(/|$)`) },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    layer('fleet', ['src/fleet']),
    layer('ntp', ['src/ntp', 'src/fleet']),
    layer('config', ['src/config', 'src/ntp', 'src/fleet']),
    layer('diagnosis', ['src/diagnosis', 'src/ntp', 'src/fleet']),
    layer('plan', ['src/plan', 'src/diagnosis', 'src/ntp', 'src/fleet']),
    layer('metrics', ['src/metrics', 'src/plan', 'src/diagnosis', 'src/ntp', 'src/fleet']),
    layer('report', ['src/report', CORE.slice(1, -1)]),
    layer('watchdog', ['src/watchdog', 'src/report', CORE.slice(1, -1)]),
    layer('aws', ['src/aws', 'src/watchdog', 'src/report', CORE.slice(1, -1), 'documents/parameters\\.ts$']),
    {
      name: 'core-is-pure',
      comment:
        'No clock, no random, no environment, no files, no network in the core; a hash is a function like any other.',
      severity: 'error',
      from: { path: CORE },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'core-needs-little',
      comment: 'Of the registry the core knows addresses and the fleet file: its schema and its format.',
      severity: 'error',
      from: { path: CORE },
      to: { path: '^node_modules/', pathNot: '^node_modules/(ipaddr\\.js|zod|yaml)/' },
    },
    {
      name: 'fleet-file-is-read-at-build',
      comment: 'Schema and YAML are for src/fleet alone: what ships carries the checked fleet.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/fleet/' },
      to: { path: '^node_modules/(zod|yaml)/' },
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
      comment: 'The config function answers at every boot of every host: no SDK, no schema, no YAML behind it.',
      severity: 'error',
      from: { path: '^handlers/config\\.ts$' },
      to: { path: [SDK, '^node_modules/(zod|yaml)/'], reachable: true },
    },
    {
      name: 'product-stands-alone',
      comment:
        'The product does not know that it is built, tested or run on one machine. Of documents/ it may know the parameters.',
      severity: 'error',
      from: { path: PRODUCT },
      to: { path: '^(local|build|scripts|test|bench|documents)/', pathNot: '^documents/parameters\\.ts$' },
    },
    {
      name: 'handlers-are-entries',
      comment: 'Handlers are called by Lambda, and by tests; local/ runs them from their bundles.',
      severity: 'error',
      from: { pathNot: '^(handlers|test|bench)/' },
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
      comment: 'Types too. Not in local/, where a machine and its parts may know each other by type.',
      severity: 'error',
      from: { pathNot: '^local/' },
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
