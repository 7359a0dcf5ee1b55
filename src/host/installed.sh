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
  [ -n "$service" ] || service=$(usual_service)
  target=$ROOT$(usual_file)
}

# usual_service: the service's name where none is active, by what its distribution's package leaves on the host.
usual_service() {
  case $kind in
    chrony) if is_debians_chrony; then echo chrony; else echo chronyd; fi ;;
    ntpsec) if [ -d "$ROOT/etc/ntpsec" ]; then echo ntpsec; else echo ntpd; fi ;;
    *) if [ -e "$ROOT/etc/debian_version" ]; then echo ntp; else echo ntpd; fi ;;
  esac
}

is_debians_chrony() {
  [ -f "$ROOT/etc/chrony/chrony.conf" ] || { [ -d "$ROOT/etc/chrony" ] && [ ! -f "$ROOT/etc/chrony.conf" ]; }
}

# usual_file: the first of the usual files that is there, or whose package's own folder is.
usual_file() {
  list_usual_files
  # shellcheck disable=SC2086 # names without blanks
  set -- $usual_files
  for usual in "$@"; do
    case $usual in
      /etc/*/*) [ ! -d "$ROOT${usual%/*}" ] ;;
      *) [ ! -f "$ROOT$usual" ] ;;
    esac || { echo "$usual" && return; }
  done
  echo "/etc/${1##*/}"
}
