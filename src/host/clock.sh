# shellcheck shell=sh
# clock.sh: a part of collect: what else tells how this host's clock does, from files, what ntpd told with its age, and at most
# one question to chrony. Decision 0086.

# A drift file holds one number, chrony's two, of about 20 characters; a kernel's name of a clock is shorter still.
MOST_WORD=32

# find_directives sets, of the configuration that find_sources listed,
#   drift_file  its `driftfile`, the last counts; empty where it names none: then the daemon remembers nothing, whatever lies about
#   leap_file   its `leapfile`, or `leapseclist` of chrony 4.6; leap_zone: its `leapsectz`, of older ones
#   serves      `yes` where chrony's has an `allow`
find_directives() {
  drift_file='' serves='' leap_file='' leap_zone=''
  IFS=$NEWLINE
  # shellcheck disable=SC2086 # one a line
  set -- $config_files
  unset IFS
  for each in "$@"; do
    while read -r word value _ || [ -n "$word" ]; do
      case $word in
        driftfile | DriftFile | Driftfile | DRIFTFILE) drift_file=${value#\"} drift_file=${drift_file%\"} ;;
        allow | Allow | ALLOW) serves=yes ;;
        leapfile | leapseclist) leap_file=${value#\"} leap_file=${leap_file%\"} ;;
        leapsectz) leap_zone=$value ;;
      esac
    done <"$each"
  done
}

# find_drift sets `drift`: the frequency in ppm, in the daemon's own sign, that it would start with, and chrony's skew; `?` where the file
# holds no such thing, empty where there is none. ntpd of old wrote a second number that is no skew.
find_drift() {
  drift=''
  case $drift_file in
    /*) [ -f "$ROOT$drift_file" ] || return 0 ;;
    *) return 0 ;;
  esac
  read_line "$ROOT$drift_file"
  # shellcheck disable=SC2086 # its words
  set -- $line
  drift=${1:-?}
  if [ "$kind" = chrony ] && [ -n "${2:-}" ]; then drift="$drift $2"; fi
  case $drift in
    *[!0-9.eE+' '-]*) drift='?' ;;
  esac
  [ "${#drift}" -le $((2 * MOST_WORD)) ] || drift='?'
}

# find_clock_source sets `clock_source`, what the kernel counts time by (`tsc`); empty where it does not tell.
find_clock_source() {
  read_line "$ROOT/sys/devices/system/clocksource/clocksource0/current_clocksource"
  clock_source=$line
  case $clock_source in
    *[!0-9A-Za-z_-]*) clock_source='' ;;
  esac
  [ "${#clock_source}" -le "$MOST_WORD" ] || clock_source=''
}

# find_kernel_status sets `kernel`: whether the kernel's own flag (STA_UNSYNC, 64) says `unsync` or `sync`, as ntpd tells; empty
# where nobody does: chronyc has no such question. ntpd and ntpsec 1.2.2 print words, ntpsec 1.2.3 a number.
find_kernel_status() {
  kernel=''
  case $statistics in
    *kstflags=*) ;;
    *) return 0 ;;
  esac
  flags=${statistics#*kstflags=}
  flags=${flags#\"}
  case $flags in
    *unsync*) kernel=unsync ;;
    [a-z]*) kernel=sync ;;
    0 | [1-9]*)
      if is_number "$flags"; then
        kernel=sync
        [ $((flags & 64)) -eq 0 ] || kernel=unsync
      fi
      ;;
  esac
}

# find_served sets `served`, packets received and, of them, dropped for coming too often, since the daemon started; empty where
# it does not tell. Of chrony those of clients alone, where it has any; of ntpd all, the answers of its servers too.
find_served() {
  served=''
  case $kind.$serves in
    chrony.yes)
      ask chronyc -c serverstats || return 0
      received=${reply%%,*}
      dropped=${reply#*,}
      ;;
    ntpd.* | ntpsec.*)
      received=${statistics#*ss_received=}
      dropped=${statistics#*ss_limited=}
      ;;
    *) return 0 ;;
  esac
  received=${received%%[!0-9]*}
  dropped=${dropped%%[!0-9]*}
  if is_number "$received" && is_number "$dropped"; then served="$received $dropped"; fi
}
