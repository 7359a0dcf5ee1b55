#!/bin/sh
# Prints what the host's time daemon holds of itself and of its sources, each answered by the daemon's own query tool.
# `ntpq -p`, which podtime reads, is not asked: these are the variables behind it.
# Usage: query-daemon.sh ntpsec|chrony|ntpd-rs SECONDS
set -e
daemon=$1 seconds=$2
case $daemon in
  ntpsec)
    timeout "$seconds" ntpq -n -c 'rv 0 leap,stratum,offset'
    echo '--- sources'
    rows=$(timeout "$seconds" ntpq -c associations | awk '$2 ~ /^[0-9]+$/ { rows = $1 } END { print rows + 0 }')
    [ "$rows" -eq 0 ] || timeout "$seconds" ntpq -n -c "mrv &1 &$rows"
    ;;
  chrony)
    timeout "$seconds" chronyc -n -c tracking
    echo '--- sources'
    timeout "$seconds" chronyc -n -c sources
    ;;
  ntpd-rs)
    # its socket is where its file says
    status=$(timeout "$seconds" ntp-ctl -c /etc/ntpd-rs/ntp.toml status -f prometheus)
    printf '%s\n' "$status" | grep '^ntp_system_'
    echo '--- sources'
    printf '%s\n' "$status" | grep '^ntp_source_' || :
    ;;
esac
