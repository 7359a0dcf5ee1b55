import { noAssociations, peersTable } from '../ntpd/columns.ts';
import type { NtpDaemon } from '../ntpd/daemon.ts';
import { systemVariables } from '../ntpd/variables.ts';
import type { Replay } from '../replay.ts';
import type { ToolReply } from '../shell.ts';
import { NTP_VERSIONS } from '../versions.ts';
import { failed, printed } from './reply.ts';

/** ntpq gives up on a daemon that does not answer after about so long (seen on real daemons). */
const TIMEOUT_MS = 10_000;

export interface NtpqHost {
  kind: 'ntpd' | 'ntpsec';
  /** null: no daemon runs. */
  daemon: NtpDaemon | null;
  /** The daemon runs but answers nothing. */
  hangs: boolean;
  replay: Replay;
  nowMs: number;
}

/** Every failure of ntpq exits 0, with an empty stdout and the reason on stderr (seen on real daemons). */
export function ntpq(host: NtpqHost, args: readonly string[]): ToolReply {
  const asked = readArguments(args);
  if (asked.version) return printed(`${NTP_VERSIONS[host.kind].ntpq}\n`);
  if (asked.foreign !== null) return noAnswer(asked.foreign, host.kind);
  const replies = asked.commands.map((command) => runCommand(host, command, asked));
  const join = (of: (reply: ToolReply) => string) => replies.map(of).join('');
  return {
    exitCode: 0,
    stdout: join(({ stdout }) => stdout),
    stderr: join(({ stderr }) => stderr),
    waitMs: replies.reduce((sum, { waitMs }) => sum + waitMs, 0),
  };
}

interface Asked {
  commands: string[];
  numeric: boolean;
  wide: boolean;
  version: boolean;
  /** Another host than this one. */
  foreign: string | null;
}

function readArguments(args: readonly string[]): Asked {
  const asked: Asked = { commands: [], numeric: false, wide: false, version: false, foreign: null };
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === '--version' || word === '-V') asked.version = true;
    else if (word === '--peers') asked.commands.push('peers');
    else if (word === '--numeric') asked.numeric = true;
    else if (word === '--wide') asked.wide = true;
    else if (word.startsWith('-')) {
      for (const [index, letter] of [...word.slice(1)].entries()) {
        if (letter === 'p') asked.commands.push('peers');
        if (letter === 'n') asked.numeric = true;
        if (letter === 'w') asked.wide = true;
        if (letter === 'c') {
          asked.commands.push(word.slice(index + 2) || (args[++at] ?? ''));
          break;
        }
      }
    } else if (!['localhost', '127.0.0.1', '::1'].includes(word)) asked.foreign = word;
  }
  return asked;
}

function runCommand(host: NtpqHost, command: string, options: Asked): ToolReply {
  const [word = '', associd = '0', ...rest] = command.trim().split(/[\s,]+/);
  const isPeers = ['peers', 'pe', 'lpeers', 'opeers'].includes(word);
  const isVariables = ['rv', 'readvar', 'readlist', 'rl'].includes(word);
  const replay = isPeers ? host.replay.peers : isVariables ? host.replay.variables(rest) : null;
  if (replay !== null) return replay;
  if (!isPeers && !isVariables) return failed(0, { stderr: `***Command \`${word}' unknown\n` });
  const { daemon, kind } = host;
  if (daemon === null) {
    const refused =
      kind === 'ntpd' ? 'ntpq: read: Connection refused\n' : '***Socket error; probably ntpd is not running\n\n';
    return failed(0, { stderr: refused });
  }
  if (host.hangs) return noAnswer('localhost', kind);
  if (isPeers) return printed(peersTable(daemon, host.nowMs, options));
  if (associd !== '0') return printed(noAssociations(kind));
  const text = systemVariables(daemon, host.nowMs, rest.filter(Boolean));
  if (text !== null) return printed(text);
  const unknown =
    kind === 'ntpd' ? '***Server reports a request for an unknown variable\n' : '***Server error code UNKNOWNVAR\n';
  return failed(0, { stderr: unknown });
}

function noAnswer(address: string, kind: NtpqHost['kind']): ToolReply {
  const first = kind === 'ntpd' ? `${address}: timed out, nothing received\n` : '';
  return failed(0, { stderr: `${first}***Request timed out\n` }, TIMEOUT_MS);
}
