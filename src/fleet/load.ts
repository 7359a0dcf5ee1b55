import { type Document, LineCounter, parseDocument, type YAMLError } from 'yaml';
import type { z } from 'zod';
import { crossFindings } from './checks.ts';
import { PROFILES, type ProfileLimits } from './defaults.ts';
import { type FleetFault, FleetFileError } from './errors.ts';
import type { Finding, Sound } from './finding.ts';
import type { Fleet, Pod } from './fleet.ts';
import { readLeapSecond } from './leap-seconds.ts';
import { dropRepeats, lineOf } from './lines.ts';
import { canonicalNetwork } from './network-faults.ts';
import { FLEET_FILE, type FleetFile, shown, type WrittenFleet } from './schema.ts';
import { readTimeService, readUpstream } from './sources.ts';
import { readWindow } from './windows.ts';

/**
 * Reads the text of a fleet file, checks it whole and fills in the defaults. `file` names it in messages.
 * Throws `FleetFileError` with every fault and its line; a text that is no YAML at all is told alone, since what
 * the rest of it means is then a guess.
 * Decision 0010.
 */
export function loadFleet(text: string, file = 'fleet.yml'): Fleet {
  const why = whyNoFleet(text);
  if (why !== null) throw new FleetFileError(file, [{ line: 1, sentence: why }]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const errors = [...document.errors, ...document.warnings];
  const faults = errors.map((error) => yamlFault(error, text, lines));
  if (errors.some(({ code }) => code !== 'DUPLICATE_KEY')) throw new FleetFileError(file, inOrder(faults));
  try {
    const whole = check(document, lines);
    faults.push(...whole.faults);
    if (faults.length === 0 && whole.parsed.success) return fleetOf(whole.parsed.data);
    // Of a key that stands twice YAML keeps the last; what is wrong with the first is to be told as well.
    if (errors.length > 0) {
      dropRepeats(document);
      faults.push(...check(document, lines).faults);
    }
  } catch (error) {
    // The parser's limit on aliases, against files that grow without bound when read.
    faults.push({ line: 1, sentence: error instanceof Error ? error.message : String(error) });
  }
  throw new FleetFileError(file, inOrder(faults), writtenIn(document));
}

/** A stack holds some dozen pods: ten times what their settings take. More is another file, and would be read for minutes. */
const MOST_CHARACTERS = 262_144;

/** Why a text is none that is worth reading, a sentence. */
function whyNoFleet(text: string): string | null {
  if (text.includes('\0')) return 'the file is binary, or UTF-16: a fleet file is text in UTF-8';
  if (text.length <= MOST_CHARACTERS) return null;
  return `the file has ${text.length.toLocaleString('en')} characters (limit ${MOST_CHARACTERS.toLocaleString('en')})`;
}

/** null where an alias cannot be followed. */
function writtenIn(document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    return null;
  }
}

function check(document: Document, lines: LineCounter) {
  const written: unknown = document.toJS() ?? {};
  const parsed = FLEET_FILE.safeParse(written);
  const findings = parsed.success ? [] : parsed.error.issues.flatMap((issue) => findingsOf(issue, written));
  const sound = without(
    written,
    findings.map(({ path }) => (path.at(-1) === MERGE_KEY ? mergedInto(path) : path)),
  );
  const faults = [...findings, ...crossFindings((sound ?? {}) as Sound<WrittenFleet>)].map(({ path, sentence }) => ({
    line: lineOf(document, lines, path),
    sentence,
  }));
  return { parsed, faults };
}

function fleetOf({ upstreams, timeService, leapSmear, leapSecond, ssm, pods, ...fleet }: FleetFile): Fleet {
  return {
    ...fleet,
    upstreams: upstreams.map(readUpstream),
    timeService: readTimeService(timeService),
    leapSmear: leapSmear ?? null,
    leapSecond: leapSecondOf(leapSecond),
    ssm: { readsPerSecond: ssm.readsPerSecond ?? null },
    pods: Object.entries(pods).map(([name, pod]) => podOf(name, pod)),
  };
}

/** Every one so far was added. */
function leapSecondOf(written: FleetFile['leapSecond']): Fleet['leapSecond'] {
  if (written === undefined) return null;
  return readLeapSecond(typeof written === 'string' ? { date: written, sign: 'add' } : written);
}

function podOf(name: string, { profile, ...pod }: FleetFile['pods'][string]): Pod {
  const { thresholds, pollMax } = PROFILES[profile];
  return {
    ...pod,
    name,
    vpc: pod.vpc ?? '',
    zone: { name: pod.zone.name, id: pod.zone.id ?? '' },
    newEndpoint: pod.newEndpoint ?? null,
    networks: pod.networks.map(canonicalNetwork),
    // In order, so that the order of the file changes no rendered byte.
    azs: pod.azs.toSorted(),
    poll: { min: pod.poll.min ?? null, max: pod.poll.max ?? pollMax },
    step: { ...pod.step, thresholdSeconds: pod.step.thresholdSeconds ?? null },
    leapFile: pod.leapFile ?? null,
    thresholds: { ...pod.thresholds, ...limitsOf(thresholds, pod.thresholds) },
    maintenance: pod.maintenance.map(readWindow),
    history: { ...pod.history, lock: pod.history.lock ?? null },
  };
}

/** The profile's limits, and those that are written instead. */
function limitsOf(profile: ProfileLimits['thresholds'], written: Partial<ProfileLimits['thresholds']>) {
  return {
    offsetMs: written.offsetMs ?? profile.offsetMs,
    timeServiceOffsetMs: written.timeServiceOffsetMs ?? profile.timeServiceOffsetMs,
    errorBoundMs: written.errorBoundMs ?? profile.errorBoundMs,
  };
}

function yamlFault({ code, message, pos }: YAMLError, text: string, lines: LineCounter): FleetFault {
  const { line } = lines.linePos(pos[0]);
  if (code !== 'DUPLICATE_KEY') return { line, sentence: `not YAML: ${message}` };
  const key = text.slice(pos[0]).split(/[:\n]/, 1)[0]?.trim();
  return { line, sentence: `${key} stands twice here; each key may stand once` };
}

/** One finding an issue, but one for each unknown key. */
function findingsOf(issue: z.core.$ZodIssue, written: unknown): Finding[] {
  const where = wordingOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const setting = wordingOf([...issue.path, key]);
      const sentence =
        key === MERGE_KEY
          ? `${where} has YAML's merge key <<, which is not read: write its settings out, or use an alias for a whole group`
          : `${setting} is not a setting; check its spelling and its place`;
      return { path: [...issue.path, key], sentence };
    });
  }
  const value = at(written, issue.path);
  if (issue.code === 'invalid_union') {
    // of a text or a group, the one that it looks like
    const meant = issue.errors.at(isGroup(value) ? -1 : 0) ?? [];
    const other = isGroup(value) ? '' : ', or a group of settings';
    return meant.flatMap((inner) =>
      findingsOf({ ...inner, path: [...issue.path, ...inner.path], message: `${inner.message}${other}` }, written),
    );
  }
  const missing = value === undefined;
  // it may stand in what was to be merged
  if (missing && hasMergeKey(at(written, issue.path.slice(0, -1)))) return [];
  return [{ path: issue.path, sentence: missing ? `${where} is missing` : `${where} ${issue.message}` }];
}

/** YAML 1.1's, which 1.2 has no more. */
const MERGE_KEY = '<<';

function hasMergeKey(group: unknown): boolean {
  return isGroup(group) && Object.hasOwn(group, MERGE_KEY);
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is compared with what would have been merged: the pod's settings with each other and with other pods', or the fleet's. */
function mergedInto(path: readonly PropertyKey[]): PropertyKey[] {
  return path[0] === 'pods' ? path.slice(0, 2) : [];
}

/** `['pods', 'blue', 'networks', 0]` -> `pods.blue.networks[0]`. */
function wordingOf(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${keyWording(String(step))}`));
  return steps.join('').replace(/^\./, '') || 'the file';
}

function keyWording(key: string): string {
  return /^[\w-]{1,60}$/.test(key) ? key : shown(key);
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, step) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[step],
    value,
  );
}

/** A copy without the values at these paths; a list keeps its length, so that the other paths stay true. */
function without(value: unknown, paths: readonly PropertyKey[][]): unknown {
  if (paths.some((path) => path.length === 0)) return undefined;
  if (typeof value !== 'object' || value === null || paths.length === 0) return value;
  const inner = (key: PropertyKey) =>
    without(
      (value as Record<PropertyKey, unknown>)[key],
      paths.filter(([first]) => String(first) === String(key)).map(([, ...rest]) => rest),
    );
  if (Array.isArray(value)) return value.map((_, index) => inner(index));
  return Object.fromEntries(Object.keys(value).map((key) => [key, inner(key)]));
}

/** By line; what was found twice is told once. */
function inOrder(faults: FleetFault[]): FleetFault[] {
  const different = new Map(faults.map((fault) => [`${fault.line} ${fault.sentence}`, fault]));
  return [...different.values()].toSorted((a, b) => a.line - b.line);
}
