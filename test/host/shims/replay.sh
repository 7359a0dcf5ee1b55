#!/bin/sh
# Answers for ntpq, chronyc, service, systemctl and getent: replays the reply kept for its very arguments. A reply may differ
# after an act (`restart`, `refresh`), from so many seconds on: files `STAGE+SECONDS`, before any act `before`.
tool=${0##*/}
echo "$tool $*" >>"$WORLD/calls"
replies="$WORLD/replies/$tool $*"
[ -d "$replies" ] || { echo "$tool: no reply to $*" >&2; exit 4; }
chosen=before
read -r stage since <"$WORLD/stage"
read -r now <"$WORLD/now"
best=-1
for reply in "$replies/$stage"+*; do
  [ -f "$reply/stdout" ] || continue
  seconds=${reply##*+}
  if [ "$seconds" -le "$((now - since))" ] && [ "$seconds" -gt "$best" ]; then best=$seconds chosen=$stage+$seconds; fi
done
[ ! -s "$replies/$chosen/stdout" ] || cat "$replies/$chosen/stdout"
[ ! -s "$replies/$chosen/stderr" ] || cat "$replies/$chosen/stderr" >&2
if [ -f "$replies/act" ]; then
  read -r stage <"$replies/act"
  echo "$stage $now" >"$WORLD/stage"
fi
read -r status <"$replies/$chosen/status"
exit "$status"
