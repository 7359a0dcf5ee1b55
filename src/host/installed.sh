# shellcheck shell=sh
# installed.sh: a part of boot: which time daemon is installed on this host, whether it runs or not, and which file it reads.

# find_installed_daemon sets
#   program   ntpd, chronyd or ntp-daemon
#   also      the others that are installed
#   kind      ntpd, ntpsec, chrony or ntpd-rs
#   version   of the program, which a restart starts; empty when it does not tell
#   service   the service's name
#   target    where the daemon's configuration goes
# Returns 1 when none is installed. Of several it is the first that runs; else the first.
find_installed_daemon() {
  find_services
  programs='' program='' also=''
  for each in ntpd chronyd ntp-daemon; do
    if has "$each"; then programs="$programs $each"; fi
  done
  for each in $programs; do
    find_service_of "$each"
    if [ -n "$service" ]; then
      program=$each
      break
    fi
  done
  for each in $programs; do
    [ -n "$program" ] || program=$each
    [ "$each" = "$program" ] || also=${also:+$also and }$each
  done
  [ -n "$program" ] || return 1
  # `ntpd 4.2.8p15@1.3728-o ...`, `ntpd ntpsec-1.2.2`, `chronyd (chrony) version 4.3 (...)`, `ntp-daemon 1.4.0`
  reply=$(bounded "$STATUS_SECONDS" "$program" --version 2>&1 </dev/null)
  # without what the loader says of libraries: `ntpd: /lib64/libcrypto.so.1.1: no version information available`
  version=$(printf '%s\n' "$reply" | awk '
    { gsub(/[^ ]*\.so[^ ]*|\140[^ ]*/, "") }
    match($0, /[0-9]+\.[0-9]+(\.[0-9]+)?/) { print substr($0, RSTART, RLENGTH); exit }')
  case $program in
    chronyd) kind=chrony ;;
    ntp-daemon) kind=ntpd-rs ;;
    *) tell_ntp_kind "$reply" ;;
  esac
  [ -n "$service" ] || find_usual_service
  find_config_file
  target=$ROOT$config_file
}

# find_service_of PROGRAM sets `service`, its active one; empty where none is.
find_service_of() {
  case $1 in
    chronyd) service=$chrony_service ;;
    ntp-daemon) service=$ntpd_rs_service ;;
    *) service=$ntp_service ;;
  esac
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
    ntpd-rs) service=$NTPD_RS_SERVICES ;;
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
