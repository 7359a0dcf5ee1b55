# shellcheck shell=sh
# installed.sh: a part of boot: which time daemon is installed on this host, whether it runs or not, and which file it reads.

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
  find_config_file
  target=$ROOT$config_file
}

# find_config_file sets `config_file`, which the daemon reads: named on the command line of its process, or in what its service
# starts it with, or else the one that is built into the program, where that tells; or the usual one. One below /run is made
# anew at each start (Debian's, of DHCP): what is put there does not last.
find_config_file() {
  find_daemon_pid
  config_file=''
  [ -z "$pid" ] || config_file=$(file_on_command_line)
  case $config_file in
    /run/* | /var/run/*) config_file='' ;;
  esac
  [ -n "$config_file" ] || config_file=$(file_in_settings)
  [ -n "$config_file" ] || find_built_in_file
  if [ -z "$config_file" ]; then
    find_usual_file
    config_file=$usual_file
  fi
}

# Prints the file that the service's unit names, or the options that its distribution lets an operator write.
file_in_settings() {
  {
    has systemctl && bounded "$STATUS_SECONDS" systemctl cat "$service" </dev/null | sed -n '/^\(ExecStart\|Environment\)=/p'
    for settings in "$ROOT/etc/default/$service" "$ROOT/etc/sysconfig/$service"; do
      [ ! -f "$settings" ] || sed '/^[[:blank:]]*#/d' "$settings"
    done
  } 2>/dev/null | awk '{ gsub(/[[:blank:]="\047]+/, "\n"); print }' | named_file
}

find_built_in_file() {
  list_usual_files
  binary=$(command -v "$program")
  for config_file in $usual_files; do
    grep -qF "$config_file" "$binary" 2>/dev/null && return 0
  done
  config_file=''
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

# find_usual_file sets `usual_file`: the first of `usual_files` that is there, or whose package's own folder is.
find_usual_file() {
  for usual_file in $usual_files; do
    case $usual_file in
      /etc/*/*) [ ! -d "$ROOT${usual_file%/*}" ] ;;
      *) [ ! -f "$ROOT$usual_file" ] ;;
    esac || return 0
  done
  usual_file=/etc/${usual_file##*/}
}
