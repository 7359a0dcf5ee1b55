# shellcheck shell=sh
# installed.sh: the second part of boot: which time daemon is installed on this host, whether it runs or not.

# find_installed_daemon sets
#   program   ntpd or chronyd
#   also      the other one, where both are installed
#   kind      ntpd, ntpsec or chrony
#   version   of the program, which a restart starts; empty when it does not tell
#   service   the service's name
#   target    where the daemon's configuration goes
# Returns 1 when none is installed. Of two it is the one that runs; else ntpd.
find_installed_daemon() {
  find_services
  also=''
  if has ntpd && has chronyd; then
    program=ntpd also=chronyd
    if [ -z "$ntp_service" ] && [ -n "$chrony_service" ]; then program=chronyd also=ntpd; fi
  elif has ntpd; then
    program=ntpd
  elif has chronyd; then
    program=chronyd
  else
    return 1
  fi
  # `ntpd 4.2.8p15@1.3728-o ...`, `ntpd ntpsec-1.2.2`, `chronyd (chrony) version 4.3 (...)`
  reply=$(bounded "$STATUS_SECONDS" "$program" --version 2>&1 </dev/null)
  version=$(printf '%s\n' "$reply" | awk 'match($0, /[0-9]+\.[0-9]+(\.[0-9]+)?/) { print substr($0, RSTART, RLENGTH); exit }')
  if [ "$program" = chronyd ]; then
    kind=chrony service=$chrony_service
  else
    service=$ntp_service
    tell_ntp_kind "$reply"
  fi
  [ -n "$service" ] || find_usual_service
  find_usual_file
  target=$ROOT$usual_file
}

# find_usual_service sets `service`, its name where none is active, by what its distribution's package leaves on the host.
find_usual_service() {
  case $kind in
    chrony) if is_debians_chrony; then service=chrony; else service=chronyd; fi ;;
    ntpsec) if [ -d "$ROOT/etc/ntpsec" ]; then service=ntpsec; else service=ntpd; fi ;;
    *) if [ -e "$ROOT/etc/debian_version" ]; then service=ntp; else service=ntpd; fi ;;
  esac
}

is_debians_chrony() {
  [ -f "$ROOT/etc/chrony/chrony.conf" ] || { [ -d "$ROOT/etc/chrony" ] && [ ! -f "$ROOT/etc/chrony.conf" ]; }
}

# find_usual_file sets `usual_file`: the first of the usual files that is there, or whose package's own folder is.
find_usual_file() {
  list_usual_files
  for usual_file in $usual_files; do
    case $usual_file in
      /etc/*/*) [ ! -d "$ROOT${usual_file%/*}" ] ;;
      *) [ ! -f "$ROOT$usual_file" ] ;;
    esac || return 0
  done
  usual_file=${usual_files%% *}
  usual_file=/etc/${usual_file##*/}
}
