# shellcheck shell=sh
# daemon.sh: the first part of boot, collect and cycle: the service manager of this host, the services of time daemons, their
# kinds by what they tell of their version, and where their files lie.
#
# Runs under dash, bash and busybox sh, as root, with or without sudo, service, systemctl, timeout. Functions set variables
# instead of printing what a caller would need a process to read, and `$(exec ...)` keeps bash from a second process: these
# scripts run on every host every few minutes.
# A host's files are taken below PODTIME_ROOT, which is empty on a real host and names a tree in tests.

set -uf +e
LC_ALL=C
export LC_ALL
umask 022
ROOT=${PODTIME_ROOT:-}
# cloud-init and SSM's agent may lack the folders where daemons live
PATH=$PATH:$ROOT/usr/local/sbin:$ROOT/usr/sbin:$ROOT/sbin
export PATH

# The name of the package first: Debian's systemd knows ntpsec also as ntp and ntpd, chrony also as chronyd.
NTP_SERVICES='ntpsec ntp ntpd'
CHRONY_SERVICES='chrony chronyd'
NTPD_RS_SERVICES=ntpd-rs
# a service manager answers at once, or hangs: so long for all questions about services together, and a second more for each
# that is left then
STATUS_SECONDS=10
# as long as systemd gives a daemon to stop
RESTART_SECONDS=90

STATE=$ROOT/var/lib/podtime
# What a tool prints and a list of files are read line by line.
NEWLINE='
'

# The uptime at which collect must have answered; empty in the other scripts.
answer_by=''

has() {
  command -v "$1" >/dev/null 2>&1
}

# bounded SECONDS COMMAND...: ends the command after so long. Without `timeout` a second process watches it.
bounded() {
  if has timeout; then
    timeout "$@"
    return
  fi
  bound_seconds=$1
  shift
  "$@" &
  bounded_pid=$!
  # by seconds, so that it ends soon after the command
  (
    while [ "$bound_seconds" -gt 0 ]; do
      sleep 1
      kill -0 "$bounded_pid" || exit 0
      bound_seconds=$((bound_seconds - 1))
    done
    kill "$bounded_pid"
  ) >/dev/null 2>&1 &
  wait "$bounded_pid"
}

# one_line TEXT: its first line that is not blank, without quotes, printable, at most 120 characters: podtime calls any other
# character hostile (src/fleet/printable.ts).
one_line() {
  printf '%s\n' "$1" | awk '
    NF { gsub(/["\047\140]/, ""); gsub(/[^ -~]|[<>&]/, "?"); sub(/^ +/, ""); print substr($0, 1, 120); exit }'
}

is_number() {
  case $1 in
    '' | *[!0-9]*) return 1 ;;
  esac
  [ "${#1}" -le 12 ]
}

# read_clock sets `now`, seconds since the epoch; 0 when the host cannot tell.
read_clock() {
  now=$(exec date +%s 2>/dev/null)
  is_number "$now" || now=0
}

# measure_since TIME sets `seconds`, how far it is from now, either way: one in the future was written by a clock since set
# back.
measure_since() {
  read_clock
  seconds=$(exec awk -v a="$now" -v b="$1" 'BEGIN { d = a - b; printf "%d\n", d < 0 ? -d : d }')
}

# read_line FILE sets `line`, its first line without blanks around it; empty when it cannot be read.
read_line() {
  line=''
  { read -r line <"$1"; } 2>/dev/null || :
}

# read_uptime sets `uptime`, seconds since the host booted, which no step of its clock moves; 0 where the host does not tell.
read_uptime() {
  read_line "$ROOT/proc/uptime"
  uptime=${line%%.*}
  is_number "$uptime" || uptime=0
}

# begin_status begins the time that questions about services may take together.
begin_status() {
  read_uptime
  status_until=$((uptime + STATUS_SECONDS))
}

# limit_status sets `status_seconds`, how long the next question about a service may take.
limit_status() {
  read_uptime
  status_seconds=$((status_until - uptime))
  [ "$status_seconds" -ge 1 ] || status_seconds=1
}

# find_services sets
#   manager         service or systemctl (only where there is no service); empty without either
#   ntp_service     the active service of an ntpd, of chronyd, of ntpd-rs; empty where none is
#   chrony_service
#   ntpd_rs_service
#   asked           the services that were asked for
# A question costs a process, and nearly no host has ntpd-rs: it is asked for where its program is.
find_services() {
  manager=''
  if has service; then
    manager=service
  elif has systemctl; then
    manager=systemctl
  fi
  begin_status
  # shellcheck disable=SC2086 # a list of names
  find_active_service $NTP_SERVICES
  ntp_service=$active
  # shellcheck disable=SC2086 # a list of names
  find_active_service $CHRONY_SERVICES
  chrony_service=$active ntpd_rs_service='' asked="$NTP_SERVICES $CHRONY_SERVICES"
  has ntp-daemon || return 0
  asked="$asked $NTPD_RS_SERVICES"
  find_active_service $NTPD_RS_SERVICES
  # shellcheck disable=SC2034 # boot has no use for it
  ntpd_rs_service=$active
}

# find_active_service NAME... sets `active`, the first of these that the service manager calls active; returns 1 where
# none is. One that hangs is not.
find_active_service() {
  for active in "$@"; do
    limit_status
    case $manager in
      service) bounded "$status_seconds" service "$active" status ;;
      systemctl) bounded "$status_seconds" systemctl is-active "$active" ;;
      *) false ;;
    esac </dev/null >/dev/null 2>&1 && return 0
  done
  active=''
  return 1
}

# restart SERVICE. Sets `words`, a line of what the service manager said when it fails. A file takes it: our own output may be
# a closed pipe, and a daemon that kept it open would keep whoever reads it waiting. Where there is no such file nothing is told.
# shellcheck disable=SC2034 # collect restarts nothing
restart() {
  log=$STATE/restart.log words=''
  { true >"$log"; } 2>/dev/null || log=/dev/null
  case $manager in
    service) bounded "$RESTART_SECONDS" service "$1" restart ;;
    systemctl) bounded "$RESTART_SECONDS" systemctl restart "$1" ;;
    *) false ;;
  esac </dev/null >"$log" 2>&1 && return 0
  words=$(one_line "$(exec cat "$log")")
  return 1
}

# tell_ntp_kind TEXT sets `kind`, `ntpsec` or `ntpd`, by the version that an ntpd tells. ntpsec also goes by the service
# name ntpd (EPEL).
tell_ntp_kind() {
  case $1 in
    *ntpsec*) kind=ntpsec ;;
    *) kind=ntpd ;;
  esac
}

# list_usual_files sets `usual_files`: where a distribution puts the configuration of a daemon of this kind and service,
# most likely first.
list_usual_files() {
  case $kind.$service in
    chrony.chronyd) usual_files='/etc/chrony.conf /etc/chrony/chrony.conf' ;;
    chrony.*) usual_files='/etc/chrony/chrony.conf /etc/chrony.conf' ;;
    ntpsec.ntpd) usual_files='/etc/ntp.conf /etc/ntpsec/ntp.conf' ;;
    ntpsec.*) usual_files='/etc/ntpsec/ntp.conf /etc/ntp.conf' ;;
    ntpd-rs.*) usual_files=/etc/ntpd-rs/ntp.toml ;;
    systemd-timesyncd.*) usual_files=/etc/systemd/timesyncd.conf ;;
    openntpd.*) usual_files='/etc/openntpd/ntpd.conf /etc/ntpd.conf' ;;
    busybox-ntpd.*) usual_files='' ;;
    *) usual_files=/etc/ntp.conf ;;
  esac
}
