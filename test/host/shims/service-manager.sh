#!/bin/sh
# `service NAME VERB` or `systemctl VERB NAME`, by the name it is called: a service runs when running/NAME is there, and none
# starts while `broken` is.
case ${0##*/} in
  service) name=$1 verb=$2 ;;
  *) name=$2 verb=$1 ;;
esac
case $verb in
  restart)
    echo "$verb $name" >>"$PODTIME_ROOT/restarts"
    [ ! -e "$PODTIME_ROOT/broken" ] || exit 1
    : >"$PODTIME_ROOT/running/$name" ;;
  status | is-active) [ -e "$PODTIME_ROOT/running/$name" ] ;;
  *) exit 64 ;;
esac
