# shellcheck shell=sh
# running.sh: a part of collect and cycle: which time daemon runs on this host, since when, and by which service.
#
# Asks the host by
#   service NAME status | systemctl is-active NAME     (daemon.sh; systemctl only where there is no service)
#   ntpq -c 'rv 0 version', ntpq -c 'rv 0 ss_uptime,…', chronyc -c tracking, chronyc -v, ntp-ctl -c FILE status -f prometheus,
#   busctl --version, readlink /proc/PID/exe, date +%s
#
# What tools and files print is never trusted: it is quoted everywhere, cut, and stripped of unprintable characters.

# seconds since the epoch of podtime's last cycle on this host
STAMP=$STATE/cycled
# ntpq gives up after 10 seconds, chronyc after about as many
QUERY_SECONDS=12

# read_stamp sets `stamp_age`, seconds since podtime last cycled this host; `-` never.
read_stamp() {
  stamp_age=-
  read_line "$STAMP"
  is_number "$line" || return 0
  measure_since "$line"
  stamp_age=$seconds
}

# `trouble` of an ntpq that was ended after some rows: it exits 0 whatever else befalls it
ENDED_NTPQ='ntpq did not answer any more'

# ask TOOL ARGUMENT... sets `reply`, all that the daemon's tool prints, and returns its status. Every failure of ntpq exits
# 0: only the reply itself tells. Where the script must have answered by `answer_by` (an uptime), nothing is asked after that.
ask() {
  reply="$1 is not installed"
  has "$1" || return 1
  query_seconds=$QUERY_SECONDS
  if [ -n "$answer_by" ]; then
    read_uptime
    reply="no time was left to ask $1"
    [ "$uptime" -lt "$answer_by" ] || return 1
    [ $((answer_by - uptime)) -ge "$query_seconds" ] || query_seconds=$((answer_by - uptime))
  fi
  if has timeout; then
    reply=$(exec timeout "$query_seconds" "$@" </dev/null 2>&1)
  else
    reply=$(exec "$@" </dev/null 2>&1)
  fi
}

# read_chronyc_reply sets, of a `reply` of chronyc that failed, `rows`, the sources that it told before, and `trouble`, what it
# said last beside them.
read_chronyc_reply() {
  rows='' trouble='chronyc printed nothing'
  IFS=$NEWLINE
  for each in $reply; do
    case $each in
      # a whole one: the last of its ten fields has nine decimals
      [=#^],*,*,*,*,*,*,*,*,*.?????????) rows=$rows$each$NEWLINE trouble='chronyc did not answer any more' ;;
      [=#^],*) trouble='chronyc did not answer any more' ;;
      *) trouble=$each ;;
    esac
  done
  unset IFS
  trouble=$(one_line "$trouble")
}

# find_running_daemon sets
#   kind      ntpd, ntpsec, chrony or ntpd-rs; systemd-timesyncd, openntpd or busybox-ntpd where none of these runs; none when no
#             daemon runs (then it returns 1)
#   service   the service's name; `-` when the daemon runs outside the service manager
#   also      the kinds of others that run beside it, any of the seven, or empty
#   version   `-` when not told
#   trouble   what the daemon's query tool said when it failed, or empty
#   status    all that ntp-ctl told of ntpd-rs
#   pid file  see process.sh and config.sh
# A daemon runs when its service is active, or, where none is, when it answers its query tool. Of several that run, it is the
# one whose file is podtime's or names podtime's servers; else ntpd, which holds the port.
find_running_daemon() {
  kind=none service=- also='' version=- trouble='' status='' pid='' file=-
  find_services
  find_time_processes
  [ -n "$ntp_service$chrony_service$ntpd_rs_service" ] || ask_tools
  [ -z "$ntp_service" ] || set -- ntp
  [ -z "$chrony_service" ] || set -- "$@" chrony
  [ -z "$ntpd_rs_service" ] || set -- "$@" ntpd_rs
  case $# in
    0) describe_other ;;
    1) describe "$1" ;;
    *) choose_daemon "$@" ;;
  esac
  find_beside
  [ "$kind" != none ]
}

# ask_tools: a daemon that no service started answers its tool all the same.
ask_tools() {
  if ask chronyc -c tracking; then
    chrony_service=-
    return
  fi
  ask ntpq -c 'rv 0 version'
  case $reply in
    *version=*)
      ntp_service=-
      return
      ;;
  esac
  ask ntp-ctl status -f prometheus
  case $reply in
    *ntp_system_stratum*) ntpd_rs_service=- ;;
  esac
}

# describe ntp|chrony|ntpd_rs
describe() {
  case $1 in
    ntp) describe_ntp ;;
    chrony) describe_chrony ;;
    *) describe_ntpd_rs ;;
  esac
}

# choose_daemon NAME...: of several that run.
choose_daemon() {
  chosen='' kinds=''
  for runner in "$@"; do
    describe "$runner"
    kinds="$kinds $kind"
    if [ -z "$chosen" ] && is_managed; then chosen=$runner; fi
  done
  [ "${chosen:-$1}" = "$runner" ] || describe "${chosen:-$1}"
  for each in $kinds; do
    [ "$each" = "$kind" ] || also=${also:+$also }$each
  done
}

# The version that it answers tells the kind; Debian's own name tells where it does not answer.
describe_ntp() {
  service=$ntp_service trouble='' version=''
  ask ntpq -c 'rv 0 version'
  case $reply in
    *'version="ntpd '*) version=${reply#*'version="ntpd '} ;;
    *'version=ntpd '*) version=${reply#*'version=ntpd '} ;;
  esac
  version=${version%%[!0-9A-Za-z.-]*}
  tell_ntp_kind "$version"
  version=${version#ntpsec-}
  case $reply in
    *version=*) ;;
    *)
      trouble=$(one_line "${reply:-ntpq printed nothing}")
      if [ "$service" = ntpsec ] || { [ -d "$ROOT/etc/ntpsec" ] && [ ! -e "$ROOT/etc/ntp.conf" ]; }; then kind=ntpsec; fi
      ;;
  esac
  [ -n "$version" ] || version=-
  find_daemon_pid
  if [ -n "$trouble" ] && find_other_ntpd; then trouble=''; fi
  find_config
}

describe_chrony() {
  service=$chrony_service kind=chrony trouble=''
  ask chronyc -v
  case $reply in
    *'version '[0-9]*)
      # the first that a digit follows: the loader may complain before that a library tells no version information
      rest=${reply#*'version '[0-9]}
      version=${reply%"$rest"}
      version=${version##* }$rest
      version=${version%%[!0-9A-Za-z.-]*}
      ;;
    *) version=- ;;
  esac
  find_daemon_pid
  find_config
}

# find_age sets `age`, seconds since the daemon started, `-` when the host does not tell, and `statistics`, what an ntpd tells with it
# (clock.sh). ntpd and ntpd-rs tell themselves. chrony does not, nor did ntpd before 4.2.7, which refuses all where it knows not one: then by its process (field 22 of /proc/PID/stat is its start in ticks of 1/100 s since boot, so
# that a stepped clock does no harm), else by the time of its pid file.
find_age() {
  age='' statistics=''
  case $kind.$trouble in
    ntpd. | ntpsec.)
      ask ntpq -c 'rv 0 ss_uptime,ss_received,ss_limited,kstflags'
      case $reply in
        *ss_uptime=*)
          # shellcheck disable=SC2034 # cycle has no use for it
          statistics=$reply
          age=${reply#*ss_uptime=}
          age=${age%%[!0-9]*}
          ;;
      esac
      ;;
    ntpd-rs.)
      case $status in
        *"${NEWLINE}ntp_uptime_seconds"*'} '[0-9]*)
          age=${status#*"${NEWLINE}ntp_uptime_seconds"*'} '}
          age=${age%%[!0-9]*}
          ;;
      esac
      ;;
  esac
  if [ -z "$age" ] && [ -n "$pid" ]; then
    age=$(awk 'NR == FNR { up = $1; next }
      { sub(/^.*\) /, ""); age = up - $20 / 100; printf "%d\n", age < 0 ? 0 : age }' \
      "$ROOT/proc/uptime" "$ROOT/proc/$pid/stat" 2>/dev/null)
  fi
  if [ -z "$age" ]; then
    case $kind in
      chrony) set -- /run/chrony/chronyd.pid /run/chronyd.pid ;;
      ntpd | ntpsec) set -- /run/ntpd.pid ;;
    esac
    for pid_file in "$@"; do
      # GNU and busybox, then BSD
      written=$(stat -c %Y "$ROOT$pid_file" 2>/dev/null) || written=$(stat -f %m "$ROOT$pid_file" 2>/dev/null)
      if is_number "$written"; then
        measure_since "$written"
        age=$seconds
        break
      fi
    done
  fi
  is_number "$age" || age=-
}

# describe_found sets `found`: what was found, in one line, and in a second one the daemon that runs beside it.
describe_found() {
  if [ "$kind" != none ]; then
    found="found $kind $version service=$service file=${file#"$ROOT"}"
    [ -z "$also" ] || found="$found${NEWLINE}also $also"
    return 0
  fi
  installed=''
  for program in /usr/sbin/ntpd /usr/sbin/chronyd /usr/bin/ntp-daemon /usr/lib/systemd/systemd-timesyncd; do
    if [ -x "$ROOT$program" ]; then installed="$installed ${program##*/}"; fi
  done
  found="found none asked ${manager:-no service manager} for $asked; installed:${installed:- nothing}"
}
