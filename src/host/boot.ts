import { END } from '../config/layout.ts';
import { type Rendered, seal } from '../config/seal.ts';
import { pathOf, type Target, titleOf } from '../config/target.ts';

// The shell is plain text in here, not a file of its own, so that bundles, tests and tools take it without a loader.
// It uses no braces after a dollar: those are the only marks that a template would take for its own.

/**
 * boot.sh: gives a host the configuration of its pod, tier and AZ. POSIX sh: dash, bash and busybox run it. Nothing of
 * a request is in it; the host's user data says where the API is.
 */
export function bootScript(target: Target): Rendered {
  const { pod, tier, az } = target;
  const script = String.raw`#!/bin/sh
${titleOf(target, 'boot.sh')}
#
#   curl -fsS "$API${pathOf(target, 'boot.sh')}" -o /run/podtime-boot.sh && sh /run/podtime-boot.sh "$API"
#
# API is the base URL of podtime's API, which ends before /${pod.name}; it may also stand in PODTIME_URL. Run as root, at
# boot and whenever the fleet file has changed: the configuration is fetched beside the old one, checked, and put in its
# place at once; the daemon is restarted only when it changed. A boundary server is registered in DNS.
#
# Exit status: 0 the host runs on its configuration; 1 it does not, and whatever it ran on is still there; 2 wrong use.
# A failure to register is told and does not count. Needs curl; sha256sum or openssl, where the host has one.

POD='${pod.name}'
TIER='${tier}'
AZ='${az}'
# Below these the daemon does not know what the files say: ntpd 4.2.6 has no 'restrict source' and would be left without
# time, ntpsec 1.1 is the oldest known to, and podtime reads chrony by 'chronyc -c', new in 2.4.
OLDEST_NTPD=4.2.8
OLDEST_NTPSEC=1.1.0
OLDEST_CHRONY=2.4

LC_ALL=C
export LC_ALL
umask 022
# An installation root, as DESTDIR is; empty on a real host.
ROOT=$PODTIME_ROOT
PATH=$PATH:$ROOT/usr/local/sbin:$ROOT/usr/sbin:$ROOT/sbin
export PATH

say() {
  printf 'podtime: %s\n' "$1"
}

complain() {
  printf 'podtime: %s\n' "$1" >&2
}

fail() {
  complain "$1"
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# active NAME...: prints the first of these services that runs.
active() {
  for name in "$@"; do
    if has service; then
      service "$name" status
    else
      systemctl is-active "$name"
    fi </dev/null >/dev/null 2>&1 && echo "$name" && return 0
  done
  return 1
}

restart() {
  if has service; then
    service "$1" restart
  else
    systemctl restart "$1"
  fi </dev/null
}

# Sets kind, file (what to fetch), target (where it goes), service, version and oldest.
find_daemon() {
  ntp_service=$(active ntpsec ntp ntpd)
  chrony_service=$(active chrony chronyd)
  if has ntpd && has chronyd; then
    program=ntpd
    [ -n "$ntp_service" ] || [ -z "$chrony_service" ] || program=chronyd
    complain "ntpd and chronyd are both installed: $program gets the configuration, and the other should be removed"
  elif has ntpd; then
    program=ntpd
  elif has chronyd; then
    program=chronyd
  else
    fail 'no time daemon is installed: neither ntpd (classic or ntpsec) nor chronyd'
  fi
  told=$($program --version 2>&1 </dev/null)
  version=$(printf '%s\n' "$told" | awk 'match($0, /[0-9]+\.[0-9]+(\.[0-9]+)?/) { print substr($0, RSTART, RLENGTH); exit }')
  case $program.$told in
    chronyd.*) take_chrony ;;
    *ntpsec*) take_ntpsec ;;
    *) take_classic ;;
  esac
  [ -n "$version" ] || fail "$kind does not tell its version, so it is left as it is"
  at_least "$version" "$oldest" ||
    fail "$kind $version is too old: $file wants $oldest or later. It is left as it is"
}

take_chrony() {
  kind=chrony file=chrony.conf oldest=$OLDEST_CHRONY
  if [ -f "$ROOT/etc/chrony/chrony.conf" ] || { [ -d "$ROOT/etc/chrony" ] && [ ! -f "$ROOT/etc/chrony.conf" ]; }; then
    target=$ROOT/etc/chrony/chrony.conf service=chrony
  else
    target=$ROOT/etc/chrony.conf service=chronyd
  fi
  [ -z "$chrony_service" ] || service=$chrony_service
}

take_ntpsec() {
  kind=ntpsec file=ntpsec.conf oldest=$OLDEST_NTPSEC target=$ROOT/etc/ntp.conf service=ntpd
  if [ -d "$ROOT/etc/ntpsec" ]; then
    target=$ROOT/etc/ntpsec/ntp.conf service=ntpsec
  fi
  [ -z "$ntp_service" ] || service=$ntp_service
}

take_classic() {
  kind=ntpd file=ntp.conf oldest=$OLDEST_NTPD target=$ROOT/etc/ntp.conf service=ntpd
  # Debian and its kin
  [ ! -e "$ROOT/etc/debian_version" ] || service=ntp
  [ -z "$ntp_service" ] || service=$ntp_service
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

# fault FILE: what keeps it from being the file that was asked for, whole; nothing when it is.
fault() {
  if [ "$(sed -n '1p' "$1")" != "# podtime: $file for pod $POD, tier $TIER, AZ $AZ" ]; then
    echo "is not $file for pod $POD, tier $TIER, AZ $AZ"
    return
  fi
  named=$(sed -n '2s/^# revision \([0-9a-f]\{16\}\)$/\1/p' "$1")
  if [ -z "$named" ]; then
    echo 'names no revision'
  elif [ "$(sed -n '$p' "$1")" != '${END}' ]; then
    echo 'is cut off'
  else
    hashed=$(sed '2d' "$1" | digest)
    [ -z "$hashed" ] || [ "$hashed" = "$named" ] || echo "is damaged: its revision is $named, its content's is $hashed"
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

same() {
  [ -f "$2" ] && [ "$(cat "$1")" = "$(cat "$2")" ]
}

# Puts the fetched file in its place. The mark stands while the daemon may still run on the file before, so that a run
# that was cut short between is made good by the next; what it kept as the file before is then not overwritten.
install_file() {
  mark=$target.podtime-restart
  previous=$target.previous
  if same "$fetched" "$target" && [ ! -e "$mark" ]; then
    say "$target is right already (revision $named); $service is not restarted"
    active "$service" >/dev/null && return 0
    complain "$service does not run, and this starts nobody's daemon"
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
    say "$target is new (revision $named); $service was restarted"
    return 0
  fi
  if [ -f "$previous" ]; then
    mv -f "$previous" "$target"
    complain "$service could not be restarted with the new $target: the old one is back"
  else
    rm -f "$target"
    complain "$service could not be restarted with the new $target: it is gone again, as there was none before"
  fi
  rm -f "$mark"
  restart "$service" || complain "$service does not start as it was before either"
  return 1
}

# Debian starts ntpd on another file when DHCP names time servers, unless told not to.
read_by_daemon() {
  other=$ROOT/run/ntp.conf.dhcp settings=$ROOT/etc/default/ntp
  if [ "$kind" = ntpsec ]; then other=$ROOT/run/ntpsec/ntp.conf.dhcp settings=$ROOT/etc/default/ntpsec; fi
  [ "$kind" = chrony ] || [ ! -e "$other" ] || grep -q '^IGNORE_DHCP="\{0,1\}yes' "$settings" 2>/dev/null || {
    complain "$service reads $other instead of $target: say IGNORE_DHCP=\"yes\" in $settings and restart it"
    return 1
  }
}

configure() {
  folder=$(dirname "$target")
  fetched=$(mktemp "$folder/.podtime.XXXXXX") || fail "cannot write to $folder; $target is left as it is"
  trap 'rm -f "$fetched"' EXIT
  trap 'exit 1' HUP INT TERM
  if ! call --max-filesize 65536 --output "$fetched" "$BASE/$POD/$TIER/$AZ/$file"; then
    complain "$BASE does not answer with $file; $target is left as it is"
    return 1
  fi
  wrong=$(fault "$fetched")
  if [ -n "$wrong" ]; then
    complain "what $BASE answered $wrong; $target is left as it is"
    return 1
  fi
  named=$(sed -n '2s/^# revision //p' "$fetched")
  install_file && read_by_daemon
}

main() {
  BASE=$PODTIME_URL
  [ $# -eq 0 ] || BASE=$1
  BASE=$(printf '%s' "$BASE" | sed 's,/*$,,')
  case $BASE in
    *[!][A-Za-z0-9.:/_~-]*) BASE='' ;;
    http://?* | https://?*) ;;
    *) BASE='' ;;
  esac
  if [ -z "$BASE" ] || [ $# -gt 1 ]; then
    complain 'usage: boot.sh BASE_URL (or PODTIME_URL): the base URL of the API, http:// or https://'
    exit 2
  fi
  has curl || fail 'there is no curl'
  find_daemon
  say "$kind $version, service $service"
  status=0
  configure || status=1
  if [ "$TIER" = boundary ]; then
    if call --request POST --data '' --output /dev/null "$BASE/$POD/register"; then
      say "registered with $BASE"
    else
      complain "could not register with $BASE: podtime's watchdog will"
    fi
  fi
  exit "$status"
}

# Last, so that nothing runs of a script that was cut off on its way.
main "$@"
${END}`;
  return seal(script.split('\n'), 2);
}
