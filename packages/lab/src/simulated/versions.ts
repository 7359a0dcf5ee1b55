/** What the simulated hosts say they run: the versions the captures were taken from. */
export const NTP_VERSIONS = {
  ntpd: {
    full: 'ntpd 4.2.8p6 Sun Nov 22 21:17:30 UTC 2026 (1)',
    ntpq: 'ntpq 4.2.8p6 Sun Nov 22 21:17:30 UTC 2026 (1)',
  },
  ntpsec: { full: 'ntpd ntpsec-1.2.2', ntpq: 'ntpq ntpsec-1.2.2' },
  kernel: '6.1.0-28-cloud-amd64',
};

/** chrony of Debian's stable release, and of its next one: that one knows `refresh`. */
export const CHRONY_VERSIONS = { stable: '4.3', newer: '4.6.1' } as const;

export type ChronyVersion = (typeof CHRONY_VERSIONS)[keyof typeof CHRONY_VERSIONS];

export function knowsRefresh(version: ChronyVersion): boolean {
  return version === CHRONY_VERSIONS.newer;
}

/** What its programs say of themselves. */
export const chronyVersionTexts = (version: ChronyVersion) => ({
  full: `chronyd (chrony) version ${version} (+CMDMON +NTP +REFCLOCK +RTC +PRIVDROP +SCFILTER +SIGND +ASYNCDNS +NTS +SECHASH +IPV6 -DEBUG)`,
  chronyc: `chronyc (chrony) version ${version} (+READLINE +SECHASH +IPV6 -DEBUG)`,
});
