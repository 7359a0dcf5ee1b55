import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Debian's; elsewhere whoever tests says where. */
const PROGRAMS = [process.env.CHROMIUM, '/usr/bin/chromium'];

/** Why pages cannot be looked at in a browser here, or null. */
export function whyNoBrowser(): string | null {
  return programOf() === null ? 'no chromium here: scripts/install-test-tools.sh, or CHROMIUM' : null;
}

function programOf(): string | null {
  return PROGRAMS.find((program) => program !== undefined && existsSync(program)) ?? null;
}

/** It ends with this process, as its pipe does. root has no sandbox in Chromium. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = programOf() ?? '';
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
