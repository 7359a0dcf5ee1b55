# shellcheck shell=sh
# shellcheck disable=SC2154 # collect sets `answer`
# authentication.sh: a part of collect: of which of the sources that are to be asked with NTS (nts-names.sh) chrony and ntpd-rs
# could not get keys and cookies, and whose certificate is near its end. ntpsec tells the first by their rows: `.NTS.`.
#
# Asks chronyc -c -N authdata, and only where the configuration has `nts`: chrony before 4.0 knows neither.

# print_authentication: `authenticated NUMBER`, and for each of the others `unauthenticated NAME ATTEMPTS NAKS SECONDS`: key
# exchanges that failed since the last that did not, cookies refused since, and how long ago that was; `-` is never, or not told.
print_authentication() {
  [ -n "$nts_names" ] || return 0
  case $kind in
    chrony)
      ask chronyc -c -N authdata || return 0
      # the field is of 32 bits: all ones are never
      lines=$(printf '%s\n' "$reply" | awk -F, '
        NF != 10 || $2 != "NTS" { next }
        $9 > 0 { good++; next }
        { bad = bad "unauthenticated " $1 " " $7 " " $8 " " ($6 == 4294967295 ? "-" : $6) "\n" }
        END { printf "authenticated %d\n%s", good, bad }')
      ;;
    # its `status` names no source before there are keys for it
    ntpd-rs)
      lines=$(printf '%s\n' "$status" | awk -v names="$nts_names" '
        /^ntp_source_/ && match($0, /name="[^":]*/) { listed[tolower(substr($0, RSTART + 6, RLENGTH - 6))] = 1 }
        END {
          count = split(names, list, "\n")
          for (i = 1; i <= count; i++) if (list[i] in listed) good++; else bad = bad "unauthenticated " list[i] " - - -\n"
          printf "authenticated %d\n%s", good, bad
        }')
      ;;
    *) return 0 ;;
  esac
  spare_lines "$lines"
}

# boot looks four times a day (docs/deploy.md), at each once a day: what is older was never looked at again
NOTE_SECONDS=172800

# print_certificates: `certificate NAME SECONDS_LEFT SECONDS_IN_ALL` of those that boot saw, with less than a third of their life
# before them, when whoever renews them by ACME has done so.
print_certificates() {
  [ -n "$nts_names" ] && [ -r "$CERTIFICATES" ] || return 0
  read_clock
  lines=$(exec awk -v now="$now" -v names="$nts_names" -v longest="$NOTE_SECONDS" '
    BEGIN { count = split(names, list, "\n"); for (i = 1; i <= count; i++) asked[list[i]] = 1 }
    !($1 in asked) || $3 !~ /^[0-9]+$/ || $4 !~ /^[0-9]+$/ || now - $2 > longest || $2 - now > longest { next }
    ($4 - now) * 3 < $4 - $3 { printf "certificate %s %.0f %.0f\n", $1, $4 - now, $4 - $3 }' "$CERTIFICATES")
  spare_lines "$lines"
}
