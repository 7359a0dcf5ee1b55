import type { DaemonKind, RunningDaemon } from '../host/collected.ts';
import { bootScript } from './boot.ts';
import { chronyConf } from './chrony.ts';
import { classicConf, ntpsecConf } from './ntpd.ts';
import type { Rendered } from './seal.ts';
import type { Target } from './target.ts';

const RENDERERS = {
  'ntp.conf': classicConf,
  'ntpsec.conf': ntpsecConf,
  'chrony.conf': chronyConf,
} satisfies Record<string, (target: Target) => Rendered>;

/** A daemon's configuration. */
export type ConfigFile = keyof typeof RENDERERS;

/** The files a host of a pod, tier and AZ may fetch. */
export const FILES = ['ntp.conf', 'ntpsec.conf', 'chrony.conf', 'boot.sh'] as const;

export type ServedFile = (typeof FILES)[number];

/** Renders a configuration. The same fleet gives the same bytes, always: no time, no place and no caller goes into it. */
export function render(file: ConfigFile, target: Target): Rendered {
  return RENDERERS[file](target);
}

/** Renders any file; `bootText` is the script of boot.sh. */
export function renderServed(file: ServedFile, target: Target, bootText: string): Rendered {
  return file === 'boot.sh' ? bootScript(target, bootText) : render(file, target);
}

/** The file by which each daemon is configured. */
export const FILE_OF: Readonly<Record<DaemonKind, ConfigFile>> = {
  ntpd: 'ntp.conf',
  ntpsec: 'ntpsec.conf',
  chrony: 'chrony.conf',
};

export function isServed(daemon: RunningDaemon): daemon is DaemonKind {
  return Object.hasOwn(FILE_OF, daemon);
}
