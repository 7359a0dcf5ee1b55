#!/bin/sh
# Runs a second chronyd that serves this machine's own clock on the loopback, unless one runs already: what a server that
# is made to lie is off from.
# Usage: true-time.sh PORT
pid_file=/run/true-time.pid
config=/etc/chrony/true-time.conf
log=/var/log/true-time.log

[ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null && exit 0
cat >"$config" <<END
local stratum 1
port $1
bindaddress 127.0.0.1
allow 127.0.0.1
cmdport 0
pidfile $pid_file
bindcmdaddress /run/true-time.sock
END
setsid chronyd -x -d -u root -f "$config" </dev/null >"$log" 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10; do
  [ -s "$pid_file" ] && exit 0
  sleep 0.1
done
cat "$log" >&2
exit 1
