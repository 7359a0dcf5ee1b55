import { basename } from 'node:path';
import { joinScript, SCRIPT_NAMES, type ScriptName } from '../src/host/scripts.ts';

/** What each test of test/host (`boot` is boot.test.ts) runs of the scripts of hosts. */
export const RUNS: Record<string, readonly ScriptName[]> = {
  authentication: ['collect'],
  boot: ['boot'],
  'boot-api': ['boot'],
  'boot-check': ['boot'],
  'boot-drift': ['boot'],
  'boot-kills': ['boot'],
  'boot-limits': ['boot'],
  'boot-places': ['boot'],
  'boot-trouble': ['boot'],
  canonical: ['cycle'],
  certificates: ['boot', 'collect'],
  clock: ['collect'],
  collect: ['collect'],
  'config-files': ['collect'],
  cycle: ['cycle'],
  'cycle-acts': ['cycle'],
  'cycle-ntpd-rs': ['cycle'],
  'cycle-output': ['cycle'],
  environment: ['collect', 'cycle'],
  'found-daemons': ['collect'],
  largest: ['collect'],
  'leap-file': ['collect'],
  'leap-second': ['cycle'],
  lock: ['cycle'],
  'lost-names': ['collect'],
  nts: ['boot', 'collect'],
  'other-daemons': ['collect', 'cycle'],
  others: ['collect'],
  printed: ['collect'],
  'query-failures': ['collect'],
  'read-only': ['collect'],
  real: ['collect', 'cycle'],
  remembered: ['cycle'],
  'shortened-rows': ['collect'],
  staleness: ['collect', 'cycle'],
  strict: ['collect', 'cycle'],
  'witnessed-rows': ['collect'],
};

/** Tests of test/host that run none of them, or read their text, and would miss a line for its looks alone. */
export const RUN_NONE: readonly string[] = [
  'boot-text',
  'collected',
  'documents',
  'hostile-text',
  'limits',
  'namespaces',
  'parameters',
  'verdict',
];

/** Tests that make network namespaces, which nobody takes down when they are ended. */
export const WITH_NAMESPACES: readonly string[] = ['nts', 'real'];

/** A file's own tests, where they do not go by its name. */
const OWN: Record<string, string> = {
  check: 'boot-check',
  config: 'config-files',
  daemon: 'found-daemons',
  drift: 'boot-drift',
  fetch: 'boot-api',
  install: 'boot-trouble',
  installed: 'boot-places',
  'nts-names': 'authentication',
  process: 'found-daemons',
  running: 'found-daemons',
  shorten: 'largest',
};

/** The scripts that a file of src/host is a part of. */
function scriptsOf(file: string): ScriptName[] {
  return SCRIPT_NAMES.filter((name) =>
    joinScript(name, (part) => `${part}\n`)
      .split('\n')
      .includes(file),
  );
}

/** The test that is about a file of src/host (`boot.sh`). */
export function ownTestOf(file: string): string {
  const part = basename(file, '.sh');
  return OWN[part] ?? part;
}

/** Tests that run a file of src/host. */
export function testsOf(file: string): string[] {
  const scripts = scriptsOf(file);
  return Object.keys(RUNS).filter((name) => RUNS[name]?.some((script) => scripts.includes(script)));
}
