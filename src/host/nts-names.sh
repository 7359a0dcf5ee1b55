# shellcheck shell=sh
# nts-names.sh: a part of boot and collect: which servers are asked with NTS (RFC 8915), and where boot notes what it saw of their
# certificates, which collect tells (decision 0090).

# a line for each name: NAME LOOKED_AT STARTS ENDS, in seconds since the epoch; the last two are `-` where there was no answer
CERTIFICATES=$STATE/certificates

# find_nts_names FILE... sets `nts_names`, those that these files of a daemon of this `kind` ask with NTS, in one line each.
find_nts_names() {
  nts_names=''
  case $kind in
    chrony | ntpsec | ntpd-rs) ;;
    *) return 0 ;;
  esac
  [ $# -gt 0 ] || return 0
  nts_names=$(exec awk -v kind="$kind" '
    # as podtime writes it: a line for the mode, then one for the name
    kind == "ntpd-rs" && $1 == "[[source]]" { is_nts = 0 }
    kind == "ntpd-rs" && $1 == "mode" { is_nts = $3 == "\"nts\"" }
    kind == "ntpd-rs" && $1 == "address" && is_nts { host = $3; gsub(/"/, "", host); tell(host) }
    tolower($1) != "server" && tolower($1) != "pool" { next }
    { for (i = 3; i <= NF; i++) if (tolower($i) == "nts") { tell($2); break } }
    function tell(host) { if (host ~ /^[0-9A-Za-z][0-9A-Za-z_.-]*$/ && !seen[host]++) print tolower(host) }
  ' "$@" 2>/dev/null)
}
