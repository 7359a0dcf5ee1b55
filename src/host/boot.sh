# shellcheck shell=sh
# boot.sh: the last part of boot: gives this host the configuration of its pod, tier and AZ. The lines above the first part
# say which: POD, TIER, AZ, and LAST_LINE, by which each of podtime's files ends.
#
# Run as root, at boot and whenever the fleet file has changed: the configuration is fetched beside the old one, checked,
# and put in its place at once; the daemon is restarted only when it changed. A boundary server is registered in DNS.
#
# Exit status: 0 the host runs on its configuration; 1 it does not, and whatever it ran on is still there; 2 wrong use.
# A failure to register is told and does not count. Needs curl; sha256sum or openssl, where the host has one.

# Below these the daemon does not know what the files say: ntpd 4.2.6 has no 'restrict source' and would be left without
# time, ntpsec 1.1 is the oldest known to, and podtime reads chrony by 'chronyc -c', new in 2.4.
OLDEST_NTPD=4.2.8
OLDEST_NTPSEC=1.1.0
OLDEST_CHRONY=2.4

say() {
  printf 'podtime: %s\n' "$1"
}

warn() {
  printf 'podtime: %s\n' "$1" >&2
}

fail() {
  warn "$1"
  exit 1
}

# check_daemon sets `wanted`, the file to fetch, for a daemon that knows what it says.
check_daemon() {
  find_installed_daemon || fail 'no time daemon is installed: neither ntpd (classic or ntpsec) nor chronyd'
  [ -z "$also" ] ||
    warn "ntpd and chronyd are both installed: $program gets the configuration, and the other should be removed"
  case $kind in
    chrony) wanted=chrony.conf oldest=$OLDEST_CHRONY ;;
    ntpsec) wanted=ntpsec.conf oldest=$OLDEST_NTPSEC ;;
    *) wanted=ntp.conf oldest=$OLDEST_NTPD ;;
  esac
  [ -n "$version" ] || fail "$kind does not tell its version, so it is left as it is"
  at_least "$version" "$oldest" ||
    fail "$kind $version is too old: $wanted wants $oldest or later. It is left as it is"
}

# at_least A B: whether version A is B or later.
at_least() {
  awk -v a="$1" -v b="$2" 'BEGIN {
    split(a, have, "."); split(b, want, ".")
    for (i = 1; i <= 3; i++) if (have[i] + 0 != want[i] + 0) exit (have[i] + 0 < want[i] + 0)
  }'
}

# call CURL_OPTION...: three tries, because the network may be some seconds behind this script.
call() {
  for pause in 2 4 none; do
    curl --fail --silent --show-error --proto '=http,https' --connect-timeout 5 --max-time 20 "$@" </dev/null && return 0
    [ "$pause" = none ] || sleep "$pause"
  done
  return 1
}

# check_file FILE sets `revision`, which the second line of podtime's files names, and `wrong`: what keeps it from being the
# file that was asked for, whole; empty when it is.
check_file() {
  revision=$(exec sed -n '2s/^# revision \([0-9a-f]\{16\}\)$/\1/p' "$1") wrong=''
  if [ "$(exec sed -n '1p' "$1")" != "# podtime: $wanted for pod $POD, tier $TIER, AZ $AZ" ]; then
    wrong="is not $wanted for pod $POD, tier $TIER, AZ $AZ"
  elif [ -z "$revision" ]; then
    wrong='names no revision'
  elif [ "$(exec sed -n '$p' "$1")" != "$LAST_LINE" ]; then
    wrong='is cut off'
  else
    hash=$(sed '2d' "$1" | digest)
    [ -z "$hash" ] || [ "$hash" = "$revision" ] ||
      wrong="is damaged: its revision is $revision, its content's is $hash"
  fi
}

# The first 16 digits of the SHA-256 of what it reads; nothing on a host that cannot tell.
digest() {
  if has sha256sum; then
    sha256sum | cut -c 1-16
  elif has openssl; then
    openssl dgst -sha256 | sed 's/^.*= *//' | cut -c 1-16
  fi
}

same_content() {
  [ -f "$2" ] && [ "$(exec cat "$1")" = "$(exec cat "$2")" ]
}

# Puts the fetched file in its place. The mark stands while the daemon may still run on the file before, so that a run
# that was cut short between is made good by the next; what it kept as the file before is then not overwritten.
install_file() {
  mark=$target.podtime-restart
  previous=$target.previous
  if same_content "$fetched" "$target" && [ ! -e "$mark" ]; then
    say "$target is right already (revision $revision); $service is not restarted"
    find_active_service "$service" && return 0
    warn "$service does not run, and boot.sh starts no daemon that was stopped"
    return 1
  fi
  if [ ! -e "$mark" ]; then
    rm -f "$previous"
    if [ -f "$target" ]; then cp -p "$target" "$previous" || return 1; fi
  fi
  : >"$mark" && chmod 644 "$fetched" && mv -f "$fetched" "$target" || return 1
  if has restorecon; then restorecon "$target"; fi
  if restart "$service"; then
    rm -f "$mark"
    say "$target is new (revision $revision); $service was restarted"
    return 0
  fi
  if [ -f "$previous" ]; then
    mv -f "$previous" "$target"
    warn "$service could not be restarted with the new $target: the old one is back"
  else
    rm -f "$target"
    warn "$service could not be restarted with the new $target: it was removed again, as there was none before"
  fi
  rm -f "$mark"
  restart "$service" || warn "$service does not start as it was before either"
  return 1
}

# Debian starts ntpd on another file when DHCP names time servers, unless told not to.
check_dhcp_file() {
  other=$ROOT/run/ntp.conf.dhcp settings=$ROOT/etc/default/ntp
  if [ "$kind" = ntpsec ]; then other=$ROOT/run/ntpsec/ntp.conf.dhcp settings=$ROOT/etc/default/ntpsec; fi
  [ "$kind" = chrony ] || [ ! -e "$other" ] || grep -q '^IGNORE_DHCP="\{0,1\}yes' "$settings" 2>/dev/null || {
    warn "$service reads $other instead of $target: say IGNORE_DHCP=\"yes\" in $settings and restart it"
    return 1
  }
}

configure() {
  folder=${target%/*}
  fetched=$(exec mktemp "$folder/.podtime.XXXXXX") || fail "cannot write to $folder; $target is left as it is"
  trap 'rm -f "$fetched"' EXIT
  trap 'exit 1' HUP INT TERM
  if ! call --max-filesize 65536 --output "$fetched" "$API/$POD/$TIER/$AZ/$wanted"; then
    warn "$API does not answer with $wanted; $target is left as it is"
    return 1
  fi
  check_file "$fetched"
  if [ -n "$wrong" ]; then
    warn "what $API answered $wrong; $target is left as it is"
    return 1
  fi
  install_file && check_dhcp_file
}

main() {
  API=${PODTIME_URL:-}
  [ $# -eq 0 ] || API=$1
  # where it comes from a file it may end in a newline
  while :; do
    case $API in
      */ | *'
') API=${API%?} ;;
      *) break ;;
    esac
  done
  case $API in
    *[!][A-Za-z0-9.:/_~-]*) API='' ;;
    http://?* | https://?*) ;;
    *) API='' ;;
  esac
  if [ -z "$API" ] || [ $# -gt 1 ]; then
    warn 'usage: boot.sh BASE_URL (or PODTIME_URL): the base URL of the API, http:// or https://'
    exit 2
  fi
  has curl || fail 'there is no curl'
  check_daemon
  say "$kind $version, service $service"
  status=0
  configure || status=1
  if [ "$TIER" = boundary ]; then
    if call --request POST --data '' --output /dev/null "$API/$POD/register"; then
      say "registered with $API"
    else
      warn "could not register with $API: podtime's watchdog will"
    fi
  fi
  exit "$status"
}

# Last, so that nothing runs of a script that was cut off on its way.
main "$@"
