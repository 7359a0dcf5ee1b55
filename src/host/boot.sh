# shellcheck shell=sh
# boot.sh: the last part of boot: gives this host the configuration of its pod, tier and AZ. The lines above the first part
# say which: POD, TIER, AZ, and LAST_LINE, by which each of podtime's files ends.
#
# Run as root, at boot and whenever the fleet file has changed: the configuration is fetched beside the old one, checked, by its
# daemon too where that can, and put in its place at once; the daemon is restarted only when it changed. A boundary server on
# one of podtime's files is registered in DNS.
#
# Exit status: 0 the host runs on its configuration; 1 it does not, and whatever it ran on is still there; 2 wrong use.
# A failure to register is told and does not count. Needs curl; sha256sum or openssl, where the host has one. Last it looks at
# certificates (certificates.sh), which changes neither.

# Below these the daemon does not know what the files say: ntpd 4.2.6 has no 'restrict source' and would be left without
# time, ntpsec 1.1 is the oldest known to, podtime reads chrony by 'chronyc -c', new in 2.4, and ntpd-rs by what it tells
# since 1.0.
OLDEST_NTPD=4.2.8
OLDEST_NTPSEC=1.1.0
OLDEST_CHRONY=2.4
OLDEST_NTPD_RS=1.0

# Whoever reads the output may be gone (`boot.sh | head -1`): that ends no run.
say() {
  printf 'podtime: %s\n' "$1" 2>/dev/null || :
}

warn() {
  printf 'podtime: %s\n' "$1" >&2 2>/dev/null || :
}

fail() {
  warn "$1"
  exit 1
}

# check_daemon sets `wanted`, the file to fetch, for a daemon that knows what it says.
check_daemon() {
  find_installed_daemon ||
    fail 'no time daemon is installed: neither ntpd (classic or ntpsec) nor chronyd nor ntp-daemon (ntpd-rs)'
  [ -z "$also" ] ||
    warn "$also is installed beside $program, which gets the configuration: leave one of them"
  case $kind in
    chrony) wanted=chrony.conf oldest=$OLDEST_CHRONY ;;
    ntpsec) wanted=ntpsec.conf oldest=$OLDEST_NTPSEC ;;
    ntpd-rs) wanted=ntpd-rs.toml oldest=$OLDEST_NTPD_RS ;;
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

# check_file_read: whether the daemon reads the file that was put there. Its process tells; Debian starts ntpd on another file
# when DHCP names time servers, unless told not to.
check_file_read() {
  cure="let it start with $named"
  find_daemon_pid
  other=''
  [ -z "$pid" ] || other=$(file_on_command_line)
  dhcp=/run/ntp.conf.dhcp settings=/etc/default/ntp
  if [ "$kind" = ntpsec ]; then dhcp=/run/ntpsec/ntp.conf.dhcp settings=/etc/default/ntpsec; fi
  [ "$program" = ntpd ] || dhcp=''
  if [ -n "$dhcp" ] && [ -e "$ROOT$dhcp" ] && ! grep -q '^IGNORE_DHCP="\{0,1\}yes' "$ROOT$settings" 2>/dev/null; then
    other=$dhcp cure="say IGNORE_DHCP=\"yes\" in $ROOT$settings and restart it"
  fi
  case $other in
    '' | "${named#"$ROOT"}") return 0 ;;
  esac
  warn "$service reads $ROOT$other instead of $named: $cure"
  return 1
}

# check_serving: whether a boundary server of ntpd-rs has port 123 (7B): it goes on without where its service may not open it, as
# Debian's may not. Where not it sets `is_mute`: clients are not sent to it.
check_serving() {
  [ "$kind.$TIER" = ntpd-rs.boundary ] && [ -r "$ROOT/proc/net/udp" ] || return 0
  cat "$ROOT/proc/net/udp" "$ROOT/proc/net/udp6" 2>/dev/null | grep -q '^ *[0-9]*: [0-9A-F]*:007B [0-9A-F]*:0000 ' && return 0
  warn "$service has not opened port 123, so it serves nobody: add AmbientCapabilities=CAP_NET_BIND_SERVICE to its service"
  is_mute=yes
  return 1
}

# check_known: whether a boundary server that did not get its file has at least an older one of podtime's. A distribution's own
# serves nobody. Where not it sets `is_mute`.
check_known() {
  [ "$TIER" = boundary ] || return 0
  find_revision "$target"
  [ -z "$revision" ] || return 0
  warn "$target is none of podtime's files: nobody knows that $service serves the pod by it"
  is_mute=yes
}

# shellcheck disable=SC2317 # the traps call it
clean_up() {
  rm -f "$fetched" "$draft"
  unlock
}

configure() {
  named=$target fetched='' draft=''
  find_place || return 1
  trap clean_up EXIT
  trap 'exit 1' HUP INT QUIT ALRM TERM USR1 USR2
  take_turn && make_drafts && end_dead_run && fetch && check_by_daemon || return 1
  install_file
  case $? in
    0) check_file_read && check_serving ;;
    1) return 1 ;;
    *)
      cannot_write "$folder"
      return 1
      ;;
  esac
}

main() {
  # caught, not ignored: a daemon would inherit that
  trap : PIPE
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
  status=0 is_mute=''
  configure || status=1
  clean_up
  [ "$status" = 0 ] || check_known
  if [ -n "$is_mute" ]; then
    warn 'it is not registered by this run'
  elif [ "$TIER" = boundary ]; then
    if call --request POST --data '' --output /dev/null "$API/$POD/register"; then
      say "asked $API to register boundary servers"
    else
      warn "could not register with $API: podtime's watchdog will"
    fi
  fi
  # last, as it may take half a minute
  [ "$status" != 0 ] || look_at_certificates "$target" 2>/dev/null
  exit "$status"
}

# Last, so that nothing runs of a script that was cut off on its way.
main "$@"
