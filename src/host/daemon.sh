# shellcheck shell=sh
# daemon.sh: the first part of boot, collect and cycle: the service manager of this host, the services of time daemons, their
# kinds by what they tell of their version, and where their files lie.
#
# Runs under dash, bash and busybox sh, as root, with or without sudo, service, systemctl, timeout.
# A host's files are taken below PODTIME_ROOT, which is empty on a real host and names a tree in tests.

set -uf
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
# a service manager answers at once, or hangs
STATUS_SECONDS=10
# as long as systemd gives a daemon to stop
RESTART_SECONDS=90

has() {
  command -v "$1" >/dev/null 2>&1
}

# bounded SECONDS COMMAND...: ends the command after so long, where the host has `timeout`.
bounded() {
  if has timeout; then
    timeout "$@"
  else
    shift
    "$@"
  fi
}

# find_services sets
#   manager         service or systemctl (only where there is no service); empty without either
#   ntp_service     the active service of an ntpd, of chronyd; empty where none is
#   chrony_service
find_services() {
  manager=''
  if has service; then
    manager=service
  elif has systemctl; then
    manager=systemctl
  fi
  # shellcheck disable=SC2086 # lists of names
  ntp_service=$(active_service $NTP_SERVICES) chrony_service=$(active_service $CHRONY_SERVICES)
}

# active_service NAME...: the first of these that the service manager calls active. One that hangs is not.
active_service() {
  for name in "$@"; do
    case $manager in
      service) bounded "$STATUS_SECONDS" service "$name" status ;;
      systemctl) bounded "$STATUS_SECONDS" systemctl is-active "$name" ;;
      *) return 1 ;;
    esac </dev/null >/dev/null 2>&1 && echo "$name" && return 0
  done
  return 1
}

# restart SERVICE
restart() {
  case $manager in
    service) bounded "$RESTART_SECONDS" service "$1" restart ;;
    systemctl) bounded "$RESTART_SECONDS" systemctl restart "$1" ;;
    *) return 1 ;;
  esac </dev/null
}

# kind_of TEXT: `ntpsec` or `ntpd`, by the version that an ntpd tells. ntpsec also goes by the service name ntpd (EPEL).
kind_of() {
  case $1 in
    *ntpsec*) echo ntpsec ;;
    *) echo ntpd ;;
  esac
}

# usual_files: where a distribution puts the configuration of a daemon of this kind and service, most likely first.
usual_files() {
  case $kind.$service in
    chrony.chronyd) echo /etc/chrony.conf /etc/chrony/chrony.conf ;;
    chrony.*) echo /etc/chrony/chrony.conf /etc/chrony.conf ;;
    ntpsec.ntpd) echo /etc/ntp.conf /etc/ntpsec/ntp.conf ;;
    ntpsec.*) echo /etc/ntpsec/ntp.conf /etc/ntp.conf ;;
    *) echo /etc/ntp.conf ;;
  esac
}
