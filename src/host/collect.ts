import { canonicalAddress } from '../fleet/addresses.ts';
import { isHostile, NOT_AS_IT_CAME } from '../fleet/printable.ts';
import { readChronySources, readChronyTracking } from '../ntp/chrony.ts';
import { Faults } from '../ntp/faults.ts';
import { linesOf } from '../ntp/lines.ts';
import { readNtpCtlSources, readNtpCtlSystem } from '../ntp/ntpd-rs.ts';
import { readPeers } from '../ntp/ntpq-peers.ts';
import { readVariables } from '../ntp/ntpq-variables.ts';
import { whole } from '../ntp/numbers.ts';
import type { Source, SystemState } from '../ntp/source.ts';
import { readTimesync, type Timesync } from '../ntp/timesync.ts';
import { authenticationOf, certificatesOf } from './collect-authentication.ts';
import { clockDetailsOf } from './collect-clock.ts';
import { leapFileOf } from './collect-leap-file.ts';
import { argumentOf, type HeadLine, type Parts, partsOf, type Section } from './collect-parts.ts';
import { type Collected, isUnreadDaemon, type RunningDaemon, UNREAD_DAEMONS } from './collected.ts';

const KINDS = new Map<string, RunningDaemon>([
  ['ntpd', 'ntpd'],
  ['ntpsec', 'ntpsec'],
  ['chrony', 'chrony'],
  ['chronyd', 'chrony'],
  ['ntpd-rs', 'ntpd-rs'],
  ['systemd-timesyncd', 'systemd-timesyncd'],
  ...UNREAD_DAEMONS.map((kind): [string, RunningDaemon] => [kind, kind]),
]);

/** No daemon is older than NTP's own era of 136 years. */
const OLDEST_SECONDS = 2 ** 32;

/** Far above any version of a daemon. */
const VERSION_LIMIT = 64;

/** Far above the names and addresses that 2,400 bytes of output can hold. */
const LIST_LIMIT = 500;

/**
 * Reads what the `collect` document printed. null: the text is not that (no `podtime-collect 1` with a `found` line
 * that names a daemon or `none`), so nothing is known of the host; in particular not that it runs no daemon.
 *
 * A text without `end` was cut (SSM's agent cuts at 2,400 bytes): a line broken off by the cut is lost, the others
 * count. Bad lines and fields are faults; never throws.
 */
export function parseCollected(text: string): Collected | null {
  const faults = new Faults();
  const parts = partsOf(text, faults);
  const found = parts?.head.get('found');
  if (parts === null || found === undefined) return null;
  const [kindName = '', printedVersion] = found.words;
  const kind = KINDS.get(kindName);
  if (kind === undefined && kindName !== 'none') return null;
  const timesync = timesyncOf(parts, faults);
  const system = timesync?.system ?? (parts.system === null ? null : systemOf(parts.system, faults));
  const ageSeconds = secondsOf(parts.head.get('age'), 'ageSeconds', faults);
  const version =
    printedVersion === undefined || printedVersion === '-'
      ? null
      : faults.shown(found.number, 'version', printedVersion.slice(0, VERSION_LIMIT));
  const daemon = kind === undefined ? null : { kind, version };
  const domain = domainOf(parts.head.get('domain'), faults);
  const sources =
    daemon === null ? [] : inDomain(timesync?.sources ?? sourcesOf(parts, daemon, system, faults), domain);
  const authentication = authenticationOf(parts, faults);
  const certificates = certificatesOf(parts, faults);
  const leapFile = leapFileOf(parts, faults);
  const foundText = faults.shown(found.number, 'found', argumentOf(found));
  const otherDaemons = othersOf(parts.also, faults);
  const cycledSecondsAgo = secondsOf(parts.head.get('cycled'), 'cycledSecondsAgo', faults);
  const configRevision = revisionOf(parts.head.get('revision'), faults);
  const configNames = namesOf(parts.head.get('names'), domain, faults);
  const configAddresses = withLeftOut(literalsOf(parts.head.get('literals'), faults), parts, sources);
  const clockDetails = clockDetailsOf(parts, kind, faults);
  tellHostileText(text, faults);
  return {
    daemon,
    otherDaemons,
    found: foundText,
    ageSeconds: ageSeconds ?? system?.uptimeSeconds ?? null,
    cycledSecondsAgo,
    configRevision,
    configNames,
    configAddresses,
    sources,
    system,
    truncated: parts.truncated,
    faults: faults.all(),
    // last, as not every answer has the rest: what comes before them is made at once
    ...clockDetails,
    ...(authentication === null ? {} : { authentication }),
    ...(certificates.length === 0 ? {} : { certificates }),
    ...(leapFile === null ? {} : { leapFile }),
  };
}

/** Also where it stands in nothing that is read. */
function tellHostileText(text: string, faults: Faults): void {
  if (!isHostile(text) || faults.tellsHostileText) return;
  const line = linesOf(text).find((each) => isHostile(each.text));
  faults.add(line?.number ?? 1, 'text', line?.text ?? '', NOT_AS_IT_CAME);
}

/** systemd-timesyncd tells of its one server in what it tells of itself. null: it is another daemon, or none. */
function timesyncOf({ system }: Parts, faults: Faults): Timesync | null {
  return system?.tool === 'busctl' ? readTimesync(system.lines, faults) : null;
}

function systemOf(section: Section, faults: Faults): SystemState | null {
  if (section.lines.length === 0 || section.tool === 'busctl') return null;
  const state = readSystem(section, faults);
  return Object.values(state).every((value) => value === null) ? null : state;
}

function readSystem({ tool, lines }: Section, faults: Faults): SystemState {
  switch (tool) {
    case 'ntpq':
      return readVariables(lines, faults);
    case 'ntp-ctl':
      return readNtpCtlSystem(lines, faults);
    default:
      return readChronyTracking(lines, faults);
  }
}

type Daemon = NonNullable<Collected['daemon']>;

/** A section that is missing or empty is a fault, unless `trouble` or the cut has said why already. */
function sourcesOf(parts: Parts, daemon: Daemon, system: SystemState | null, faults: Faults): Source[] {
  const section = parts.sources;
  const isExplained = parts.truncated || parts.head.has('trouble') || isUnreadDaemon(daemon.kind);
  if (section === null) {
    if (!isExplained) faults.add(1, null, '', 'the collect document printed no sources');
    return [];
  }
  // chronyc answered (else there is trouble): without sources it prints nothing, while ntpq says "No association".
  if (section.tool === 'chronyc') {
    if (section.lines.length === 0) return [];
    return readChronySources(section.lines, { clockOffsetMs: system?.offsetMs ?? null }, faults);
  }
  if (section.tool === 'ntp-ctl') return readNtpCtlSources(section.lines, faults);
  if (section.lines.length === 0) {
    if (!isExplained)
      faults.add(section.opening.number, null, section.opening.text, 'nothing follows: ntpq told no source');
    return [];
  }
  return readPeers(section.lines, { wide: printsWide(daemon) }, faults);
}

/** The document asks `ntpq -pnw`, and `-pn` where there is no `-w`: before 4.2.8 of classic ntpd. */
function printsWide({ kind, version }: Daemon): boolean {
  if (kind === 'ntpsec') return true;
  const parts = /^(\d{1,4})\.(\d{1,4})\.(\d{1,4})/
    .exec(version ?? '')
    ?.slice(1)
    .map(Number);
  if (parts === undefined) return false;
  const [major = 0, minor = 0, point = 0] = parts;
  return major * 1e8 + minor * 1e4 + point >= 400020008;
}

function secondsOf(line: HeadLine | undefined, field: string, faults: Faults): number | null {
  if (line === undefined) return null;
  const text = argumentOf(line);
  if (text === '-') return null;
  const seconds = whole(text, 0, OLDEST_SECONDS);
  if (typeof seconds === 'number') return seconds;
  faults.add(line.number, field, text, seconds);
  return null;
}

/** The revision is the hash in the head of a rendered file. */
function revisionOf(line: HeadLine | undefined, faults: Faults): string | null {
  if (line === undefined) return null;
  const text = argumentOf(line);
  if (text === '-') return null;
  if (REVISION.test(text)) return text;
  faults.add(line.number, 'configRevision', text, 'not a revision, 8 to 64 hex digits');
  return null;
}

const REVISION = /^[0-9a-f]{8,64}$/;

function othersOf(lines: HeadLine[], faults: Faults): RunningDaemon[] {
  const kinds: RunningDaemon[] = [];
  for (const line of lines) {
    for (const word of line.words) {
      const kind = KINDS.get(word);
      if (kind === undefined) faults.add(line.number, 'otherDaemons', word, 'not a daemon podtime knows');
      else if (!kinds.includes(kind)) kinds.push(kind);
    }
  }
  return kinds;
}

/** The words of a list line, as many as a daemon's file can sensibly name. */
function listOf(line: HeadLine | undefined, field: string, faults: Faults): { word: string; line: number }[] {
  if (line === undefined) return [];
  const { words } = line;
  if (words.length > LIST_LIMIT) {
    faults.add(line.number, field, line.text, `${words.length} words, of which only the first ${LIST_LIMIT} are read`);
  }
  return words.slice(0, LIST_LIMIT).map((word) => ({ word, line: line.number }));
}

/** What stands behind each name of a shortened answer: `ntp.az-b.~`. */
function domainOf(line: HeadLine | undefined, faults: Faults): string | null {
  if (line === undefined) return null;
  const domain = argumentOf(line).toLowerCase();
  if (NAME.test(domain)) return domain;
  faults.add(line.number, 'configNames', domain, 'not a domain');
  return null;
}

const NAME = /^[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?$/;

function expanded(name: string, domain: string | null): string {
  return domain !== null && name.endsWith('.~') ? `${name.slice(0, -1)}${domain}` : name;
}

function inDomain(sources: Source[], domain: string | null): Source[] {
  if (domain === null) return sources;
  return sources.map((source) => ({ ...source, remote: expanded(source.remote, domain) }));
}

/** Whichever it polls may be one of those left out. */
function withLeftOut(literals: string[], { literalsLeftOut }: Parts, sources: readonly Source[]): string[] {
  if (!literalsLeftOut) return literals;
  const polled = sources.flatMap(({ address }) => (address === null ? [] : [address]));
  return [...new Set([...literals, ...polled])];
}

function namesOf(listed: HeadLine | undefined, domain: string | null, faults: Faults): string[] {
  const names = new Set<string>();
  for (const { word, line } of listOf(listed, 'configNames', faults)) {
    const name = expanded((word.endsWith('.') ? word.slice(0, -1) : word).toLowerCase(), domain);
    if (NAME.test(name)) names.add(name);
    else faults.add(line, 'configNames', word, 'not a name of a host');
  }
  return [...names];
}

function literalsOf(listed: HeadLine | undefined, faults: Faults): string[] {
  const addresses = new Set<string>();
  for (const { word, line } of listOf(listed, 'configAddresses', faults)) {
    const address = canonicalAddress(word);
    if (address !== null) addresses.add(address);
    else faults.add(line, 'configAddresses', word, 'not an address');
  }
  return [...addresses];
}
