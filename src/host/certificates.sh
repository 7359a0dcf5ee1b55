# shellcheck shell=sh
# certificates.sh: a part of boot: until when certificates are valid of the servers that this host asks with NTS.
#
# Boot looks last, when all else is done, and notes what it saw for collect (decision 0090). Needs openssl and timeout; without
# them nothing is noted. Asks openssl s_client, NAME:4460, for what any host may ask.

DAY_SECONDS=86400
# after a look without an answer, and in the last third of a certificate's life: it may have been renewed
RETRY_SECONDS=3600
# half a minute a run at most; who is left is seen by the next, six hours later (docs/deploy.md)
LOOKS_AT_ONCE=8
LOOK_SECONDS=4

# look_at_certificates FILE: looks at those that are due of the servers that the file asks with NTS.
look_at_certificates() {
  has openssl && has timeout || return 0
  find_nts_names "$1"
  read_clock
  [ "$now" -gt 0 ] || return 0
  read_note
  find_due
  seen=''
  for name in $due; do
    look_at "$name"
    seen=$seen$name' '$dates$NEWLINE
  done
  [ -z "$due" ] || note_certificates
}

# read_note sets `noted`.
read_note() {
  noted=''
  [ ! -r "$CERTIFICATES" ] || noted=$(exec cat "$CERTIFICATES")
}

# find_due sets `due`: the names to look at now, those that were not looked at for the longest time first, so that each has its
# turn.
find_due() {
  due=$(printf '%s\n' "$noted" | awk -v now="$now" -v names="$nts_names" -v day="$DAY_SECONDS" -v retry="$RETRY_SECONDS" \
    -v most="$LOOKS_AT_ONCE" '
    { age[$1] = now - $2; pause[$1] = $4 ~ /^[0-9]+$/ && ($4 - now) * 3 >= $4 - $3 ? day : retry }
    END {
      count = split(names, list, "\n")
      while (found++ < most) {
        oldest = ""
        for (i = 1; i <= count; i++) {
          name = list[i]
          # a look in the future was noted by a clock since set back
          if (!(name in age) || age[name] < 0) age[name] = now
          if (!(name in taken) && age[name] >= pause[name] && (oldest == "" || age[name] > age[oldest])) oldest = name
        }
        taken[oldest]
        if (oldest != "") print oldest
      }
    }')
}

# note_certificates adds what was seen to what is known of the others, which another run may have noted meanwhile. While that one
# is at work nothing is noted: the next run looks again. The lock goes with this run (clean_up).
note_certificates() {
  lock_owner=''
  lock || return 0
  read_note
  # of a name that stands twice the first counts, and is kept
  printf '%s%s\n' "$seen" "$noted" | awk -v names="$nts_names" '
    BEGIN { count = split(names, list, "\n"); for (i = 1; i <= count; i++) asked[list[i]] = 1 }
    ($1 in asked) && !kept[$1]++' >"$CERTIFICATES.new" && mv -f "$CERTIFICATES.new" "$CERTIFICATES"
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
  [ -n "$dates" ] || dates="$now - -"
}
