#!/bin/bash
# Unpacks the chrony of Debian's testing beside the newer daemons of install.sh, on whose C library and libraries it runs: what podtime
# serves to chrony from 4.8 on, no chrony of trixie takes. Testing moves: any version from 4.8 on will do. Where it cannot be had, or
# does not run, one sentence says why, the tests of it are skipped, and nothing fails. Safe to run twice.
# Wants what install.sh wants, and what it unpacked.
# Usage: testing-chrony.sh [FOLDER [FOLDER OF install.sh]]
set -euo pipefail

folder=${1:-/usr/local/lib/podtime/testing}
libraries=${2:-/usr/local/lib/podtime/trixie}
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/newer-daemons/archive.sh
. "$here/archive.sh"
oldest=4.8

leave() {
  echo "chrony of testing: $*" >&2
  exit 0
}

if [ -x "$folder/chronyc" ] && "$folder/chronyd" --version >/dev/null 2>&1; then
  echo 'chrony of testing: there'
  exit 0
fi
[ -e "$libraries/complete" ] || leave "there are no newer daemons in $libraries on whose libraries it could run"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
open_archive testing "$work" || leave "Debian's archive cannot be read for testing: $(tail -n 1 "$work/said")"
found=$(candidate chrony)
case $found in
  '' | '(none)') leave 'testing has no chrony' ;;
esac
dpkg --compare-versions "$found" ge "$oldest" || leave "testing has chrony $found, and $oldest is wanted"
(cd "$work/fetched" && apt-get "${own[@]}" -qq download "chrony=$found") >"$work/said" 2>&1 ||
  leave "chrony $found cannot be fetched: $(tail -n 1 "$work/said")"
dpkg -x "$work"/fetched/chrony_*.deb "$work/root"

loader=$(cd "$libraries" && ls usr/lib*/ld-linux-*.so.*)
mkdir "$work/programs"
for program in usr/sbin/chronyd usr/bin/chronyc; do
  cp "$work/root/$program" "$work/programs"
  patchelf --set-interpreter "$libraries/$loader" --force-rpath \
    --set-rpath "$libraries/usr/lib/$(gcc -print-multiarch)" "$work/programs/${program##*/}"
  "$work/programs/${program##*/}" --version >"$work/said" 2>&1 ||
    leave "${program##*/} $found does not run on trixie's libraries: $(tail -n 1 "$work/said")"
done
# from 4.8 on chronyc gives up root for the package's user, and no package is installed
mv "$work/programs/chronyc" "$work/programs/chronyc.program"
printf '#!/bin/sh\nexec %s -u root "$@"\n' "$folder/chronyc.program" >"$work/programs/chronyc"
chmod 755 "$work/programs" "$work/programs/chronyc"
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
mv "$work/programs" "$folder"
echo "chrony of testing: $found"
