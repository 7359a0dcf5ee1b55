#!/bin/bash
# Unpacks newer time daemons than Debian bookworm has, from trixie, beside the system's own: chrony 4.6.1, ntpsec 1.2.3 and
# ntpd-rs 1.4.0. Nothing of the system changes: apt gets sources and lists of its own, and nothing is installed. All of it,
# trixie's C library included, lies under one folder, and programs/ in there holds what tests start. Safe to run twice.
# Wants root, apt, patchelf and gcc (scripts/install-test-tools.sh brings them) and Debian's archive.
# Usage: install.sh [FOLDER]
set -euo pipefail

folder=${1:-/usr/local/lib/podtime/trixie}
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/newer-daemons/archive.sh
. "$here/archive.sh"
# Upstream's versions: what was captured and tested is theirs. Revisions of Debian's mend faults and may come.
pinned=(chrony=4.6.1 ntpsec=1.2.3+dfsg1 python3-ntp=1.2.3+dfsg1 ntpd-rs=1.4.0)
# What those three are linked with; `closed` below holds the list complete.
libraries=(libc6 libgcc-s1 libcap2 libseccomp2 libgnutls30t64 libnettle8t64 libhogweed6t64 libgmp10 libp11-kit0 libffi8
  libidn2-0 libunistring5 libtasn1-6 libedit2 libtinfo6 libbsd0 libmd0 libssl3t64 zlib1g libzstd1)

fail() {
  echo "newer daemons: $*" >&2
  exit 1
}

# Of this program and of where it unpacks: with another, all is unpacked anew.
wanted=$(cat "$here/install.sh" "$here/archive.sh" "$here/clock-left-alone.c" <(echo "$folder") | sha256sum)
if [ "$(cat "$folder/complete" 2>/dev/null)" = "$wanted" ]; then
  echo 'newer daemons: all there'
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
open_archive trixie "$work" || fail "Debian's archive cannot be read for trixie: $(tail -n 1 "$work/said")"

versions=()
for pin in "${pinned[@]}"; do
  package=${pin%%=*} version=${pin#*=}
  found=$(candidate "$package")
  case $found in
    "$version"-*) versions+=("$package=$found") ;;
    '' | '(none)') fail "trixie has no $package, and $version is wanted" ;;
    *) fail "trixie has $package $found, and $version is wanted: see what the newer one changes, then pin it here" ;;
  esac
done

(cd "$work/fetched" && apt-get "${own[@]}" -qq download "${versions[@]}" "${libraries[@]}") >"$work/said" 2>&1 ||
  fail "packages of trixie cannot be fetched: $(tail -n 1 "$work/said")"
for package in "$work"/fetched/*.deb; do dpkg -x "$package" "$work/root"; done

# Each program finds its loader and its libraries where they will lie, so that it runs by its own name: `chronyd` and not
# `ld-linux`, which is what podtime looks for in /proc. RPATH, unlike RUNPATH, holds for the libraries' libraries too.
architecture=$(gcc -print-multiarch)
loader=$(cd "$work/root" && ls usr/lib*/ld-linux-*.so.*)
mkdir "$work/root/programs"
gcc -O2 -Wall -Wextra -Werror -shared -fPIC -o "$work/root/programs/clock-left-alone.so" "$here/clock-left-alone.c"
# program FROM NAME: puts it among the programs under this name.
program() {
  cp "$work/root/$1" "$work/root/programs/$2"
  patchelf --set-interpreter "$folder/$loader" --force-rpath --set-rpath "$folder/usr/lib/$architecture" \
    "$work/root/programs/$2"
}
program usr/sbin/chronyd chronyd-4.6
program usr/bin/chronyc chronyc-4.6
program usr/sbin/ntpd ntpd-1.2.3
program usr/bin/ntp-daemon ntp-daemon
program usr/bin/ntp-ctl ntp-ctl
patchelf --add-needed "$folder/programs/clock-left-alone.so" "$work/root/programs/ntp-daemon"

# ntpq is Python of the system's, on modules of its own, which look for their library beside themselves first.
modules=usr/lib/python3/dist-packages
cp "$work/root/usr/lib/$architecture/ntp/libntpc.so.1.1.0" "$work/root/$modules/ntp/libntpc.so"
cat >"$work/root/programs/ntpq-1.2.3" <<END
#!/bin/sh
PYTHONPATH=$folder/$modules exec /usr/bin/python3 $folder/usr/bin/ntpq "\$@"
END
chmod 755 "$work/root/programs/ntpq-1.2.3"

rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
chmod 755 "$work/root"
mv "$work/root" "$folder"

for each in chronyd-4.6 chronyc-4.6 ntpd-1.2.3 ntpq-1.2.3 ntp-daemon ntp-ctl; do
  "$folder/programs/$each" --version >"$work/said" 2>&1 || fail "$each does not run: $(tail -n 1 "$work/said")"
  [ "$each" = ntpq-1.2.3 ] && continue
  # closed: a library of the system's would be loaded into a C library that it was not built for
  strays=$("$folder/$loader" --list "$folder/programs/$each" | awk -v own="$folder/" '
    /=> not found/ || (/=>/ && index($3, own) != 1 && $3 ~ /^\//) { print $1 }')
  [ -z "$strays" ] || fail "$each wants libraries that are not among those unpacked: $strays"
done
echo "$wanted" >"$folder/complete"
echo "newer daemons: ${versions[*]}"
