import type { Fleet, Upstream } from '../fleet/fleet.ts';
import { listed } from '../fleet/sentences.ts';
import type { Block } from './layout.ts';
import type { Target } from './target.ts';
import { isAtLeast, type Version, versionText } from './versions.ts';

/**
 * Versions that speak RFC 8915. NEWS of chrony, 4.0; NEWS of ntpsec, 1.2.0, whose older ones ask at another port or by the label of a
 * draft. Classic ntpd never did.
 */
const SPEAKS_NTS: Readonly<Record<string, Version>> = { 'chrony.conf': [4, 0], 'ntpsec.conf': [1, 2, 0] };

/** Who may be run where upstreams are asked with NTS. */
export const NTS_DAEMONS = 'chrony 4.0, ntpsec 1.2.0 or ntpd-rs, or later';

/** TCP, where a server of RFC 8915 gives keys and cookies (NTS-KE). */
export const NTS_KE_PORT = 4460;

/** The upstreams that a fleet's boundary servers ask with NTS. */
export function ntsUpstreams({ upstreams }: Pick<Fleet, 'upstreams'>): string[] {
  return upstreams.filter(({ nts }) => nts).map(({ host }) => host);
}

/** The option of a `server` line, of chrony and ntpsec alike. */
export function ntsOption({ nts }: Upstream): string {
  return nts ? 'nts' : '';
}

/**
 * Why a host gets no such file: its daemon, or this version of it, cannot ask as fleet.yml says, and time that nobody vouches for is
 * never served in its place. null: it can, or need not. A version that nobody told is taken for one that can: boot.sh tells it always,
 * and an older chrony ends at the line. Decision 0089.
 */
export function ntsRefusal(file: string, { fleet, tier }: Target, version: Version): string | null {
  const names = ntsUpstreams(fleet);
  if (tier === 'client' || names.length === 0 || file === 'boot.sh') return null;
  const because = `Boundary servers ask ${listed(names)} with NTS, as the fleet file says; ${NTS_DAEMONS}, can`;
  if (file === 'ntp.conf') return `There is no ntp.conf for boundary servers: the classic ntpd has no NTS. ${because}.`;
  const least = SPEAKS_NTS[file];
  if (least === undefined || version.length === 0 || isAtLeast(version, least)) return null;
  return `There is no ${file} for boundary servers of version ${versionText(version)}, which has no NTS. ${because}.`;
}

/** chrony's own rule (`mix`) would follow sources without NTS only where they agree with most of those that have it. */
export function chronyAuthentication({ fleet, tier }: Target): Block[] {
  if (tier === 'client' || ntsUpstreams(fleet).length === 0) return [];
  return [
    fleet.ntsRequired
      ? { why: 'Sources without NTS are never followed.', lines: ['authselectmode require'] }
      : {
          why: 'Sources with NTS and without have one vote each. By itself chrony would follow those without only where most of the others agree.',
          lines: ['authselectmode ignore'],
        },
    {
      why: 'Cookies of NTS are kept for the next start, which then needs no new key exchange.',
      lines: ['ntsdumpdir /var/lib/chrony'],
    },
  ];
}
