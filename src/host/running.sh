# shellcheck shell=sh
# running.sh: the second part of collect and cycle: which time daemon runs on this host, since when, and by which service.
#
# Asks the host by
#   service NAME status | systemctl is-active NAME     (daemon.sh; systemctl only where there is no service)
#   ntpq -c 'rv 0 version', ntpq -c 'rv 0 ss_uptime', chronyc -c tracking, chronyc -v, date +%s
#
# What tools and files print is never trusted: it is quoted everywhere, cut, and stripped of unprintable characters.

STATE=$ROOT/var/lib/podtime
# seconds since the epoch of podtime's last cycle on this host
STAMP=$STATE/cycled
# ntpq gives up after 10 seconds, chronyc after about as many
QUERY_SECONDS=12

# one_line TEXT: its first line that is not blank, printable, at most 120 characters.
one_line() {
  printf '%s\n' "$1" | awk '
    NF { gsub(/[^ -~]/, "?"); sub(/^ +/, ""); print substr($0, 1, 120); exit }'
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

# read_stamp sets `stamp_age`, seconds since podtime last cycled this host; `-` never.
read_stamp() {
  stamp_age=-
  read_line "$STAMP"
  is_number "$line" || return 0
  measure_since "$line"
  stamp_age=$seconds
}

# ask TOOL ARGUMENT... sets `reply`, all that ntpq or chronyc prints, and returns its status. Every failure of ntpq exits
# 0: only the reply itself tells.
ask() {
  reply="$1 is not installed"
  has "$1" || return 1
  if has timeout; then
    reply=$(exec timeout "$QUERY_SECONDS" "$@" </dev/null 2>&1)
  else
    reply=$(exec "$@" </dev/null 2>&1)
  fi
}

# find_running_daemon sets
#   kind      ntpd, ntpsec or chrony; none when no daemon runs (then it returns 1)
#   service   the service's name; `-` when the daemon runs outside the service manager
#   also      the kind of a second daemon that runs beside it, or empty
#   version   `-` when not told
#   trouble   what the daemon's query tool said when it failed, or empty
#   pid file  see config.sh
# A daemon runs when its service is active, or, where none is, when it answers its query tool. Of two that run, it is the
# one whose file is podtime's or names podtime's servers; else ntpd, which holds the port.
find_running_daemon() {
  kind=none service=- also='' version=- trouble='' pid='' file=-
  find_services
  if [ -z "$ntp_service$chrony_service" ]; then
    if ask chronyc -c tracking; then
      chrony_service=-
    else
      ask ntpq -c 'rv 0 version'
      case $reply in
        *version=*) ntp_service=- ;;
      esac
    fi
  fi
  if [ -n "$ntp_service" ]; then
    describe_ntp
    if [ -n "$chrony_service" ]; then
      also=chrony
      ntp_kind=$kind
      if ! is_managed; then
        describe_chrony
        also=$ntp_kind
        if ! is_managed; then
          describe_ntp
          also=chrony
        fi
      fi
    fi
  elif [ -n "$chrony_service" ]; then
    describe_chrony
  fi
  [ "$kind" != none ]
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
  find_pid ntpd /run/ntpd.pid /var/run/ntpd.pid /run/ntpsec/ntpd.pid
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
  find_pid chronyd /run/chrony/chronyd.pid /var/run/chrony/chronyd.pid /run/chronyd.pid /var/run/chronyd.pid
  find_config
}

# find_pid PROGRAM PIDFILE... sets `pid`: the daemon's process, by its pid file or else by systemd, where /proc says that it
# is that program; a pid file can outlive its daemon. Empty where it is not found.
find_pid() {
  program=$1
  shift
  for pid_file in "$@"; do
    read_line "$ROOT$pid_file"
    pid=$line
    is_running "$program" && return 0
  done
  pid=''
  [ -d "$ROOT/proc/self" ] && [ "$service" != - ] && has systemctl || return 0
  pid=$(systemctl show -p MainPID "$service" 2>/dev/null)
  pid=${pid#*MainPID=}
  pid=${pid%%"$NEWLINE"*}
  is_running "$program" || pid=''
}

# is_running PROGRAM: whether `pid` is a process of that program.
is_running() {
  is_number "$pid" && [ "${#pid}" -le 9 ] || return 1
  read_line "$ROOT/proc/$pid/stat"
  case $line in
    *"($1)"*) ;;
    *) return 1 ;;
  esac
}

# find_age sets `age`, seconds since the daemon started; `-` when the host does not tell. ntpd tells itself. chrony does not,
# nor did ntpd before 4.2.7: then by its process (field 22 of /proc/PID/stat is its start in ticks of 1/100 s since boot, so
# that a stepped clock does no harm), else by the time of its pid file.
find_age() {
  age=''
  if [ "$kind" != chrony ] && [ -z "$trouble" ]; then
    ask ntpq -c 'rv 0 ss_uptime'
    case $reply in
      *ss_uptime=*)
        age=${reply#*ss_uptime=}
        age=${age%%[!0-9]*}
        ;;
    esac
  fi
  if [ -z "$age" ] && [ -n "$pid" ]; then
    age=$(awk 'NR == FNR { up = $1; next }
      { sub(/^.*\) /, ""); age = up - $20 / 100; printf "%d\n", age < 0 ? 0 : age }' \
      "$ROOT/proc/uptime" "$ROOT/proc/$pid/stat" 2>/dev/null)
  fi
  if [ -z "$age" ]; then
    case $kind in
      chrony) set -- /run/chrony/chronyd.pid /run/chronyd.pid ;;
      *) set -- /run/ntpd.pid ;;
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
  for program in ntpd chronyd; do
    if [ -x "$ROOT/usr/sbin/$program" ]; then installed="$installed $program"; fi
  done
  found="found none asked ${manager:-no service manager} for $NTP_SERVICES $CHRONY_SERVICES; installed:${installed:- nothing}"
}
