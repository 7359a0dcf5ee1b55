/** What the simulated hosts say they run: the versions the captures were taken from. */
export const NTP_VERSIONS = {
  ntpd: {
    full: 'ntpd 4.2.8p6 Sun Nov 22 21:17:30 UTC 2026 (1)',
    ntpq: 'ntpq 4.2.8p6 Sun Nov 22 21:17:30 UTC 2026 (1)',
  },
  ntpsec: { full: 'ntpd ntpsec-1.2.2', ntpq: 'ntpq ntpsec-1.2.2' },
  chrony: {
    full: 'chronyd (chrony) version 4.3 (+CMDMON +NTP +REFCLOCK +RTC +PRIVDROP +SCFILTER +SIGND +ASYNCDNS +NTS +SECHASH +IPV6 -DEBUG)',
    chronyc: 'chronyc (chrony) version 4.3 (+READLINE +SECHASH +IPV6 -DEBUG)',
  },
  kernel: '6.1.0-28-cloud-amd64',
};
