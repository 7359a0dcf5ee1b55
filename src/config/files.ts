import { bootScript } from '../host/boot.ts';
import type { DaemonKind } from '../host/collected.ts';
import { chronyConf } from './chrony.ts';
import { classicConf, ntpsecConf } from './ntpd.ts';
import type { Rendered } from './seal.ts';
import type { Target } from './target.ts';

/** The files a host of a pod, tier and AZ may fetch. */
export const FILES = ['ntp.conf', 'ntpsec.conf', 'chrony.conf', 'boot.sh'] as const;

export type ConfigFile = (typeof FILES)[number];

const RENDERERS: Record<ConfigFile, (target: Target) => Rendered> = {
  'ntp.conf': classicConf,
  'ntpsec.conf': ntpsecConf,
  'chrony.conf': chronyConf,
  'boot.sh': bootScript,
};

/** Renders a file. The same fleet gives the same bytes, always: no time, no place and no caller goes into it. */
export function render(file: ConfigFile, target: Target): Rendered {
  return RENDERERS[file](target);
}

/** The file by which each daemon is configured. */
export const FILE_OF: Readonly<Record<DaemonKind, ConfigFile>> = {
  ntpd: 'ntp.conf',
  ntpsec: 'ntpsec.conf',
  chrony: 'chrony.conf',
};
