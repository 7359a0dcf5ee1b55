import type { Pod } from '../fleet/fleet.ts';
import type { DaemonKind, RunningDaemon } from '../host/collected.ts';
import { bootScript } from './boot.ts';
import { chronyClasses, chronyConf } from './chrony.ts';
import { classicConf, ntpsecConf } from './ntpd.ts';
import { ntpdRsToml, whyNoNtpdRs } from './ntpd-rs.ts';
import type { Rendered } from './seal.ts';
import type { Target } from './target.ts';
import { classOf, UNTOLD_VERSION, type Version } from './versions.ts';

interface Renderer {
  render: (target: Target, version: Version) => Rendered;
  /** Versions from which a pod's file is another, ascending: the first ones that know a line that is fatal to older ones. */
  steps: (pod: Pod) => readonly Version[];
  /** Why a target has no such file, a sentence; null where it has one. */
  whyNone?: (target: Target) => string | null;
}

/** Of a file that is one for all versions. */
const ONE = () => [];

const RENDERERS = {
  'ntp.conf': { render: classicConf, steps: ONE },
  'ntpsec.conf': { render: ntpsecConf, steps: ONE },
  'chrony.conf': { render: chronyConf, steps: chronyClasses },
  'ntpd-rs.toml': { render: ntpdRsToml, steps: ONE, whyNone: whyNoNtpdRs },
} satisfies Record<string, Renderer>;

/** A daemon's configuration. */
export type ConfigFile = keyof typeof RENDERERS;

/** The files a host of a pod, tier and AZ may fetch. */
export const FILES = ['ntp.conf', 'ntpsec.conf', 'chrony.conf', 'ntpd-rs.toml', 'boot.sh'] as const;

export type ServedFile = (typeof FILES)[number];

/** The class of versions whose file in a pod is the same as this version's: its least version. Decision 0087. */
export function versionClass(file: ServedFile, pod: Pod, version: Version): Version {
  return file === 'boot.sh' ? UNTOLD_VERSION : classOf(version, stepsOf(file, pod));
}

/** The versions from which a daemon's file in a pod is another one. */
export function stepsOf(file: ConfigFile, pod: Pod): readonly Version[] {
  return RENDERERS[file].steps(pod);
}

/** Why a target has no such file, though it is one of `FILES`: what its daemon lacks, a sentence. null where there is one. */
export function whyNoFile(file: ServedFile, target: Target): string | null {
  return file === 'boot.sh' ? null : (rendererOf(file).whyNone?.(target) ?? null);
}

function rendererOf(file: ConfigFile): Renderer {
  return RENDERERS[file];
}

/**
 * Renders a configuration for a daemon of this version. The same fleet gives the same bytes, always: no time, no place and no caller
 * goes into it, and of the version only its class. Throws where `whyNoFile` says why there is none.
 */
export function render(file: ConfigFile, target: Target, version: Version = UNTOLD_VERSION): Rendered {
  return RENDERERS[file].render(target, versionClass(file, target.pod, version));
}

/** Renders any file; `bootText` is the script of boot.sh. */
export function renderServed(
  file: ServedFile,
  target: Target,
  bootText: string,
  version: Version = UNTOLD_VERSION,
): Rendered {
  return file === 'boot.sh' ? bootScript(target, bootText) : render(file, target, version);
}

/** Daemons that podtime has files for. */
export type ServedDaemon = DaemonKind | 'ntpd-rs';

/** The file by which each daemon is configured. */
export const FILE_OF: Readonly<Record<ServedDaemon, ConfigFile>> = {
  ntpd: 'ntp.conf',
  ntpsec: 'ntpsec.conf',
  chrony: 'chrony.conf',
  'ntpd-rs': 'ntpd-rs.toml',
};

export function isServed(daemon: RunningDaemon): daemon is ServedDaemon {
  return Object.hasOwn(FILE_OF, daemon);
}
