import { givenTo, valueFaults } from './extra-values.ts';
import type { Finding, Sound } from './finding.ts';
import { EXTRA_DAEMONS, type ExtraDaemon } from './fleet.ts';
import type { WrittenFleet, WrittenPod } from './schema.ts';

/** Lines that podtime does not let an operator add, and why; the sentence goes on after `chrony's line "…" `. */
interface Refusal {
  /** Matched against the line in lower case, its blanks made one each. */
  line: RegExp;
  why: string;
}

const SOURCES =
  'names sources, or files that may, of which podtime would not know: upstreams and timeService name them';
const WRITES = 'sets what podtime writes itself';
const STRANGERS =
  'says who may ask this daemon, which podtime does: the networks of a boundary server, and nobody else';
const UNSEEN = 'moves or closes what podtime reads the daemon by';
const PRETENDS = 'lets the daemon give out time that it has from nobody';
const STOPS = 'keeps the daemon from setting the clock and from serving';
const WORD =
  'changes what the daemon says of its own error, by which podtime bounds it: a clock that runs off would be called right';
const MUTES =
  'decides where the daemon listens and asks from, which podtime does: a boundary server on every address of its host, or its clients hear nobody';
const LEAP =
  'decides what a clock does at a leap second, which podtime tells of each host: leapFile and upstreams set it';

const ENDS = 'ends chronyd beside rtcsync, which podtime writes: that sets the clock of the hardware by itself';

const ERA = 'sets the day that time is not before: one still to come would set clocks 136 years off';

const words = (...all: string[]) => new RegExp(`^(?:${all.join('|')})(?: |$)`);

/** chrony.conf(5) of 4.9; names of its directives are read in any case. */
const CHRONY: readonly Refusal[] = [
  {
    line: words('server', 'pool', 'peer', 'refclock', 'initstepslew', 'include', 'confdir', 'sourcedir'),
    why: SOURCES,
  },
  {
    line: words(
      ...['driftfile', 'makestep', 'maxchange', 'rtcsync', 'logchange', 'authselectmode', 'refresh'],
      // ntscachedir: as ntsdumpdir was called before
      ...['ntsdumpdir', 'ntscachedir'],
    ),
    why: WRITES,
  },
  {
    line: words('allow', 'deny', 'cmdallow', 'cmddeny', 'bindcmdaddress', 'bindcmddevice', 'opencommands'),
    why: STRANGERS,
  },
  { line: words('port', 'cmdport', 'pidfile'), why: UNSEEN },
  { line: words('rtcfile'), why: ENDS },
  { line: words('local', 'manual'), why: PRETENDS },
  { line: words('maxclockerror', 'clockprecision'), why: WORD },
  { line: words('bindaddress', 'binddevice', 'bindacqaddress', 'bindacqdevice'), why: MUTES },
  { line: words('leapseclist', 'leapsectz', 'leapsecmode', 'smoothtime'), why: LEAP },
];

/** ntp.conf(5) of 4.2.8 and of ntpsec 1.2.5. */
const NTP: readonly Refusal[] = [
  {
    line: words(
      ...['server', 'pool', 'peer', 'unpeer', 'refclock', 'fudge', 'broadcast', 'broadcastclient', 'multicastclient'],
      ...['manycastclient', 'manycastserver', 'include', 'includefile'],
    ),
    why: SOURCES,
  },
  { line: words('driftfile', 'statsdir', 'logconfig'), why: WRITES },
  { line: /^tinker .*\b(?:panic|step|stepback|stepfwd)\b/, why: WRITES },
  { line: /^tinker .*\bdispersion\b/, why: WORD },
  { line: /^enable .*\bbclient\b/, why: SOURCES },
  { line: /^tos .*\bmaxclock\b/, why: WRITES },
  { line: words('restrict', 'unrestrict'), why: STRANGERS },
  { line: words('interface', 'nic'), why: MUTES },
  { line: /^(?:enable|disable) .*\b(?:monitor|mode7)\b/, why: STRANGERS },
  { line: /^(?:enable|disable) .*\bntp\b/, why: STOPS },
  { line: words('setvar', 'pidfile', 'reset'), why: UNSEEN },
  { line: /^tos .*\borphan/, why: PRETENDS },
  { line: /^tos .*\bbasedate\b/, why: ERA },
  { line: words('leapfile', 'leapsmearinterval'), why: LEAP },
];

/** Tables of ntp.toml that podtime writes; what stands in one is set by podtime alone, for TOML knows no table twice. */
const NTPD_RS: readonly Refusal[] = [
  { line: /^\[\[? ?source ?\]/, why: SOURCES },
  { line: /^\[\[? ?(?:observability|synchronization|source-defaults|server)(?: ?\. ?allowlist)? ?\]/, why: WRITES },
  { line: /^\[\[? ?(?:server|source|observability)\b/, why: WRITES },
];

const AGREEMENT = 'decides which sources the daemon counts as agreeing, which podtime reckons by its defaults';

/** Keys of `[synchronization.algorithm]` (ntp.toml(5) of 1.7). Its dispersion is what a server says of itself, and how uncertain its own frequency is. */
const NTPD_RS_KEYS: readonly Refusal[] = [
  { line: /^(?:ignore-server-dispersion|initial-wander|initial-frequency-uncertainty) ?=/, why: WORD },
  // src/diagnosis/agreement.ts
  { line: /^(?:maximum-source-uncertainty|range-(?:statistical|delay)-weight) ?=/, why: AGREEMENT },
];

const REFUSALS: Readonly<Record<ExtraDaemon, readonly Refusal[]>> = {
  chrony: CHRONY,
  ntpd: NTP,
  ntpsec: NTP,
  'ntpd-rs': NTPD_RS,
};

/** A table's head by bare keys: quoted ones could spell any name by escapes. */
const TABLE = /^\[{1,2} ?[\w-]+(?: ?\. ?[\w-]+)* ?\]{1,2}$/;

/** Lines of the operator's own that podtime's contract does not bear. What a daemon does not know, it says itself when boot.sh asks it. Decisions 0094, 0105. */
export function extraFindings(file: Sound<WrittenFleet>, pod: Sound<WrittenPod>): Finding[] {
  const given = givenTo(file, pod);
  return EXTRA_DAEMONS.flatMap((daemon) => {
    const lines = pod.extra?.[daemon] ?? [];
    return lines.flatMap((line, index): Finding[] => {
      if (line === undefined) return [];
      const refusal = daemon === 'ntpd-rs' ? tomlFault(line, index === 0, pod) : refusalOf(daemon, line);
      const faults = [...(refusal === null ? [] : [refusal]), ...valueFaults(daemon, line, given)];
      return faults.map((why) => ({
        path: ['extra', daemon, index],
        sentence: `${daemon}'s line ${JSON.stringify(line)} ${why}`,
      }));
    });
  });
}

function refusalOf(daemon: ExtraDaemon, line: string): string | null {
  const read = line.toLowerCase().replaceAll(/ +/g, ' ');
  return REFUSALS[daemon].find((refusal) => refusal.line.test(read))?.why ?? null;
}

function tomlFault(line: string, isFirst: boolean, { step }: Sound<WrittenPod>): string | null {
  if (!line.startsWith('[')) {
    if (isFirst) return 'belongs to no table of its own: the first line names one, such as [keyset]';
    if (/^["']/.test(line)) return 'begins with a key in quotes, by which any could be meant: write it without';
    const key = NTPD_RS_KEYS.find((refusal) => refusal.line.test(line.replaceAll(/ +/g, ' ')));
    if (key !== undefined) return key.why;
    return line.includes('"""') || line.includes("'''") ? 'begins or ends a text of several lines' : null;
  }
  const head = line.replaceAll(/ +/g, ' ').replace(/ ?#.*$/, '');
  if (!TABLE.test(head)) return 'is no head of a table, such as [keyset]';
  if (/^\[ ?synchronization ?\. ?algorithm ?\]/.test(head) && step?.thresholdSeconds !== undefined) {
    return `${WRITES}, as step.thresholdSeconds is set`;
  }
  return refusalOf('ntpd-rs', head);
}
