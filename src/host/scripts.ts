/** The scripts that run on a host: `boot` is served to it, `collect` and `cycle` are SSM documents. */
export const SCRIPT_NAMES = ['boot', 'collect', 'cycle'] as const;

export type ScriptName = (typeof SCRIPT_NAMES)[number];

/**
 * Files of this folder. The first knows the service manager, and a daemon's names, versions and files, for all alike.
 * Decisions 0018, 0019, 0020, 0037, 0052.
 */
const PARTS: Record<ScriptName, readonly string[]> = {
  boot: [
    'daemon.sh',
    'process.sh',
    'installed.sh',
    'lock.sh',
    'fetch.sh',
    'check.sh',
    'drift.sh',
    'install.sh',
    'nts-names.sh',
    'certificates.sh',
    'boot.sh',
  ],
  collect: [
    'daemon.sh',
    'process.sh',
    'running.sh',
    'others.sh',
    'config.sh',
    'clock.sh',
    'leap-file.sh',
    'nts-names.sh',
    'authentication.sh',
    'printed.sh',
    'shorten.sh',
    'collect.sh',
  ],
  cycle: [
    'daemon.sh',
    'process.sh',
    'running.sh',
    'others.sh',
    'config.sh',
    'staleness.sh',
    'lock.sh',
    'remembered.sh',
    'cycle.sh',
  ],
};

/** A script as one text: its parts, one after the other. `read` gives a file of this folder by its name (`daemon.sh`). */
export function joinScript(name: ScriptName, read: (file: string) => string): string {
  return PARTS[name].map((file) => `${read(file).trimEnd()}\n`).join('\n');
}

/** The parts that a text lacks of the script that it should be: each part's head names its file, `# cycle.sh: …`. */
export function missingParts(name: ScriptName, text: string): string[] {
  return PARTS[name].filter((file) => !text.includes(`\n# ${file}: `));
}
