#!/bin/sh
# Every command that the simulator answers is this script under another name. It needs no process but the shell: it takes
# a free channel (a file that `set -C` lets only one create), writes its command line, and reads exit status, output and
# errors. All is read before anything is printed, so that at the other end of a pipe nobody meets a half-read answer.
#
# PODTIME_CHANNELS: folder of the channels' marks. PODTIME_CHANNEL_NUMBERS: their file descriptors.
set -C
# the simulator frees a channel a moment after its answer was read; where that moment lasts the machine is busy, and trying at once makes it busier
tries_at_once=1000 most_tries=1600 pause_seconds=0.05
case $* in
  *'
'*)
    echo "${0##*/}: no line break may stand in an argument" >&2
    exit 64
    ;;
esac
line=${0##*/}
for argument; do line="$line	$argument"; done
channel='' tries=0
while [ -z "$channel" ] && [ "$tries" -lt "$most_tries" ]; do
  tries=$((tries + 1))
  for number in $PODTIME_CHANNEL_NUMBERS; do
    if true >"$PODTIME_CHANNELS/$number"; then
      channel=$number
      break
    fi
  done
  [ -n "$channel" ] || [ "$tries" -lt "$tries_at_once" ] || pause "$pause_seconds"
done 2>/dev/null
if [ -z "$channel" ]; then
  echo "${0##*/}: no channel to the simulated host is free" >&2
  exit 69
fi
# where the simulator is gone nothing else would end the script, which has a process group of its own
gone() {
  kill -s KILL 0
}
trap '' PIPE
printf '%s\n' "$line" >&"$channel" || gone
trap - PIPE
IFS=' ' read -r status output_lines error_lines <&"$channel" || gone
output='' errors=''
while [ "$output_lines" -gt 0 ]; do
  IFS= read -r line <&"$channel" || gone
  output="$output$line
"
  output_lines=$((output_lines - 1))
done
while [ "$error_lines" -gt 0 ]; do
  IFS= read -r line <&"$channel" || gone
  errors="$errors$line
"
  error_lines=$((error_lines - 1))
done
echo read >&"$channel"
printf '%s' "$output"
[ -z "$errors" ] || printf '%s' "$errors" >&2
exit "$status"
