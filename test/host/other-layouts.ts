import { chmodSync } from 'node:fs';
import { captured, type Host } from './host.ts';

// Hosts whose daemon is none of those that podtime serves files for.

/** A program of the host, which is never run. */
export function withProgram(host: Host, path: string): Host {
  chmodSync(host.file(path, '#!/bin/sh\n').at(path), 0o755);
  return host;
}

const NTP_TOML = `# podtime: pod blue, tier client, us-west-2a
# revision 00112233445566778899aabbccddeeff
[observability]
observation-path = "/var/run/ntpd-rs/observe"
[[source]]
mode = "server"
address = "169.254.169.123" # the time service
  [[source]]
  address = 'NTP.az-a.pod.:123'
  mode = 'server'
[[source]]
mode = "nts-pool"
address = "[FD00:EC2:0::123]:123"
[[source]]
mode = "sock"
path = "/run/chrony.ttyS0.sock"
#[[source]]
#address = "ntp.az-x.pod"
[[source]]
mode = "pool"
address = "ntp.az-b.pod"
count = 4
[[server]]
listen = "[::]:123"
address = "ntp.az-y.pod"
`;

/** Debian 13's package: its tool as captured, of 1.4.0. */
export function withNtpdRs(host: Host, capture = 'settled-falseticker'): Host {
  withProgram(host, '/usr/sbin/ntp-daemon');
  return host
    .tools('service', 'systemctl', 'ntpq', 'chronyc')
    .on('service ntpd-rs status', 'active\n')
    .file('/etc/ntpd-rs/ntp.toml', NTP_TOML)
    .on(
      `ntp-ctl -c ${host.at('/etc/ntpd-rs/ntp.toml')} status -f prometheus`,
      captured(`ntpd-rs-1.4.0.${capture}.prometheus`),
    );
}

export const BUSCTL =
  'busctl get-property org.freedesktop.timesync1 /org/freedesktop/timesync1 org.freedesktop.timesync1.Manager ServerName ServerAddress PollIntervalUSec NTPMessage Frequency';

/** A cloud image as it comes: systemd's own client. */
export function withTimesyncd(host: Host, capture = 'slewed'): Host {
  withProgram(host, '/usr/lib/systemd/systemd-timesyncd');
  return host
    .tools('systemctl', 'busctl')
    .on('systemctl is-active systemd-timesyncd', 'active\n')
    .on('busctl --version', 'systemd 252 (252.39-1~deb12u2)\n+PAM +AUDIT\n')
    .on(BUSCTL, captured(`systemd-252.${capture}.busctl`))
    .on('systemctl show -p MainPID systemd-timesyncd', 'MainPID=612\n')
    .file('/proc/self/stat', '')
    .file('/proc/612/stat', `612 (systemd-timesyn) S 1 ${'0 '.repeat(17)}123400 86331392 1356\n`)
    .file('/proc/uptime', '5000.50 9000.00\n')
    .file('/etc/systemd/timesyncd.conf', '[Time]\nNTP=ntp.az-b.pod\n');
}
