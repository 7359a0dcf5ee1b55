#!/bin/sh
# service.sh NAME PID_FILE LOG COMMAND CALLED VERB: a `service` command, called as CALLED VERB, that knows one daemon, NAME. The
# COMMAND that starts it names its PID_FILE itself. A process is gone when it is a zombie: it still takes signals, but its
# sockets are closed, which they may not be yet when it only has no program any more.
name=$1 pid_file=$2 log=$3 command=$4
shift 4
[ "$1" = "$name" ] || { echo "$1: unrecognized service" >&2; exit 4; }
pid=''
{ read -r pid <"$pid_file"; } 2>/dev/null
runs() {
  [ -n "$pid" ] && { read -r state <"/proc/$pid/stat"; } 2>/dev/null || return 1
  case ${state##*) } in
    [ZX]*) return 1 ;;
  esac
}
case $2 in
  status) runs; exit ;;
  restart)
    if runs; then kill "$pid"; fi
    while runs; do sleep 0.1; done
    rm -f "$pid_file" ;;
esac
# shellcheck disable=SC2086 # words
$command </dev/null >>"$log" 2>&1 &
until [ -s "$pid_file" ]; do sleep 0.1; done
