import { canonicalAddress } from '../fleet/addresses.ts';
import { isHostile, NOT_AS_IT_CAME, printable } from '../fleet/printable.ts';
import { readChronySources, readChronyTracking } from '../ntp/chrony.ts';
import { Faults } from '../ntp/faults.ts';
import { type Line, linesOf, wordsOf } from '../ntp/lines.ts';
import { readPeers } from '../ntp/ntpq-peers.ts';
import { readVariables } from '../ntp/ntpq-variables.ts';
import { whole } from '../ntp/numbers.ts';
import type { Source, SystemState } from '../ntp/source.ts';
import type { Collected, DaemonKind } from './collected.ts';
import { untilCut } from './truncation.ts';

/** First line of the document's output; another number is another format. */
const HEAD = 'podtime-collect 1';

const KINDS = new Map<string, DaemonKind>([
  ['ntpd', 'ntpd'],
  ['ntpsec', 'ntpsec'],
  ['chrony', 'chrony'],
  ['chronyd', 'chrony'],
]);

/** No daemon is older than NTP's own era of 136 years. */
const OLDEST_SECONDS = 2 ** 32;

/** Far above any version of a daemon. */
const VERSION_LIMIT = 64;

/** Far above the names and addresses that 2,400 bytes of output can hold. */
const LIST_LIMIT = 500;

interface Section {
  tool: string;
  lines: Line[];
  /** The section's own line. */
  opening: Line;
}

/** The text in its parts, before any of them is judged. */
interface Parts {
  head: Map<string, Line>;
  also: Line[];
  system: Section | null;
  sources: Section | null;
  truncated: boolean;
  /** Not all addresses of the configuration are told. */
  literalsLeftOut: boolean;
}

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
  const [, kindName = '', printedVersion] = wordsOf(found.text);
  const kind = KINDS.get(kindName);
  if (kind === undefined && kindName !== 'none') return null;
  const system = parts.system === null ? null : systemOf(parts.system, faults);
  const ageSeconds = secondsOf(parts.head.get('age'), 'ageSeconds', faults);
  const version =
    printedVersion === undefined || printedVersion === '-'
      ? null
      : faults.shown(found.number, 'version', printedVersion.slice(0, VERSION_LIMIT));
  const daemon = kind === undefined ? null : { kind, version };
  const domain = domainOf(parts.head.get('domain'), faults);
  const sources = daemon === null ? [] : inDomain(sourcesOf(parts, daemon, system, faults), domain);
  const foundText = faults.shown(found.number, 'found', argumentOf(found));
  const read = {
    daemon,
    otherDaemons: othersOf(parts.also, faults),
    found: foundText,
    ageSeconds: ageSeconds ?? system?.uptimeSeconds ?? null,
    cycledSecondsAgo: secondsOf(parts.head.get('cycled'), 'cycledSecondsAgo', faults),
    configRevision: revisionOf(parts.head.get('revision'), faults),
    configNames: namesOf(parts.head.get('names'), domain, faults),
    configAddresses: withLeftOut(literalsOf(parts.head.get('literals'), faults), parts, sources),
    sources,
    system,
    truncated: parts.truncated,
  };
  tellHostileText(text, faults);
  return { ...read, faults: faults.all() };
}

/** Also where it stands in nothing that is read. */
function tellHostileText(text: string, faults: Faults): void {
  if (!isHostile(text) || faults.tellsHostileText) return;
  const line = linesOf(text).find((each) => isHostile(each.text));
  faults.add(line?.number ?? 1, 'text', line?.text ?? '', NOT_AS_IT_CAME);
}

const HEAD_WORDS = new Set(['found', 'age', 'cycled', 'revision', 'domain', 'names', 'literals', 'trouble']);

const OPENINGS = (['system', 'sources'] as const).flatMap((part) =>
  ['ntpq', 'chronyc'].map((tool) => ({ text: `${part} ${tool}`, part, tool })),
);

const LEFT_OUT = /^left-out (\d{1,6}) (rows|names|literals)$/;

function partsOf(text: string, faults: Faults): Parts | null {
  const { lines, truncated } = wholeLines(text, faults);
  if (lines[0]?.text.trimEnd() !== HEAD) return null;
  const parts: Parts = { head: new Map(), also: [], system: null, sources: null, truncated, literalsLeftOut: false };
  let section: Section | null = null;
  let ended = false;
  for (const line of lines.slice(1)) {
    if (ended) {
      faults.add(line.number, null, line.text, 'stands behind the end');
      break;
    }
    const text = line.text.trimEnd();
    const opened = OPENINGS.find((opening) => opening.text === text);
    const leftOut = text.startsWith('left-out') ? LEFT_OUT.exec(text) : null;
    if (text === 'end') ended = true;
    else if (leftOut !== null) tellLeftOut(line, leftOut[1] ?? '', leftOut[2] ?? '', parts, faults);
    else if (opened !== undefined) {
      section = { tool: opened.tool, lines: [], opening: line };
      parts[opened.part] ??= section;
    } else if (section !== null) section.lines.push(line);
    else readHead(line, parts, faults);
  }
  const trouble = parts.head.get('trouble');
  if (trouble !== undefined)
    faults.add(
      trouble.number,
      null,
      argumentOf(trouble),
      `the query tool failed: ${printable(argumentOf(trouble), 80).text}`,
    );
  return parts;
}

function readHead(line: Line, parts: Parts, faults: Faults): void {
  const [word = ''] = wordsOf(line.text.slice(0, 80));
  if (word === 'also') parts.also.push(line);
  else if (!HEAD_WORDS.has(word)) faults.add(line.number, null, line.text, 'not a line of the collect document');
  else if (parts.head.has(word)) faults.add(line.number, null, line.text, `a second ${word} line`);
  else parts.head.set(word, line);
}

/** A row that was left out could have been any, as one that was lost; a name or an address costs no row. */
function tellLeftOut(line: Line, number: string, what: string, parts: Parts, faults: Faults): void {
  const field = what === 'rows' ? null : what === 'names' ? 'configNames' : 'configAddresses';
  faults.add(line.number, field, line.text, `${number} ${what} were left out, as SSM keeps 2,400 bytes`);
  if (what === 'literals') parts.literalsLeftOut = true;
}

/**
 * The lines up to the cut, if there is one. The agent's mark starts a line whether or not it cut within one, so the
 * last line counts only when its own line feed is there too.
 */
function wholeLines(text: string, faults: Faults): { lines: Line[]; truncated: boolean } {
  const body = untilCut(text).text;
  const lines = linesOf(body);
  // it is the last of an answer that is whole
  const truncated = lines.findLast((line) => line.text.trimEnd() === 'end') === undefined;
  const broken = truncated && !body.endsWith('\n') ? lines.pop() : undefined;
  if (broken !== undefined)
    faults.add(broken.number, null, broken.text, 'the output was cut within or behind this line');
  else if (truncated) faults.add(lines[lines.length - 1]?.number ?? 1, null, '', 'the output was cut behind this line');
  return { lines, truncated };
}

function systemOf(section: Section, faults: Faults): SystemState | null {
  if (section.lines.length === 0) return null;
  const state =
    section.tool === 'ntpq' ? readVariables(section.lines, faults) : readChronyTracking(section.lines, faults);
  return Object.values(state).every((value) => value === null) ? null : state;
}

type Daemon = NonNullable<Collected['daemon']>;

/** A section that is missing or empty is a fault, unless `trouble` or the cut has said why already. */
function sourcesOf(parts: Parts, daemon: Daemon, system: SystemState | null, faults: Faults): Source[] {
  const section = parts.sources;
  const isExplained = parts.truncated || parts.head.has('trouble');
  if (section === null) {
    if (!isExplained) faults.add(1, null, '', 'the collect document printed no sources');
    return [];
  }
  // chronyc answered (else there is trouble): without sources it prints nothing, while ntpq says "No association".
  if (section.tool === 'chronyc') {
    if (section.lines.length === 0) return [];
    return readChronySources(section.lines, { clockOffsetMs: system?.offsetMs ?? null }, faults);
  }
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

function argumentOf(line: Line): string {
  return wordsOf(line.text).slice(1).join(' ');
}

function secondsOf(line: Line | undefined, field: string, faults: Faults): number | null {
  if (line === undefined) return null;
  const text = argumentOf(line);
  if (text === '-') return null;
  const seconds = whole(text, 0, OLDEST_SECONDS);
  if (typeof seconds === 'number') return seconds;
  faults.add(line.number, field, text, seconds);
  return null;
}

/** The revision is the hash in the head of a rendered file. */
function revisionOf(line: Line | undefined, faults: Faults): string | null {
  if (line === undefined) return null;
  const text = argumentOf(line);
  if (text === '-') return null;
  if (/^[0-9a-f]{8,64}$/.test(text)) return text;
  faults.add(line.number, 'configRevision', text, 'not a revision, 8 to 64 hex digits');
  return null;
}

function othersOf(lines: Line[], faults: Faults): DaemonKind[] {
  const kinds: DaemonKind[] = [];
  for (const line of lines) {
    for (const word of wordsOf(line.text).slice(1)) {
      const kind = KINDS.get(word);
      if (kind === undefined) faults.add(line.number, 'otherDaemons', word, 'not a daemon podtime knows');
      else if (!kinds.includes(kind)) kinds.push(kind);
    }
  }
  return kinds;
}

/** The words of a list line, as many as a daemon's file can sensibly name. */
function listOf(line: Line | undefined, field: string, faults: Faults): { word: string; line: number }[] {
  if (line === undefined) return [];
  const words = wordsOf(line.text).slice(1);
  if (words.length > LIST_LIMIT) {
    faults.add(line.number, field, line.text, `${words.length} words, of which only the first ${LIST_LIMIT} are read`);
  }
  return words.slice(0, LIST_LIMIT).map((word) => ({ word, line: line.number }));
}

/** What stands behind each name of a shortened answer: `ntp.az-b.~`. */
function domainOf(line: Line | undefined, faults: Faults): string | null {
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

function namesOf(listed: Line | undefined, domain: string | null, faults: Faults): string[] {
  const names = new Set<string>();
  for (const { word, line } of listOf(listed, 'configNames', faults)) {
    const name = expanded((word.endsWith('.') ? word.slice(0, -1) : word).toLowerCase(), domain);
    if (NAME.test(name)) names.add(name);
    else faults.add(line, 'configNames', word, 'not a name of a host');
  }
  return [...names];
}

function literalsOf(listed: Line | undefined, faults: Faults): string[] {
  const addresses = new Set<string>();
  for (const { word, line } of listOf(listed, 'configAddresses', faults)) {
    const address = canonicalAddress(word);
    if (address !== null) addresses.add(address);
    else faults.add(line, 'configAddresses', word, 'not an address');
  }
  return [...addresses];
}
