import { POLL_MAX } from './defaults.ts';
import { type Sound, settingsOf } from './finding.ts';
import { type ExtraDaemon, TIER_PLURALS, TIERS, type Tier } from './fleet.ts';
import { followedSources } from './followed.ts';
import { judgedBy } from './poll-checks.ts';
import { upstreamPoll } from './polls.ts';
import type { WrittenFleet, WrittenPod } from './schema.ts';
import { count, listed } from './sentences.ts';
import { soundUpstreams } from './sources.ts';
import { LOCAL_STRATUM } from './together.ts';

/** What a fleet file gives a pod's hosts, by which the values of extra lines are judged. Decision 0105. */
interface Given {
  /** Sources that a host of each tier follows; null: the file does not say. */
  followed: Record<Tier, number | null>;
  /** null, as below: the file does not say. */
  offsetMs: number | null;
  errorBoundMs: number | null;
  /** The highest stratum of a source that is to be followed. */
  highestStratum: number | null;
  /** Upstreams are asked with NTS. */
  hasNts: boolean;
  /** Of those; null also where there is none. */
  longestNtsPollSeconds: number | null;
  /** chrony is given certificates to trust beside the system's, or may be. */
  hasCertificates: boolean;
  /** Lines by which chrony would serve NTS itself. */
  ntsServer: { certificates: number; keys: number } | null;
}

/** Google's and Meta's public servers are of stratum 1, and may be upstreams. */
const LOWEST_STRATUM = 1;

/** The time service is of stratum 3 (AWS's user guide), so a boundary server that follows it of stratum 4. */
const HIGHEST_STRATUM = 4;

/** Where boundary servers keep one time, one follows another's own clock. */
const HIGHEST_STRATUM_TOGETHER = LOCAL_STRATUM + 1;

/**
 * By how much ntpd-rs's own slews may set a clock off within the longest poll, 200 ppm (`slew-maximum-frequency-offset`) of 1024 s, is 0.2 s; below it each
 * would be taken for somebody else's, and the source begun anew (source.rs of 1.4.0). Its own is 5 s.
 */
const LEAST_MEDDLING_SECONDS = 1;

/**
 * ntpd opens one for each address of its host that it listens on, and two for all others, beside those of its own and of NTS and statistics.
 * Seen with four addresses: ntpsec 1.2.2 has 11 open, ends with 3, and hears nobody with 10.
 */
const LEAST_OPEN_FILES = 64;

/** The classic ntpd's own, where it locks its memory at all (ntp.conf(5)); ntpsec reads the word and does nothing. */
const LEAST_LOCKED_MEGABYTES = 32;

/** 94 bytes each, seen on ntpsec 1.2.2: 50,000 hosts, the most of a pod, take 5 MB. */
const ASKER_KILOBYTES = 94 / 1024;
const MOST_ASKERS_MEGABYTES = 64;

/** ntpd-rs 1.4.0 ends ("cannot convert float seconds to Duration") at 0, where its own is 200 ppm; at a slew's least length below 0 s, or of 1e30 s, where its own is 8. */
const LEAST_SLEW_FREQUENCY = 0.000001;
const MOST_SLEW_SECONDS = 86_400;

/** What chrony knows (chrony.conf(5), `ntsaeads`). */
const KNOWN_AEADS: readonly string[] = ['15', '30'];

/** RFC 8915 section 3: no TLS below 1.3. */
const NTS_TLS = 'TLS1.3';

type Fault = (value: string, given: Given) => string | null;

const wantedSources: Fault = (value, { followed }) => {
  const wanted = Number.parseInt(value, 10);
  // of one that is wanted the last may be the one that is left
  if (!(wanted > 1)) return null;
  const each = (tiers: readonly Tier[]) =>
    listed(tiers.map((tier) => `${TIER_PLURALS[tier]} follow ${followed[tier]}`));
  const short = TIERS.filter((tier) => wanted > (followed[tier] ?? Number.POSITIVE_INFINITY));
  const bare = TIERS.filter((tier) => wanted === followed[tier]);
  const why = [
    ...(short.length === 0 ? [] : [`${each(short)}, and would have no time`]),
    ...(bare.length === 0 ? [] : [`${each(bare)}, and would have none once one of them is silent`]),
  ];
  return why.length === 0 ? null : `wants ${wanted} sources to agree: ${why.join('; ')}`;
};

const openFiles: Fault = (value) => {
  const most = Number.parseInt(value, 10);
  // below 0 is no limit
  return most >= 0 && most < LEAST_OPEN_FILES
    ? `lets the daemon open ${most} files, and it needs one for each address of its host beside ten: it would end, or hear nobody; it may be ${LEAST_OPEN_FILES} or more`
    : null;
};

const lockedMemory: Fault = (value) => {
  const most = Number.parseInt(value, 10);
  return most > 0 && most < LEAST_LOCKED_MEGABYTES
    ? `gives the daemon ${most} MB of locked memory, of which it may need ${LEAST_LOCKED_MEGABYTES}: it would end; it may be ${LEAST_LOCKED_MEGABYTES} or more, 0 or -1`
    : null;
};

/** @param kilobytes of one */
const askersKept =
  (kilobytes: number): Fault =>
  (value) => {
    const megabytes = Math.ceil((Number.parseInt(value, 10) * kilobytes) / 1024);
    return megabytes > MOST_ASKERS_MEGABYTES
      ? `takes ${megabytes} MB at once to remember who asked, where ${MOST_ASKERS_MEGABYTES} do for any pod: the daemon would end where the host has less`
      : null;
  };

const unevenNtsServer: Fault = (_, { ntsServer }) =>
  ntsServer === null || ntsServer.certificates === ntsServer.keys
    ? null
    : `makes ${count(ntsServer.certificates, 'line')} ntsservercert and ${count(ntsServer.keys, 'line')} ntsserverkey, which must be as many: chronyd would end`;

const longestDistance: Fault = (value, { errorBoundMs }) => {
  if (errorBoundMs === null || !(microseconds(value) < Math.round(errorBoundMs * 1000))) return null;
  return `rejects sources within errorBoundMs ${errorBoundMs}, by which clocks are right: hosts would lose their time; it may be ${errorBoundMs / 1000} or more`;
};

const shortestDistance: Fault = (value, { offsetMs }) => {
  if (offsetMs === null || !(microseconds(value) > Math.round(offsetMs * 1000))) return null;
  return `has sources agree that differ by more than offsetMs ${offsetMs}, so that one that lies is followed; it may be ${offsetMs / 1000} or less`;
};

const lowestStratum: Fault = (value) =>
  Number.parseInt(value, 10) > LOWEST_STRATUM
    ? `rejects sources of a lower stratum, and upstreams may be of stratum ${LOWEST_STRATUM}: boundary servers would have no time`
    : null;

/** `ceiling` itself is rejected too. */
const stratumRejectedFrom: Fault = (value, { highestStratum }) =>
  highestStratum !== null && Number.parseInt(value, 10) <= highestStratum
    ? `rejects sources of that stratum and above, and boundary servers may be of stratum ${highestStratum}: clients would have no time; it may be ${highestStratum + 1} or more`
    : null;

const uncheckedUpdates: Fault = (value) =>
  Number.parseInt(value, 10) > 0
    ? 'has certificates trusted that have expired or are not valid yet: whoever holds an old key could give the time'
    : null;

const onlyOwnCertificates: Fault = (_, { hasNts, hasCertificates }) =>
  !hasNts || hasCertificates
    ? null
    : 'leaves no certificate to trust, as no line ntstrustedcerts names one: upstreams with nts would have no vote';

const ntsRefreshSeconds: Fault = (value, { longestNtsPollSeconds }) =>
  longestNtsPollSeconds !== null && Number.parseInt(value, 10) <= longestNtsPollSeconds
    ? `has keys asked for anew at each poll and never the time: upstreams with nts are polled every ${longestNtsPollSeconds} s at the longest, and it must be longer`
    : null;

const aeads: Fault = (value, { hasNts }) =>
  !hasNts || value.split(' ').some((id) => KNOWN_AEADS.includes(id))
    ? null
    : `names none of the algorithms that chrony knows (${listed(KNOWN_AEADS)}): upstreams with nts would have no vote`;

const tlsVersion: Fault = (value) =>
  value === NTS_TLS ? null : `asks for another TLS than ${NTS_TLS}, which NTS must have (RFC 8915)`;

const tlsNull: Fault = (value) =>
  value.toUpperCase() === 'NULL' ? 'turns encryption and certificates of NTS off: anybody could give the time' : null;

const meddling: Fault = (value) =>
  Number.parseFloat(value) < LEAST_MEDDLING_SECONDS
    ? `takes the daemon's own slews for another's and begins anew with its sources: hosts would lose their time; it may be ${LEAST_MEDDLING_SECONDS} or more`
    : null;

const slewFrequency: Fault = (value) =>
  Number(value) >= LEAST_SLEW_FREQUENCY
    ? null
    : `gives the daemon's slews no end that it can reckon: it would end at its first; it may be ${LEAST_SLEW_FREQUENCY} or more`;

const slewSeconds: Fault = (value) =>
  Number(value) >= 0 && Number(value) <= MOST_SLEW_SECONDS
    ? null
    : `is no length of a slew that the daemon can reckon with: it would end at its first; it may be from 0 to ${MOST_SLEW_SECONDS}`;

/** chrony.conf(5) of 4.9: what decides which sources, and how many, suffice. */
const CHRONY = new Map<string, Fault>([
  ['minsources', wantedSources],
  ['maxdistance', longestDistance],
  ['maxjitter', longestDistance],
  ['nocerttimecheck', uncheckedUpdates],
  ['nosystemcert', onlyOwnCertificates],
  ['ntsrefresh', ntsRefreshSeconds],
  ['ntsaeads', aeads],
  ['ntsservercert', unevenNtsServer],
  ['ntsserverkey', unevenNtsServer],
]);

/**
 * ntp.conf(5) of 4.2.8 and of ntpsec 1.2.5. `minclock` is not among them: it ends the clustering, which no daemon carries on below `minsane`.
 * Of `mindist` no root distance is less, so that above `maxdist` it would reject every source as well.
 */
const NTP = new Map<string, Fault>([
  ['tos minsane', wantedSources],
  ['tos maxdist', longestDistance],
  ['tos mindist', shortestDistance],
  ['tos floor', lowestStratum],
  ['tos ceiling', stratumRejectedFrom],
  ['nts mintls', tlsVersion],
  ['nts maxtls', tlsVersion],
  ['nts tlsciphersuites', tlsNull],
  ['nts tlsecdhcurves', tlsNull],
  ['rlimit filenum', openFiles],
  ['mru initmem', askersKept(1)],
  ['mru incmem', askersKept(1)],
  ['mru initalloc', askersKept(ASKER_KILOBYTES)],
  ['mru incalloc', askersKept(ASKER_KILOBYTES)],
]);

/** ntp.toml(5) of 1.7. `minimum-agreeing-sources` stands in a table of podtime's. */
const NTPD_RS = new Map<string, Fault>([
  ['meddling-threshold', meddling],
  ['slew-maximum-frequency-offset', slewFrequency],
  ['slew-minimum-duration', slewSeconds],
]);

const FAULTS: Readonly<Record<ExtraDaemon, ReadonlyMap<string, Fault>>> = {
  chrony: CHRONY,
  ntpd: new Map([...NTP, ['rlimit memlock', lockedMemory]]),
  ntpsec: NTP,
  'ntpd-rs': NTPD_RS,
};

export function givenTo(file: Sound<WrittenFleet>, pod: Sound<WrittenPod>): Given {
  const judged = judgedBy(pod);
  const podMax = judged?.poll.max;
  const ntsPolls = soundUpstreams(file).flatMap(({ upstream: { nts, poll } }) => (nts ? [poll] : []));
  const longest = ntsPolls.map((own) =>
    podMax === undefined ? own.max : (upstreamPoll({ min: null, max: podMax }, own).max ?? POLL_MAX),
  );
  const { together } = settingsOf({ together: false }, pod);
  const chrony = pod.extra?.chrony ?? [];
  const isWhole = !chrony.includes(undefined);
  const linesOf = (line: RegExp) => chrony.filter((each) => each !== undefined && line.test(each)).length;
  return {
    followed: followedSources(file, pod),
    offsetMs: judged?.thresholds.offsetMs ?? null,
    errorBoundMs: judged?.thresholds.errorBoundMs ?? null,
    highestStratum: together === undefined ? null : together ? HIGHEST_STRATUM_TOGETHER : HIGHEST_STRATUM,
    hasNts: ntsPolls.length > 0,
    longestNtsPollSeconds: longestSeconds(longest),
    hasCertificates: linesOf(TRUSTED) > 0 || !isWhole,
    ntsServer: !isWhole ? null : { certificates: linesOf(/^ntsservercert /i), keys: linesOf(/^ntsserverkey /i) },
  };
}

/** Of exponents of two; null: there is none, or one is not known. */
function longestSeconds(exponents: readonly (number | null)[]): number | null {
  const known = exponents.filter((exponent) => exponent !== null);
  return known.length === 0 || known.length < exponents.length ? null : 2 ** Math.max(...known);
}

/** Into the set of certificates that podtime's sources are checked by, which is 0. */
const TRUSTED = /^ntstrustedcerts +(?:0+ +)?[^ ]+$/i;

/** What is wrong with the values of a line, each going on after the line itself. */
export function valueFaults(daemon: ExtraDaemon, line: string, given: Given): string[] {
  return lineSettings(daemon, line).flatMap(({ name, value }) => FAULTS[daemon].get(name)?.(value, given) ?? []);
}

interface Setting {
  name: string;
  value: string;
}

/** chrony's one; of ntpd's `tos minsane 9 maxdist 1` each, under `tos minsane` and `tos maxdist`; of TOML's `key = value` the one. */
function lineSettings(daemon: ExtraDaemon, line: string): Setting[] {
  if (daemon === 'ntpd-rs') {
    const [, name = '', value = ''] = /^([\w-]+) *= *"?([^" #]*)/.exec(line) ?? [];
    return [{ name, value: value.replaceAll('_', '') }];
  }
  const words = (daemon === 'chrony' ? line : line.replace(/#.*$/, '')).split(' ').filter((word) => word !== '');
  const [directive = '', ...rest] = words;
  if (daemon === 'chrony') return [{ name: directive.toLowerCase(), value: rest.join(' ') }];
  return rest.map((word, index) => ({
    name: `${directive} ${word}`,
    value: (rest[index + 1] ?? '').replaceAll('"', ''),
  }));
}

/** A hexadecimal number as C's strtod reads it (C99 7.20.1.3), by which chrony reads seconds: `0x1.8p-3`. */
const HEXADECIMAL = /^([+-]?)0x(?=\.?[\da-f])([\da-f]*)\.?([\da-f]*)(?:p([+-]?\d+))?/i;
const MINUS_INFINITY = /^-inf/i;

/** Of seconds as a daemon reads them. NaN: it is no number, or a limit that nothing is over. */
function microseconds(text: string): number {
  return Math.round(seconds(text) * 1e6);
}

function seconds(text: string): number {
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null) return MINUS_INFINITY.test(text) ? Number.NEGATIVE_INFINITY : Number.parseFloat(text);
  const [, sign, whole = '', fraction = '', exponent = '0'] = hexadecimal;
  const digits = Number.parseInt(`0${whole}${fraction}`, 16);
  return (sign === '-' ? -1 : 1) * digits * 2 ** (Number(exponent) - 4 * fraction.length);
}
