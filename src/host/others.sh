# shellcheck shell=sh
# others.sh: a part of collect and cycle: ntpd-rs, and the daemons that podtime serves no file for: what runs, and what it is called.
# Decision 0085.

# ask_ntp_ctl sets `reply`, all that ntpd-rs tells, as `ask` does. ntp-ctl finds its socket by the daemon's file.
ask_ntp_ctl() {
  if [ "$file" = - ]; then ask ntp-ctl status -f prometheus; else ask ntp-ctl -c "$file" status -f prometheus; fi
}

# It tells its version with all else, and reads the path of its socket from the file that the daemon runs on.
describe_ntpd_rs() {
  service=$ntpd_rs_service kind=ntpd-rs trouble='' version=-
  find_daemon_pid
  find_config
  ask_ntp_ctl
  status=$reply
  case $status in
    *'ntp_uptime_seconds{version="'*)
      version=${status#*'ntp_uptime_seconds{version="'}
      version=${version%%[!0-9A-Za-z.-]*}
      ;;
    # before 1.0 it told none
    *ntp_system_stratum*) ;;
    *)
      trouble=$(one_line "${status:-ntp-ctl printed nothing}")
      trouble=${trouble%' (os error '*}
      ;;
  esac
}

# A daemon that podtime never touches, where none that it serves a file for runs. Beside one, `find_beside` finds it.
describe_other() {
  for program in /usr/lib/systemd/systemd-timesyncd /lib/systemd/systemd-timesyncd; do
    [ -x "$ROOT$program" ] || continue
    asked="$asked systemd-timesyncd"
    if find_active_service systemd-timesyncd; then
      describe_timesyncd
      return
    fi
    break
  done
  if find_other_ntpd; then find_config; fi
}

# find_time_processes sets `processes`: the folders in /proc of processes that go by a time daemon's name. One awk reads
# them all, as a host may have thousands. A container's are left out where it has a network of its own: its daemon is that network's.
find_time_processes() {
  processes=''
  set +f
  set -- "$ROOT"/proc/[0-9]*
  set -f
  # a dead one that nobody has fetched (Z) runs no more
  set -- "$(exec awk 'BEGIN {
    for (i = 1; i < ARGC; i++) {
      file = ARGV[i] "/stat"
      if ((getline line <file) > 0 && line ~ /^[0-9]+ \((ntpd|busybox|chronyd|ntp-daemon|systemd-timesyn)\) [A-WYa-wy]/) print ARGV[i]
      close(file)
    }
  }' "$@" 2>/dev/null)"
  for folder in $1; do
    if is_of_this_network "$folder"; then processes="$processes $folder"; fi
  done
}

# is_of_this_network FOLDER: of a process in /proc. Where the host does not tell, it is.
is_of_this_network() {
  [ -e "$ROOT/proc/self/ns/net" ] || return 0
  # shellcheck disable=SC3013 # dash, bash and busybox have -ef
  [ "$1/ns/net" -ef "$ROOT/proc/self/ns/net" ]
}

# name_process FOLDER sets `named`, the kind of daemon that a process is, or empty. OpenNTPD and busybox's ntpd go by ntpd's name too:
# `ntpd` is one that is none of them, ntpsec's included; or OpenNTPD's first process, which has the command line that started it.
name_process() {
  named=''
  read_line "$1/stat"
  case $line in
    *'(chronyd)'*) named=chrony ;;
    *'(ntp-daemon)'*) named=ntpd-rs ;;
    # Linux keeps 15 characters of a program's name
    *'(systemd-timesyn)'*) named=systemd-timesyncd ;;
    *)
      command_line=$(exec tr '\0' ' ' <"$1/cmdline" 2>/dev/null)
      case $command_line@$(exec readlink "$1/exe" 2>/dev/null) in
        'ntpd: '*) named=openntpd ;;
        'ntpd '*/busybox* | */'ntpd '*/busybox* | 'busybox ntpd '* | */'busybox ntpd '*) named=busybox-ntpd ;;
        *) case $line in *'(ntpd)'*) named=ntpd ;; esac ;;
      esac
      ;;
  esac
}

# find_other_ntpd sets `kind` and `pid` where a process is OpenNTPD's or busybox's ntpd, which answer none of ntpd's questions. Returns
# 1 where none is.
find_other_ntpd() {
  for folder in $processes; do
    name_process "$folder"
    case $named in
      openntpd | busybox-ntpd) ;;
      *) continue ;;
    esac
    kind=$named pid=${folder##*/}
    return 0
  done
  return 1
}

# find_beside adds to `also` what runs beside the daemon that was found, by their processes: those that podtime never touches, of which
# no service is asked where another runs, and those that no service started. Decision 0101.
find_beside() {
  is_ntpd=''
  for folder in $processes; do
    [ "${folder##*/}" != "$pid" ] || continue
    name_process "$folder"
    case $named in
      '') ;;
      ntpd) is_ntpd=yes ;;
      *) add_beside "$named" ;;
    esac
  done
  case "$is_ntpd $kind $also " in
    yes*' ntpd '* | yes*' ntpsec '* | yes*' openntpd '*) ;;
    yes*) add_beside ntpd ;;
  esac
}

# add_beside KIND
add_beside() {
  case " $kind $also " in
    *" $1 "*) ;;
    *) also=${also:+$also }$1 ;;
  esac
}

# It is a part of systemd, and busctl another of the same version.
describe_timesyncd() {
  service=systemd-timesyncd kind=systemd-timesyncd
  ask busctl --version
  case $reply in
    'systemd '[0-9]*)
      version=${reply#systemd }
      version=${version%%[!0-9A-Za-z.~-]*}
      ;;
  esac
  find_daemon_pid
  find_config
}
