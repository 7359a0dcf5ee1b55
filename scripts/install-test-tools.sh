#!/bin/bash
# Installs what the tests run for real, on Debian as root: ntpsec and chrony, Debian's aws, shellcheck, the shells, DNS
# tools, systemd-analyze, chromium for the pages, and promtool. Safe to run twice. Both daemons are wanted, and their packages conflict: ntpsec comes by apt, chrony is
# unpacked beside it under /usr/local/lib/podtime with links in /usr/local/sbin and /usr/local/bin. Newer daemons of both kinds
# and ntpd-rs are unpacked from Debian's next release by newer-daemons/install.sh, which needs gcc and patchelf; a chrony newer than
# that one's, of Debian's testing, by newer-daemons/testing-chrony.sh, where it can be had.
# No daemon is left running: a policy-rc.d forbids starting while apt works.
set -euo pipefail

unpacked=/usr/local/lib/podtime
policy=/usr/sbin/policy-rc.d
packages=(ntpsec awscli shellcheck busybox bash dash dnsutils iproute2 tcpdump curl ca-certificates procps util-linux
  python3-venv systemd gcc libc6-dev patchelf chromium)
newer_daemons=$(cd "$(dirname "$0")" && pwd)/newer-daemons

export DEBIAN_FRONTEND=noninteractive

missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done

if [ ${#missing[@]} -eq 0 ] && [ -x /usr/local/bin/promtool ] && [ -x /usr/local/sbin/chronyd ] && /usr/local/sbin/chronyd --version >/dev/null 2>&1; then
  echo 'test tools: all there'
  "$newer_daemons/install.sh"
  exec "$newer_daemons/testing-chrony.sh"
fi

if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

apt-get update -qq
if [ ${#missing[@]} -gt 0 ]; then
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! [ -x /usr/local/sbin/chronyd ]; then
  mkdir -p "$unpacked"
  fetched=$(mktemp -d)
  chown _apt "$fetched"
  (cd "$fetched" && apt-get download -qq chrony)
  dpkg -x "$fetched"/chrony_*.deb "$unpacked/chrony"
  # Its libraries, by the package's own word; alternatives and versions cut off.
  dpkg-deb -f "$fetched"/chrony_*.deb Depends | tr ',' '\n' | sed 's/|.*//; s/(.*//; s/ //g' | grep '^lib' |
    xargs apt-get install -y -qq --no-install-recommends >/dev/null
  rm -rf "$fetched"
  mkdir -p /usr/local/sbin /usr/local/bin
  ln -sf "$unpacked/chrony/usr/sbin/chronyd" /usr/local/sbin/chronyd
  ln -sf "$unpacked/chrony/usr/bin/chronyc" /usr/local/bin/chronyc
fi

# Of Debian's prometheus the one program that checks metrics, without its server.
if ! [ -x /usr/local/bin/promtool ]; then
  mkdir -p "$unpacked" /usr/local/bin
  fetched=$(mktemp -d)
  chown _apt "$fetched"
  (cd "$fetched" && apt-get download -qq prometheus)
  dpkg -x "$fetched"/prometheus_*.deb "$unpacked/prometheus"
  rm -rf "$fetched"
  ln -sf "$unpacked/prometheus/usr/bin/promtool" /usr/local/bin/promtool
fi

echo "test tools: $(ntpd --version 2>&1 | head -n 1); $(/usr/local/sbin/chronyd --version | head -n 1)"
"$newer_daemons/install.sh"
"$newer_daemons/testing-chrony.sh"
