import type { DaemonKind } from './host-spec.ts';
import type { ToolReply } from './shell.ts';
import { failed, printed } from './tools/reply.ts';

/** What a host answers instead of the truth: captured outputs, until it is mended. */
export interface Replay {
  /** `ntpq -p` or `chronyc sources`. */
  peers: ToolReply | null;
  /** `chronyc tracking`. */
  tracking: ToolReply | null;
  /** `ntpq -c "rv 0 NAMES"`; null: not replayed. */
  variables(names: readonly string[]): ToolReply | null;
}

export type ReplayedOutput = 'ntpq -p' | 'ntpq -c rv' | 'chronyc sources' | 'chronyc tracking' | 'failure';

export const NO_REPLAY: Replay = { peers: null, tracking: null, variables: () => null };

/** Which tool printed this; null when it is no output of theirs. */
export function replayedOutput(text: string): ReplayedOutput | null {
  if (/^ +remote +refid /m.test(text) || /No association ID/.test(text)) return 'ntpq -p';
  if (/^(associd=\d|leap=\d\d,)/m.test(text)) return 'ntpq -c rv';
  if (/^MS Name\/IP address/m.test(text) || /^[\^=#],[*+\-x~?],/.test(text)) return 'chronyc sources';
  if (/^Reference ID +:/m.test(text) || /^[0-9A-F]{8},[^,]*,\d+,/.test(text)) return 'chronyc tracking';
  if (/506 Cannot talk|Connection refused|Socket error|timed out/.test(text)) return 'failure';
  return null;
}

/**
 * Adds a captured output to what is replayed. Sources alone imply a system state (`rv`, `tracking`) that fits them, so that
 * one file is enough to see how a host is judged; a capture of that state takes its place.
 * @throws RangeError when the text is no output of this daemon's tools.
 */
export function play(before: Replay, daemon: DaemonKind, text: string): Replay {
  const kind = replayedOutput(text);
  const tool = daemon === 'chrony' ? 'chronyc' : 'ntpq';
  if (kind === null) throw new RangeError('The text is no output of ntpq or chronyc');
  if (kind === 'failure') return playFailure(daemon, text);
  if (!kind.startsWith(tool)) throw new RangeError(`The text is an output of ${kind}, but the host runs ${daemon}`);
  const reply = printed(text);
  if (kind === 'ntpq -c rv') return { ...before, variables: (names) => printed(selectVariables(text, names)) };
  if (kind === 'chronyc tracking') return { ...before, tracking: reply };
  if (kind === 'chronyc sources')
    return { ...before, peers: reply, tracking: before.tracking ?? printed(impliedTracking(text)) };
  const implied = impliedVariables(text, daemon);
  const replay = before.peers === null && before.variables([]) === null;
  return {
    ...before,
    peers: reply,
    variables: replay ? (names) => printed(selectVariables(implied, names)) : before.variables,
  };
}

function playFailure(daemon: DaemonKind, text: string): Replay {
  const reply = daemon === 'chrony' ? failed(1, { stdout: text }) : failed(0, { stderr: text });
  return { peers: reply, tracking: reply, variables: () => reply };
}

/** All of the text, or of its variables only those named. */
function selectVariables(text: string, names: readonly string[]): string {
  if (names.length === 0) return text;
  const items = text.trim().split(/,\s+(?=\w+=)/);
  const found = items.filter((item) => names.includes(item.slice(0, item.indexOf('='))));
  return `${found.join(', ')}\n`;
}

/** The system state of a daemon with these sources. */
function impliedVariables(text: string, daemon: DaemonKind): string {
  const peer = text.split('\n').find((line) => /^[*o]/.test(line));
  const version = daemon === 'ntpsec' ? 'ntpd ntpsec-1.2.2' : 'ntpd 4.2.8p6';
  const age = 'ss_uptime=1800, ss_reset=1800';
  if (peer === undefined) {
    return `leap=11, stratum=16, rootdelay=0.000, rootdisp=0.000, refid=INIT, offset=0.000000, frequency=0.000, sys_jitter=0.000000, version="${version}", ${age}\n`;
  }
  const [remote = '', , stratum = '2', , , , , delay = '0', offset = '0', jitter = '0'] = peer
    .slice(1)
    .trim()
    .split(/\s+/);
  return `leap=00, stratum=${Number(stratum) + 1}, rootdelay=${delay}, rootdisp=1.500, refid=${remote}, offset=${offset}, frequency=0.000, sys_jitter=${jitter}, version="${version}", ${age}\n`;
}

/** Of either form of `chronyc sources`. */
function impliedTracking(text: string): string {
  const peer = text.split('\n').find((line) => /^.,?\*/.test(line));
  if (peer === undefined) {
    return '00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n';
  }
  const [, , address = '', stratum = '2'] = peer.includes(',')
    ? peer.split(',')
    : ['', '', ...peer.slice(2).trim().split(/\s+/)];
  return `7F7F0101,${address},${Number(stratum) + 1},0.000000000,0.000000000,0.000000000,0.000001000,0.000,0.000,0.050,0.000100000,0.000500000,64.0,Normal\n`;
}
