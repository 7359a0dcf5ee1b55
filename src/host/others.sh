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

# A daemon that podtime never touches: looked for only where none that it reads as a server's client runs.
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

# find_other_ntpd sets `kind` and `pid` where a process is OpenNTPD's or busybox's ntpd, which go by ntpd's name and answer none
# of its questions. Returns 1 where none is.
find_other_ntpd() {
  set +f
  set -- "$ROOT"/proc/[0-9]*
  set -f
  for folder in "$@"; do
    read_line "$folder/stat"
    case $line in
      *'(ntpd)'* | *'(busybox)'*) ;;
      *) continue ;;
    esac
    command_line=$(exec tr '\0' ' ' <"$folder/cmdline" 2>/dev/null)
    case $command_line@$(exec readlink "$folder/exe" 2>/dev/null) in
      # its parts are called so; its first process has the command line that started it
      'ntpd: '*) kind=openntpd ;;
      'ntpd '*/busybox* | */'ntpd '*/busybox* | 'busybox ntpd '* | */'busybox ntpd '*) kind=busybox-ntpd ;;
      *) continue ;;
    esac
    pid=${folder##*/}
    return 0
  done
  return 1
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
