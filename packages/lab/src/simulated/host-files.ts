import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DaemonService } from './daemon-service.ts';

/** What the served files name for the drift of a clock whose frequency is learnt, and what the kernel counts by. */
const CLOCK_FILES = [
  ['var/lib/ntp/ntp.drift', '0.000\n'],
  ['var/lib/ntpsec/ntp.drift', '0.000\n'],
  ['var/lib/chrony/chrony.drift', '            0.000000             0.050000\n'],
  ['sys/devices/system/clocksource/clocksource0/current_clocksource', 'tsc\n'],
] as const;

/**
 * The tree of files that a fresh installation has.
 *
 * @param units the host's own daemon first
 * @param config put in place of that daemon's file; undefined: it has none yet
 */
export function installFiles(root: string, units: readonly DaemonService[], config: string | undefined): void {
  for (const folder of ['etc', 'run', 'usr/sbin', 'var/lib', 'tmp']) mkdirSync(join(root, folder), { recursive: true });
  const [own] = units;
  for (const unit of units) {
    mkdirSync(dirname(unit.configPath), { recursive: true });
    writeFileSync(join(root, 'usr/sbin', unit.program), '', { mode: 0o755 });
    if (unit !== own) writeFileSync(unit.configPath, 'server 169.254.169.123 iburst\n');
  }
  if (config !== undefined && own !== undefined) writeFileSync(own.configPath, config);
  for (const [path, text] of CLOCK_FILES) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
