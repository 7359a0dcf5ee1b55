#!/bin/sh
# `service NAME VERB` or `systemctl VERB NAME`, by the name it is called: a service runs when running/NAME is there, which holds
# the configuration that it started on, where the file `reads` names one. None starts while `broken` is there, none that is to
# start on a file of podtime's while `refuses` is. With `dies` a service that starts is down so many looks later.
case ${0##*/} in
  service) name=$1 verb=$2 ;;
  *) name=$2 verb=$1 ;;
esac
cd "$PODTIME_ROOT" || exit 1
config=''
if [ -f reads ]; then config=$(cat "$(cat reads)" 2>/dev/null); fi
case $verb in
  restart)
    echo "$verb $name" >>restarts
    rm -f "running/$name"
    if [ -e broken ]; then
      echo "Job for $name.service failed." >&2
      exit 1
    fi
    case $config in
      *podtime:*) [ ! -e refuses ] || exit 1 ;;
    esac
    printf '%s\n' "$config" >"running/$name"
    if [ -e dies ]; then cat dies >left; fi
    ;;
  status | is-active)
    if [ -f left ]; then
      read -r looks <left
      if [ "$looks" = 0 ]; then rm -f "running/$name" left; else echo "$((looks - 1))" >left; fi
    fi
    [ -e "running/$name" ]
    ;;
  cat) cat unit ;;
  show) echo "MainPID=$(cat pid)" ;;
  *) exit 64 ;;
esac
