#!/bin/sh
# `service` and `systemctl` of a real host, for its one daemon: start, stop, restart and status by process id. Both names
# are this script. `stop` returns when the process is gone, `start` when the daemon has read its file (it writes its pid
# file then; one that writes none has when it waits for packets). A start that fails shows the daemon's last lines. Exit 4 for an unknown service, as systemctl's.
#
# /etc/default/podtime-service says what it serves.
set -u
services='' command='' pid_path='' config_path='' drifting_path='' log=''
# shellcheck source=/dev/null
. /etc/default/podtime-service
pid_file=/run/podtime-service.pid
# tenths of a second: for a daemon to end before it is killed, and to write its pid file, also on a busy machine
stop_tenths=100
start_tenths=600
# ntpsec writes its pid file before it has read its certificates, and may end over them: it has begun when it waits for
# packets, and is seen to so many times in a row
settled_looks=3

alive() {
  pid=$(cat "$pid_file" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
}

has_begun() {
  if [ -n "$pid_path" ]; then [ -s "$pid_path" ]; else alive; fi
}

is_waiting() {
  { read -r _ _ state _ <"/proc/$pid/stat"; } 2>/dev/null && [ "$state" = S ]
}

last_words() {
  awk '/^--- started/ { n = 0; next } { line[++n] = $0 }
    END { for (i = n > 5 ? n - 4 : 1; i <= n; i++) printf "%s%s", line[i], i < n ? " / " : "" }' "$log"
}

stop() {
  if alive; then kill "$pid" 2>/dev/null; fi
  tenths=0
  while alive; do
    tenths=$((tenths + 1))
    if [ "$tenths" -gt "$stop_tenths" ]; then kill -9 "$pid" 2>/dev/null; fi
    sleep 0.1
  done
  rm -f "$pid_file" ${pid_path:+"$pid_path"}
}

give_up() {
  echo "$name does not start. It said: $(last_words)" >&2
  stop
}

start() {
  if alive; then return 0; fi
  if ! [ -f "$config_path" ]; then
    echo "$name: there is no $config_path" >&2
    return 1
  fi
  rm -f "$pid_file" ${pid_path:+"$pid_path"}
  file=$config_path
  # a host that is made to lie runs on this file while it is there
  if [ -f "$drifting_path" ]; then file=$drifting_path; fi
  echo "--- started at $(date +%s)" >>"$log"
  # the intermediate shell ends at once, so that process 1 adopts the daemon and reaps it
  # shellcheck disable=SC2016,SC2086
  setsid sh -c 'echo $$ >"$0"; exec "$@"' "$pid_file" $command "$file" </dev/null >>"$log" 2>&1 &
  tenths=0
  until has_begun; do
    tenths=$((tenths + 1))
    # its own pid file comes first: one that has not begun yet has not ended
    if { [ -s "$pid_file" ] && ! alive; } || [ "$tenths" -gt "$start_tenths" ]; then
      give_up
      return 1
    fi
    sleep 0.1
  done
  looks=0
  while alive && [ "$looks" -lt "$settled_looks" ] && [ "$tenths" -le "$start_tenths" ]; do
    tenths=$((tenths + 1))
    if is_waiting; then looks=$((looks + 1)); else looks=0; fi
    sleep 0.1
  done
  if alive; then return 0; fi
  give_up
  return 1
}

name='' action=''
case ${0##*/} in
  service) name=${1:-} action=${2:-} ;;
  *)
    action=${1:-}
    [ $# -eq 0 ] || shift
    while [ $# -gt 0 ]; do
      case $1 in
        -p | --property) shift ;;
        -*) ;;
        *) name=$1 ;;
      esac
      shift
    done
    ;;
esac
name=${name%.service}
case " $services " in
  *" $name "*) ;;
  *)
    echo "$name: no such service" >&2
    exit 4
    ;;
esac
case $action in
  start) start ;;
  stop) stop ;;
  restart | force-reload) stop && start ;;
  try-restart | condrestart) if alive; then stop && start; fi ;;
  status | is-active)
    if alive; then echo active; else
      echo inactive
      exit 3
    fi
    ;;
  show) if alive; then echo "MainPID=$pid"; else echo MainPID=0; fi ;;
  *)
    echo "$name: unknown action '$action'" >&2
    exit 2
    ;;
esac
