import { findTool } from './command-shims.ts';

/** What boot.sh and the SSM documents cannot do without and has no shim, with Debian's package of each. */
const NEEDED: readonly { tool: string; package: string }[] = [
  { tool: 'sh', package: 'dash' },
  { tool: 'awk', package: 'mawk' },
  { tool: 'sed', package: 'sed' },
  { tool: 'grep', package: 'grep' },
  ...[
    'cat',
    'chmod',
    'cp',
    'cut',
    'dirname',
    'head',
    'ln',
    'mkdir',
    'mktemp',
    'mv',
    'readlink',
    'rm',
    'stat',
    'tr',
  ].map((tool) => ({ tool, package: 'coreutils' })),
];

/** Why simulated hosts cannot run here: a sentence with what mends it. None: they can. `searchPath`: as PATH is written. */
export function whyNoSimulatedHosts(searchPath: string): string[] {
  const missing = NEEDED.filter(({ tool }) => findTool(tool, searchPath) === undefined);
  if (missing.length === 0) return [];
  const tools = missing.map(({ tool }) => tool).join(', no ');
  const packages = [...new Set(missing.map((each) => each.package))].join(' ');
  return [
    `There is no ${tools} in PATH, and the simulated hosts run the real boot.sh and SSM documents, which need it: install it (Debian: apt-get install ${packages}) and start again.`,
  ];
}
