import { canonicalAddress } from '../fleet/addresses.ts';
import { hasIpv6, type Pod } from '../fleet/fleet.ts';
import { extraLines } from './extra.ts';
import { type Block, DRIFT, layOut } from './layout.ts';
import { leapFileBlock } from './leap-file.ts';
import type { Rendered } from './seal.ts';
import { sourceBlocks } from './sources.ts';
import { ntpSteps } from './steps.ts';
import type { Target } from './target.ts';
import { UNTOLD_VERSION } from './versions.ts';

/** Where the two ntpd differ. */
interface Dialect {
  file: 'ntp.conf' | 'ntpsec.conf';
  /** Whose extra lines it has. */
  daemon: 'ntpd' | 'ntpsec';
  files: Block;
  /** What a host of the pod may not do. */
  networkRestrictions: string;
  /** What a server that is followed may not do. */
  sourceRestrictions: string;
  /** Against CVE-2013-5211, amplification by `ntpdc monlist`. */
  monlist: Block;
}

const CLASSIC: Dialect = {
  file: 'ntp.conf',
  daemon: 'ntpd',
  files: { why: DRIFT, lines: ['driftfile /var/lib/ntp/ntp.drift'] },
  networkRestrictions: 'nomodify notrap nopeer noquery',
  // No nopeer: it would keep pool lines from taking servers on.
  sourceRestrictions: 'nomodify notrap noquery',
  monlist: {
    why: 'CVE-2013-5211: no list of recent callers, which strangers could have sent to a victim.',
    lines: ['disable monitor'],
  },
};

const NTPSEC: Dialect = {
  file: 'ntpsec.conf',
  daemon: 'ntpsec',
  files: {
    why: `${DRIFT} No statistics are kept; without statsdir ntpsec complains that its default folder is missing.`,
    lines: ['driftfile /var/lib/ntpsec/ntp.drift', 'statsdir /var/lib/ntpsec/'],
  },
  networkRestrictions: 'nomodify noquery',
  sourceRestrictions: 'nomodify noquery',
  // ntpsec has no monlist, and refuses `disable monitor`, `notrap` and `nopeer` in its log.
  monlist: { lines: [] },
};

/** ntp.conf for the classic ntpd, 4.2.8 or later: older ones do not know `restrict source`. */
export function classicConf(target: Target): Rendered {
  return conf(target, CLASSIC);
}

/** ntp.conf for ntpsec, served under a name of its own. */
export function ntpsecConf(target: Target): Rendered {
  return conf(target, NTPSEC);
}

function conf(target: Target, dialect: Dialect): Rendered {
  return layOut(target, { file: dialect.file, version: UNTOLD_VERSION }, [
    dialect.files,
    ntpSteps(target.pod),
    leapFileBlock(target.pod, 'leapfile'),
    {
      why: 'To syslog. The first = begins the list, each + adds to it: a second = would begin anew.',
      lines: ['logconfig =syncall +clockall +peerall +sysall'],
    },
    ...restrictions(target, dialect),
    ...interfaces(target.pod),
    dialect.monlist,
    ...poolRoom(target),
    ...sourceBlocks(target),
    extraLines(target.pod, dialect.daemon),
  ]);
}

function restrictions({ pod, tier }: Target, dialect: Dialect): Block[] {
  return [
    {
      why: 'Strangers are ignored, in both families.',
      lines: ['restrict default ignore', 'restrict -6 default ignore'],
    },
    {
      why: 'Everything is allowed from this host, and administration from nowhere else.',
      lines: ['restrict 127.0.0.1', 'restrict ::1'],
    },
    tier === 'boundary'
      ? {
          why: 'The pod gets the time, and nothing else.',
          lines: pod.networks.map((cidr) => `restrict ${withMask(cidr)} ${dialect.networkRestrictions}`),
        }
      : { lines: [] },
    {
      why: 'Answers of the sources below, also of names that resolve later: without this they would be ignored as well.',
      lines: [`restrict source ${dialect.sourceRestrictions}`],
    },
  ];
}

/** By network, because the primary interface is eth0 on some instances and ens5 on others. */
function interfaces({ networks }: Pod): Block[] {
  return [
    {
      why: "Only this host itself and the pod's networks are listened on, whatever the interfaces are called.",
      lines: ['interface ignore all', 'interface listen lo', ...networks.map((cidr) => `interface listen ${cidr}`)],
    },
  ];
}

/**
 * Once ntpd follows enough, it looks pools up again only while it has fewer than `maxclock` associations, 10 by default, and
 * the pool lines themselves count (Debian's ntp.conf says so as well): with seven AZ names a new boundary server would not
 * be taken on before an old one is given up. A server that was replaced stays for minutes, so there is room for both.
 */
function poolRoom({ pod, tier }: Target): Block[] {
  if (tier === 'boundary' || pod.association === 'server') return [];
  const families = hasIpv6(pod) ? 2 : 1;
  const room = pod.azs.length + families + 2 * families * pod.boundaryServers;
  return [
    {
      why: 'Room for every name, and for each boundary server and its replacement: the names count too.',
      lines: [`tos maxclock ${room}`],
    },
  ];
}

/** `10.20.0.0/16` -> `10.20.0.0 mask 255.255.0.0`: `restrict` takes no prefix length, and IPv6 networks without `-6`. */
function withMask(cidr: string): string {
  const [address = '', prefix] = cidr.split('/');
  return `${address} mask ${maskOf(Number(prefix), address.includes(':'))}`;
}

function maskOf(prefix: number, isIpv6: boolean): string | null {
  const [groups, bits] = isIpv6 ? [8, 16] : [4, 8];
  const parts = Array.from({ length: groups }, (_, group) => {
    const ones = Math.min(bits, Math.max(0, prefix - group * bits));
    return 2 ** bits - 2 ** (bits - ones);
  });
  return isIpv6 ? canonicalAddress(parts.map((part) => part.toString(16)).join(':')) : parts.join('.');
}
