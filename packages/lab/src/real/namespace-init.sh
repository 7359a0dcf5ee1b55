#!/bin/sh
# Process 1 of a namespace: sets it up, says `ready`, and then reads our pipe until whoever made the namespace is gone. The
# kernel ends all others with it.
# Usage: namespace-init.sh HOSTNAME ROOT FORWARDING COMMANDS
#   ROOT: a folder to become `/`; empty: the machine's. FORWARDING: 1 for a router, else 0. COMMANDS: one a line (mounts).
set -e
hostname "$1"
for scope in default all; do
  # no addresses and routes beside those that are given, and no wait for them
  echo 0 >"/proc/sys/net/ipv6/conf/$scope/accept_ra"
  echo 0 >"/proc/sys/net/ipv6/conf/$scope/accept_dad"
  echo 0 >"/proc/sys/net/ipv4/conf/$scope/rp_filter"
done
if [ "$3" = 1 ]; then
  echo 1 >/proc/sys/net/ipv4/ip_forward
  echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
fi
ip link set lo up
eval "$4"
# `ready` is said in there: whoever enters before would find the machine's files.
# SIGCHLD is ignored, so that the kernel reaps: process 1 inherits every daemon whose starter has ended
set -- "$2" sh -c 'echo ready && exec env --ignore-signal=CHLD cat >/dev/null'
if [ -n "$1" ]; then exec chroot "$@"; fi
shift
exec "$@"
