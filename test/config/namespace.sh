#!/bin/sh
# namespace.sh FOLDER DAEMON PROGRAM TOOL ADDRESS...: runs the daemon on FOLDER/conf in the namespaces that this shell is in, on a
# host of these addresses. Leaves its log in FOLDER/logged, what its query tool tells in FOLDER/sources, and what the shell of
# FOLDER/questions prints in FOLDER/answers. Where FOLDER/neighbour says something, that shell runs before at the other end of the
# host's cable, on a host of its own, and whatever it starts ends with this. PROGRAM and TOOL are the daemon's and its query tool's.
set -e
folder=$1 daemon=$2 program=$3 tool=$4
shift 4
{
  echo link set lo up
  echo link add v0 type veth peer name v1
  for address in "$@"; do
    case $address in
      *:*) echo addr add "$address" dev v0 nodad ;;
      *) echo addr add "$address" dev v0 ;;
    esac
  done
  echo link set v0 up
  echo link set v1 up
} | ip -batch -
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
mkdir -m 700 /run/chrony
mkdir -p /var/lib/ntpsec /var/lib/chrony /run/ntpd-rs
if [ -s "$folder/neighbour" ]; then
  unshare --net sleep 600 &
  neighbour=$!
  until [ "$(readlink "/proc/$neighbour/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.1; done
  ip link set v1 netns "$neighbour"
  nsenter --target "$neighbour" --net sh "$folder/neighbour" >/dev/null
fi
# the kernel says a little later that the link is up, and ntpd listens on none before
for _ in $(seq 100); do
  ip -o link show v0 | grep -q ' state UP ' && break
  sleep 0.1
done
mount --bind "$folder/resolv.conf" /etc/resolv.conf
mount --bind "$folder/hosts" /etc/hosts
case $daemon in
  ntpsec)
    mount --bind "$folder/conf" /etc/ntpsec/ntp.conf
    set -- -n -g -c /etc/ntpsec/ntp.conf
    ;;
  ntpd-rs) set -- -c "$folder/conf" ;;
  *) set -- -x -d -u root -f "$folder/conf" ;;
esac
setpriv --bounding-set=-sys_time --inh-caps=-sys_time -- "$program" "$@" >"$folder/log" 2>&1 &
process=$!
set +e
# the daemon answers before it has all of its sources: it has when so many looks show as many rows
settled_looks=3 rows=0 looks=0
for _ in $(seq 100); do
  case $daemon in
    ntpsec) timeout 5 "$tool" -pnw ;;
    ntpd-rs) timeout 5 "$tool" -c "$folder/conf" status ;;
    *) timeout 5 "$tool" -n sources ;;
  esac >"$folder/sources" 2>/dev/null
  before=$rows rows=$(wc -l <"$folder/sources")
  if [ "$rows" -gt 2 ] && [ "$rows" = "$before" ]; then looks=$((looks + 1)); else looks=1; fi
  [ "$rows" -gt 2 ] && [ "$looks" -ge "$settled_looks" ] && break
  kill -0 "$process" 2>/dev/null || break
  sleep 0.1
done
cp "$folder/log" "$folder/logged"
sh "$folder/questions" >"$folder/answers" 2>&1
kill "$process" 2>/dev/null
wait "$process"
exit 0
