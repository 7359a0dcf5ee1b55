import type { ChronyDaemon } from '../chrony/daemon.ts';
import type { NtpDaemon } from '../ntpd/daemon.ts';
import type { Replay } from '../replay.ts';
import type { Resolver } from '../resolver.ts';
import type { ToolReply } from '../shell.ts';
import { type ChronyVersion, chronyVersionTexts, NTP_VERSIONS } from '../versions.ts';
import { chronyc } from './chronyc.ts';
import { ntpq } from './ntpq.ts';
import { failed, printed } from './reply.ts';
import { date, getent, processIds, service, sleep, systemctl, type Unit } from './system-tools.ts';

/** What the tools of one host can see. */
export interface ToolsHost {
  id: string;
  units: readonly Unit[];
  resolver: Resolver;
  hangs: boolean;
  replay: Replay;
  nowMs: number;
  /** null: not installed. */
  ntp: { kind: 'ntpd' | 'ntpsec'; daemon: NtpDaemon | null } | null;
  chrony: { version: ChronyVersion; daemon: ChronyDaemon | null } | null;
}

/** The answer of a shim. */
export function answerTool(host: ToolsHost, tool: string, args: readonly string[]): ToolReply {
  switch (tool) {
    case 'ntpq':
      return host.ntp === null ? notFound(tool) : ntpq({ ...host, ...host.ntp }, args);
    case 'chronyc':
      return host.chrony === null ? notFound(tool) : chronyc({ ...host, ...host.chrony }, args);
    case 'ntpd':
      return host.ntp === null ? notFound(tool) : version(args, NTP_VERSIONS[host.ntp.kind].full);
    case 'chronyd':
      if (host.chrony === null) return notFound(tool);
      // `-p -f FILE` checks a file: it takes what podtime serves
      return args[0] === '-p' ? printed('') : version(args, chronyVersionTexts(host.chrony.version).full);
    case 'service':
      return service(host.units, args);
    case 'systemctl':
      return systemctl(host.units, args);
    case 'getent':
      return getent(host.resolver, args);
    case 'pidof':
    case 'pgrep':
      return processIds(host.units, args);
    case 'date':
      return date(host.nowMs, args);
    case 'sleep':
      return sleep(args);
    case 'hostname':
      return printed(`${host.id}\n`);
    default:
      return notFound(tool);
  }
}

/** A daemon started by hand would need more than its name: only its version is told. */
function version(args: readonly string[], text: string): ToolReply {
  const asks = args.some((word) => ['--version', '-v', '-V', '-!'].includes(word));
  return asks ? printed(`${text}\n`) : failed(1, { stderr: 'the simulated daemon is started by its service\n' });
}

function notFound(tool: string): ToolReply {
  return failed(127, { stderr: `${tool}: command not found\n` });
}
