#!/bin/sh
# Answers for ntpq, chronyc, service, systemctl and getent with what is kept for its very arguments: $WORLD/replies/TOOL is
# shell that prints it and sets its `status`, and `act` to the stage that begins with it (`restart`, `refresh`). Answers may
# differ by the stage, and by the seconds `passed` since it began.
tool=${0##*/}
echo "$tool $*" >>"$WORLD/calls"
# shellcheck disable=SC2034 # the replies read `stage` and `passed`
read -r stage since <"$WORLD/stage"
read -r now <"$WORLD/now"
# shellcheck disable=SC2034
passed=$((now - since)) status=0 act=''
# shellcheck source=/dev/null
. "$WORLD/replies/$tool"
[ -z "$act" ] || echo "$act $now" >"$WORLD/stage"
exit "$status"
