# shellcheck shell=sh
# shellcheck disable=SC2154 # collect sets `nts_names` and `answer`
# certificates.sh: a part of collect: until when certificates are valid of servers that are asked with NTS.
#
# Each is looked at once a day, behind the answer, so that no answer waits for it, and the next one tells what was seen. Needs
# openssl and timeout (decision 0090); without them nothing is told. Asks openssl s_client, NAME:4460, for what any host may ask.

# a line for each name: NAME LOOKED_AT STARTS ENDS, in seconds since the epoch; `-` where there was no answer
CERTIFICATES=$STATE/certificates
DAY_SECONDS=86400
# after a look without an answer
RETRY_SECONDS=3600
# SSM's agent ends the document 12 s after the answer is due: ANSWER_SECONDS and parameters.ts
LOOKS_AT_ONCE=2
LOOK_SECONDS=4

# print_certificates: `certificate NAME SECONDS_LEFT SECONDS_IN_ALL` of those with less than a third of their life before them,
# when whoever renews them by ACME has done so.
print_certificates() {
  [ -n "$nts_names" ] && [ -r "$CERTIFICATES" ] || return 0
  read_clock
  lines=$(exec awk -v now="$now" -v names="$nts_names" '
    BEGIN { count = split(names, list, "\n"); for (i = 1; i <= count; i++) asked[list[i]] = 1 }
    !($1 in asked) || $3 !~ /^[0-9]+$/ || $4 !~ /^[0-9]+$/ { next }
    ($4 - now) * 3 < $4 - $3 { printf "certificate %s %.0f %.0f\n", $1, $4 - now, $4 - $3 }' "$CERTIFICATES")
  [ -z "$lines" ] || answer=$answer$lines$NEWLINE
}

# Looks at those that are due, and keeps what is known of the others.
look_at_certificates() {
  [ -n "$nts_names" ] && has openssl && has timeout || return 0
  read_clock
  [ "$now" -gt 0 ] || return 0
  known=''
  [ ! -r "$CERTIFICATES" ] || known=$(exec cat "$CERTIFICATES")
  due=$(printf '%s\n' "$known" | awk -v now="$now" -v names="$nts_names" -v day="$DAY_SECONDS" -v most="$LOOKS_AT_ONCE" '
    { looked[$1] = $2 }
    END {
      count = split(names, list, "\n")
      for (i = 1; i <= count && found < most; i++) {
        # one in the future was written by a clock since set back
        age = now - looked[list[i]]
        if (!(list[i] in looked) || age >= day || age < -day) { print list[i]; found++ }
      }
    }')
  [ -n "$due" ] || return 0
  seen=''
  for name in $due; do
    look_at "$name"
    seen=$seen$name' '$dates$NEWLINE
  done
  mkdir -p "$STATE" 2>/dev/null || return 0
  # of a name that stands twice the first counts, and is kept
  printf '%s%s\n' "$seen" "$known" | awk -v names="$nts_names" '
    BEGIN { count = split(names, list, "\n"); for (i = 1; i <= count; i++) asked[list[i]] = 1 }
    ($1 in asked) && !kept[$1]++' >"$CERTIFICATES.new" 2>/dev/null && mv -f "$CERTIFICATES.new" "$CERTIFICATES" 2>/dev/null
}

# look_at NAME sets `dates`: when it was looked at, and from when until when the certificate is valid. OpenSSL writes
# `notAfter=Nov 30 23:41:11 2026 GMT`.
look_at() {
  dates=$(exec timeout "$LOOK_SECONDS" openssl s_client -connect "$1:4460" -servername "$1" -alpn ntske/1 </dev/null 2>/dev/null |
    openssl x509 -noout -startdate -enddate 2>/dev/null | awk -v now="$now" '
      # days since 1970 of the proleptic Gregorian calendar, its years begun in March
      function epoch(month, day, time, year,   m, t) {
        m = (index("JanFebMarAprMayJunJulAugSepOctNovDec", month) + 2) / 3
        if (m <= 2) year--
        m = (m + 9) % 12
        split(time, t, ":")
        day += 365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * m + 2) / 5) - 719469
        return ((day * 24 + t[1]) * 60 + t[2]) * 60 + t[3]
      }
      sub(/^notBefore=/, "") { starts = epoch($1, $2, $3, $4) }
      sub(/^notAfter=/, "") { ends = epoch($1, $2, $3, $4) }
      END { if (ends > starts && starts > 0) printf "%s %.0f %.0f", now, starts, ends }')
  [ -n "$dates" ] || dates="$((now - DAY_SECONDS + RETRY_SECONDS)) - -"
}
