# shellcheck shell=sh
# process.sh: a part of boot, collect and cycle: the daemon's process, and the file that it was started with.

# find_daemon_pid sets `pid`, of the daemon of this kind.
find_daemon_pid() {
  case $kind in
    chrony) find_pid chronyd /run/chrony/chronyd.pid /var/run/chrony/chronyd.pid /run/chronyd.pid /var/run/chronyd.pid ;;
    # neither writes one
    ntpd-rs) find_pid ntp-daemon ;;
    # Linux keeps 15 characters of a program's name
    systemd-timesyncd) find_pid systemd-timesyn ;;
    *) find_pid ntpd /run/ntpd.pid /var/run/ntpd.pid /run/ntpsec/ntpd.pid ;;
  esac
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
  status_seconds=$STATUS_SECONDS
  [ -z "$answer_by" ] || limit_status
  pid=$(bounded "$status_seconds" systemctl show -p MainPID "$service" 2>/dev/null)
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

# Prints the file named on the daemon's command line, absolute, or nothing.
file_on_command_line() {
  tr '\0' '\n' <"$ROOT/proc/$pid/cmdline" 2>/dev/null | named_file
}

# named_file prints the file that words, one a line, tell the daemon to read, absolute, or nothing. The last one counts.
named_file() {
  option=-c long=--configfile
  case $kind in
    chrony | openntpd) option=-f long='' ;;
    ntpd-rs) long=--config ;;
  esac
  awk -v option="$option" -v long="$long" '
    expected { path = $0; expected = 0; next }
    $0 == option || (long != "" && $0 == long) { expected = 1; next }
    long != "" && index($0, long "=") == 1 { path = substr($0, length(long) + 2); next }
    index($0, option "/") == 1 { path = substr($0, 3) }
    END { if (path ~ /^\/[ -~]*$/) print path }'
}
