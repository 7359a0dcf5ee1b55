import { sourcesTable, tracking } from '../chrony/columns.ts';
import type { ChronyDaemon } from '../chrony/daemon.ts';
import type { Replay } from '../replay.ts';
import type { ToolReply } from '../shell.ts';
import { type ChronyVersion, chronyVersionTexts } from '../versions.ts';
import { failed, printed } from './reply.ts';

export interface ChronycHost {
  version: ChronyVersion;
  /** null: no daemon runs. */
  daemon: ChronyDaemon | null;
  /** The daemon runs but answers nothing. */
  hangs: boolean;
  replay: Replay;
  nowMs: number;
}

/** chronyc gives up after a second, two and four (chronyc(1), three tries). */
const TIMEOUT_MS = 7000;
const OK = '200 OK\n';

/** chronyc of root, that is over the Unix socket unless -h names an address. */
export function chronyc(host: ChronycHost, args: readonly string[]): ToolReply {
  const words: string[] = [];
  let commas = false;
  let numeric = false;
  let overUdp = false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === '-v' || word === '--version') return printed(`${chronyVersionTexts(host.version).chronyc}\n`);
    if (word === '-h') overUdp = !(args[++at] ?? '').startsWith('/');
    else if (/^-[a-zN46]+$/.test(word) && words.length === 0) {
      commas ||= word.includes('c');
      numeric ||= word.includes('n') || word.includes('c');
    } else words.push(word);
  }
  return runCommand(host, words, { commas, numeric, overUdp });
}

function runCommand(
  host: ChronycHost,
  [command = '', ...rest]: string[],
  options: { commas: boolean; numeric: boolean; overUdp: boolean },
): ToolReply {
  const replay = command === 'sources' ? host.replay.peers : command === 'tracking' ? host.replay.tracking : null;
  if (replay !== null) return replay;
  const { daemon, nowMs } = host;
  if (daemon === null) return failed(1, { stdout: '506 Cannot talk to daemon\n' });
  if (host.hangs) return failed(1, { stdout: '506 Cannot talk to daemon\n' }, TIMEOUT_MS);
  switch (command) {
    case 'sources':
      return printed(sourcesTable(daemon, nowMs, options));
    case 'tracking':
      return printed(tracking(daemon, nowMs, options.commas));
    case 'serverstats':
      if (options.overUdp) return failed(1, { stdout: '501 Not authorised\n' });
      return printed(serverStatistics(daemon, options.commas));
    case 'activity':
      return printed(activity(daemon));
    case 'refresh':
    case 'burst':
    case 'online':
    case 'makestep':
      if (options.overUdp) return failed(1, { stdout: '501 Not authorised\n' });
      return control(daemon, command, rest);
    default:
      return failed(1, { stderr: 'Unrecognized command\n' });
  }
}

function control(daemon: ChronyDaemon, command: string, [argument = '']: string[]): ToolReply {
  if (command === 'refresh') daemon.refresh();
  if (command === 'burst') {
    const [good, packets] = argument.split('/').map(Number);
    if (good === undefined || packets === undefined || !(good > 0) || !(packets >= good)) {
      return failed(1, { stderr: 'Invalid syntax for burst command\n' });
    }
    daemon.burst(good, packets);
  }
  return printed(OK);
}

/** As chronyc 4.3 tells them: clients' packets and those dropped first. */
function serverStatistics({ requests }: ChronyDaemon, commas: boolean): string {
  const counts = [requests, ...Array<number>(10).fill(0)];
  return commas
    ? `${counts.join(',')}\n`
    : `NTP packets received       : ${requests}\nNTP packets dropped        : 0\n`;
}

function activity({ sources }: ChronyDaemon): string {
  const unknown = sources.filter(({ address }) => address === null).length;
  const bursting = sources.filter(({ burst }) => burst !== null).length;
  return [
    '200 OK',
    `${sources.length - unknown - bursting} sources online`,
    '0 sources offline',
    `${bursting} sources doing burst (return to online)`,
    '0 sources doing burst (return to offline)',
    `${unknown} sources with unknown address`,
    '',
  ].join('\n');
}
