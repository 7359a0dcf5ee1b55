import { captured, type Host } from './host.ts';

const NTP_CONF = `# podtime: pod blue, tier client, us-west-2a
# revision 00112233445566778899aabbccddeeff
driftfile /var/lib/ntp/drift
restrict default ignore
server 169.254.169.123 iburst
server FD00:EC2:0::123 iburst   # the time service
server ntp.az-a.pod iburst
server NTP.az-b.pod. iburst
server -4 ntp.az-c.pod iburst
#server ntp.az-x.pod
server 127.127.1.0
`;

const NAMES = 'names ntp.az-a.pod ntp.az-b.pod ntp.az-c.pod';
const LITERALS = 'literals 169.254.169.123 fd00:ec2:0::123';
const REVISION = 'revision 00112233445566778899aabbccddeeff';

/** A host as a distribution lays it out, its daemon running, and the head of what `collect` prints of it. */
export interface Layout {
  name: string;
  kind: 'ntpd' | 'ntpsec' | 'chrony';
  service: string;
  manager: 'service' | 'systemctl';
  lay(host: Host): void;
  head: string[];
}

function withService(host: Host, ...active: string[]): void {
  for (const name of active) host.on(`service ${name} status`, `${name} (pid 1234) is running...\n`);
  host.tools('service', 'systemctl');
}

function withSystemctl(host: Host, ...active: string[]): void {
  for (const name of active) host.on(`systemctl is-active ${name}`, 'active\n');
  host.tools('systemctl');
}

/** Daemon and tool of classic ntpd 4.2.8p6, as captured. */
export function withClassic(host: Host): void {
  host
    .on('ntpq -c rv 0 version', 'version="ntpd 4.2.8p6 Sun Nov 22 21:17:30 UTC 2026 (1)"\n')
    .on('ntpq -c rv 0 ss_uptime,ss_received,ss_limited,kstflags', 'ss_uptime=1234\n')
    .on('ntpq -c rv 0 leap', 'leap=00\n')
    .on(
      'ntpq -c rv 0 leap,stratum,refid,offset,rootdelay,rootdisp,sys_jitter,frequency',
      captured('classic-4.2.8p6.client-settled.rv'),
    )
    .on('ntpq -pnw', captured('classic-4.2.8p6.client-settled.pnw'))
    .on('ntpq -pn', captured('classic-4.2.8p6.client-settled.pn'));
}

export function withNtpsec(host: Host): void {
  host
    .on('ntpq -c rv 0 version', 'version="ntpd ntpsec-1.2.2"\n')
    .on('ntpq -c rv 0 ss_uptime,ss_received,ss_limited,kstflags', 'ss_uptime=1234\n')
    .on('ntpq -c rv 0 leap', 'leap=00\n')
    .on(
      'ntpq -c rv 0 leap,stratum,refid,offset,rootdelay,rootdisp,sys_jitter,frequency',
      captured('ntpsec-1.2.2.nine-sources.rv'),
    )
    .on('ntpq -pnw', captured('ntpsec-1.2.2.client-settled.pnw'))
    .on('ntpq -pn', captured('ntpsec-1.2.2.client-settled.pn'));
}

export function withChrony(host: Host, pidFile = '/run/chrony/chronyd.pid'): void {
  host
    .on('chronyc -v', 'chronyc (chrony) version 4.3 (+READLINE +SECHASH +IPV6 -DEBUG)\n')
    .on('chronyc -c tracking', captured('chrony-4.3.client-settled.tracking-c'))
    .on('chronyc -n -c sources', captured('chrony-4.3.client-settled.sources-c'))
    .on('chronyc -n sources', captured('chrony-4.3.client-settled.sources-n'))
    .file(pidFile, '1234\n', 1234);
}

const head = (found: string, ...rest: string[]) => ['podtime-collect 1', found, 'age 1234', 'cycled -', ...rest];

export const LAYOUTS: readonly Layout[] = [
  {
    name: 'Amazon Linux 2, ntpd',
    kind: 'ntpd',
    service: 'ntpd',
    manager: 'service',
    lay(host) {
      withService(host, 'ntpd');
      withClassic(host);
      host.file('/etc/ntp.conf', `${NTP_CONF}includefile /etc/ntp/crypto/pw\nincludefile ntp.more\n`);
      host
        .file('/etc/ntp.more', 'server ntp.az-d.pod\nincludefile ntp.more\n')
        .file('/etc/chrony.conf', 'server ntp.az-z.pod\n');
    },
    head: head('found ntpd 4.2.8p6 service=ntpd file=/etc/ntp.conf', REVISION, `${NAMES} ntp.az-d.pod`, LITERALS),
  },
  {
    name: 'Amazon Linux 2, chrony',
    kind: 'chrony',
    service: 'chronyd',
    manager: 'service',
    lay(host) {
      withService(host, 'chronyd');
      withChrony(host);
      host.file(
        '/etc/chrony.conf',
        '# no revision 0011223344556677 here\nServer ntp.az-a.pod iburst\nserver ntp.az-b.pod iburst\nPOOL ntp.az-c.pod\n',
      );
    },
    head: head('found chrony 4.3 service=chronyd file=/etc/chrony.conf', 'revision -', NAMES),
  },
  {
    name: 'Amazon Linux 2023',
    kind: 'chrony',
    service: 'chronyd',
    manager: 'systemctl',
    lay(host) {
      withSystemctl(host, 'chronyd');
      withChrony(host);
      host.file(
        '/etc/chrony.conf',
        `include /etc/chrony.d/*.conf\nsourcedir /run/chrony.d\nconfdir /etc/chrony.more /etc/none\n# server no\n`,
      );
      host.file('/etc/chrony.d/podtime.conf', '# revision 00112233\nserver ntp.az-a.pod iburst\nserver ntp.az-b.pod\n');
      host.file('/run/chrony.d/link-local.sources', 'server 169.254.169.123 prefer iburst\n');
      host
        .file('/run/chrony.d/link-local.off', 'server 192.0.2.1\n')
        .file('/etc/chrony.more/c.conf', 'peer ntp.az-c.pod\n');
    },
    head: head(
      'found chrony 4.3 service=chronyd file=/etc/chrony.conf',
      'revision -',
      NAMES,
      'literals 169.254.169.123',
    ),
  },
  {
    name: 'Debian 12, ntpsec (its unit is also called ntp and ntpd)',
    kind: 'ntpsec',
    service: 'ntpsec',
    manager: 'service',
    lay(host) {
      withService(host, 'ntpsec', 'ntp', 'ntpd');
      withNtpsec(host);
      host.file('/etc/ntpsec/ntp.conf', NTP_CONF).file('/etc/ntp.conf', 'server ntp.az-z.pod\n');
      host
        .file('/etc/ntpsec/ntp.d/more.conf', 'server ntp.az-d.pod\n')
        .file('/etc/ntpsec/ntp.d/more.off', 'server ntp.az-y.pod\n');
    },
    head: head(
      'found ntpsec 1.2.2 service=ntpsec file=/etc/ntpsec/ntp.conf',
      REVISION,
      `${NAMES} ntp.az-d.pod`,
      LITERALS,
    ),
  },
  {
    name: 'Debian 12, chrony (its unit is also called chronyd)',
    kind: 'chrony',
    service: 'chrony',
    manager: 'service',
    lay(host) {
      withService(host, 'chrony', 'chronyd');
      withChrony(host);
      host.file(
        '/etc/chrony/chrony.conf',
        '# revision 0123456789abcdef\nconfdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n',
      );
      host.file('/etc/chrony/conf.d/a.conf', 'server ntp.az-a.pod\nserver ntp.az-b.pod\n');
      host
        .file('/etc/chrony/sources.d/b.sources', 'server ntp.az-c.pod\n')
        .file('/etc/chrony.conf', 'server ntp.az-z.pod\n');
    },
    head: head('found chrony 4.3 service=chrony file=/etc/chrony/chrony.conf', 'revision 0123456789abcdef', NAMES),
  },
  {
    name: 'Ubuntu 22.04, classic ntp',
    kind: 'ntpd',
    service: 'ntp',
    manager: 'service',
    lay(host) {
      withService(host, 'ntp');
      withClassic(host);
      host.file('/etc/ntp.conf', NTP_CONF);
    },
    head: head('found ntpd 4.2.8p6 service=ntp file=/etc/ntp.conf', REVISION, NAMES, LITERALS),
  },
  {
    name: 'Ubuntu 24.04, chrony without the service command',
    kind: 'chrony',
    service: 'chrony',
    manager: 'systemctl',
    lay(host) {
      withSystemctl(host, 'chrony', 'chronyd');
      withChrony(host);
      host.file('/etc/chrony/chrony.conf', 'server ntp.az-a.pod\nserver ntp.az-b.pod\nserver ntp.az-c.pod\n');
    },
    head: head('found chrony 4.3 service=chrony file=/etc/chrony/chrony.conf', 'revision -', NAMES),
  },
  {
    name: 'RHEL 9',
    kind: 'chrony',
    service: 'chronyd',
    manager: 'systemctl',
    lay(host) {
      withSystemctl(host, 'chronyd');
      withChrony(host);
      host.file(
        '/etc/chrony.conf',
        'server ntp.az-a.pod\nserver ntp.az-b.pod\nserver ntp.az-c.pod\nsourcedir /run/chrony-dhcp\n',
      );
    },
    head: head('found chrony 4.3 service=chronyd file=/etc/chrony.conf', 'revision -', NAMES),
  },
  {
    name: 'RHEL 9, ntpsec of EPEL (its unit is called ntpd)',
    kind: 'ntpsec',
    service: 'ntpd',
    manager: 'systemctl',
    lay(host) {
      withSystemctl(host, 'ntpd');
      withNtpsec(host);
      host.file('/etc/ntp.conf', NTP_CONF);
    },
    head: head('found ntpsec 1.2.2 service=ntpd file=/etc/ntp.conf', REVISION, NAMES, LITERALS),
  },
  {
    name: 'a daemon outside any service manager',
    kind: 'ntpsec',
    service: '-',
    manager: 'service',
    lay(host) {
      withNtpsec(host);
      host.file('/etc/ntpsec/ntp.conf', NTP_CONF);
    },
    head: head('found ntpsec 1.2.2 service=- file=/etc/ntpsec/ntp.conf', REVISION, NAMES, LITERALS),
  },
];

export function layout(start: string): Layout {
  const found = LAYOUTS.find(({ name }) => name.startsWith(start));
  if (found === undefined) throw new Error(`No layout ${start}`);
  return found;
}
