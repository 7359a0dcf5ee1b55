#!/bin/sh
# `date +%s` and `sleep`, by which alone time passes.
echo "${0##*/} $*" >>"$WORLD/calls"
read -r now <"$WORLD/now"
case "${0##*/} $*" in
  'date +%s') echo "$now" ;;
  'sleep '*) echo $((now + $1)) >"$WORLD/now" ;;
  *) exit 64 ;;
esac
