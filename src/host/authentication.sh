# shellcheck shell=sh
# authentication.sh: a part of collect: which sources are to be asked with NTS (RFC 8915), and of which of them chrony and
# ntpd-rs could not get keys and cookies. ntpsec tells by their rows: `.NTS.`.
#
# Asks chronyc -c -N authdata, and only where the configuration has `nts`: chrony before 4.0 knows neither.

# find_nts_names sets `nts_names`, those of the configuration that are asked with NTS, in one line each.
find_nts_names() {
  nts_names=''
  case $kind in
    chrony | ntpsec | ntpd-rs) ;;
    *) return 0 ;;
  esac
  IFS=$NEWLINE
  # shellcheck disable=SC2086 # one a line
  set -- $config_files
  unset IFS
  [ $# -gt 0 ] || return 0
  nts_names=$(exec awk -v kind="$kind" '
    # as podtime writes it: a line for the mode, then one for the name
    kind == "ntpd-rs" && $1 == "[[source]]" { is_nts = 0 }
    kind == "ntpd-rs" && $1 == "mode" { is_nts = $3 == "\"nts\"" }
    kind == "ntpd-rs" && $1 == "address" && is_nts { host = $3; gsub(/"/, "", host); tell(host) }
    kind == "ntpd-rs" { next }
    tolower($1) != "server" && tolower($1) != "pool" { next }
    { for (i = 3; i <= NF; i++) if (tolower($i) == "nts") { tell($2); break } }
    function tell(host) { if (host ~ /^[0-9A-Za-z][0-9A-Za-z_.-]*$/ && !seen[host]++) print tolower(host) }
  ' "$@" 2>/dev/null)
}

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
  answer=$answer$lines$NEWLINE
}
