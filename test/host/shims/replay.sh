#!/bin/sh
# Answers for ntpq, chronyc, service, systemctl and getent: replays the reply kept for its very arguments. A reply is shell that
# prints it and sets its status. It may differ after an act (`restart`, `refresh`), from so many seconds on: files
# `STAGE+SECONDS`, before any act `before`.
tool=${0##*/}
echo "$tool $*" >>"$WORLD/calls"
replies="$WORLD/replies/$tool $*"
[ -d "$replies" ] || { echo "$tool: no reply to $*" >&2; exit 4; }
chosen=before
read -r stage since <"$WORLD/stage"
read -r now <"$WORLD/now"
best=-1
for reply in "$replies/$stage"+*; do
  [ -f "$reply" ] || continue
  seconds=${reply##*+}
  if [ "$seconds" -le "$((now - since))" ] && [ "$seconds" -gt "$best" ]; then best=$seconds chosen=$stage+$seconds; fi
done
# shellcheck source=/dev/null
. "$replies/$chosen"
if [ -f "$replies/act" ]; then
  read -r stage <"$replies/act"
  echo "$stage $now" >"$WORLD/stage"
fi
# shellcheck disable=SC2154 # the reply sets it
exit "$status"
