# shellcheck shell=sh
# shellcheck disable=SC2154 # find_running_daemon, read_rows and assess_staleness set what is read here
# cycle.sh: makes the time daemon of this host resolve its names again, if DNS has left it behind.
#
# Decides again on the host, under a lock, in this order. It acts first and prints at the end: the verdict in the first line,
# since what SSM's agent cuts is the end, then remarks and the table of sources, then `end`.
#   failed state: WHY      it cannot keep what it must remember
#   nothing same-wave      a run of this wave was here before: a wave runs once on a host, whatever it decided, forced or not
#   nothing busy           another run is at work here
#   nothing no-daemon      no time daemon runs, and this starts none
#   nothing never-cycled   it runs a daemon that podtime does not cycle
#   nothing unmanaged      its configuration is not podtime's and names no server of podtime's
#   nothing unreadable     the daemon does not say what it polls, so that nobody can say it is stale
#   nothing leap-second    it announces a leap second, and the end of a month is near
#   nothing already-right  staleness.sh finds nothing to change
#   nothing not-yet NAME   a restart resolves every name, so this host's resolver must see every name of the pod in its
#                          configuration as DNS lists it, first those that are unjoined: else it would go wrong again
#   nothing cool-down N    podtime cycled it, or the daemon started, too lately; N seconds to go
#   cycled KIND in N s     it acted, and the host follows DNS again
#   cycled KIND unproven   it acted on a host that had no system peer before
#   failed REASON: WHY     it acted, or tried to, and the host does not follow DNS
# src/host/verdict.ts reads the verdict.
# Force=yes lifts unreadable, already-right and cool-down: staleness and cool-down, and nothing else.
#
# The wave's id is written before anything is decided, the stamp before acting: a run that dies on the way leaves a host that
# the next run finds in its cool-down, and after it stale or right, whatever was done. It succeeds when within 60 s the host polls a current address of each
# name that was unjoined, heard, and has a heard system peer. A host that had no system peer before cannot prove that
# and does not fail; a daemon that does not come back fails always.
#
# Further calls: getent ahosts NAME, ntpq -pnw, ntpq -pn, ntpq -c 'rv 0 leap', chronyc -n -c sources, chronyc -n sources,
# ntp-ctl -c FILE status, ntp-ctl -c FILE status -f prometheus, chronyc refresh, chronyc burst 4/4, service NAME restart | systemctl restart NAME, sleep, kill -0, ln, readlink, mv, sync.

HEALED_WITHIN_SECONDS=60
LOCK=$STATE/cycle.lock
# SSM's agent keeps 2,400 bytes of a listed invocation
REMARKS_BYTES=2000

zone=${PODTIME_ZONE:-}
records=${PODTIME_RECORDS:-}
force=${PODTIME_FORCE:-}
cool_down=${PODTIME_COOL_DOWN_SECONDS:-}
wave=${PODTIME_WAVE:-}
remarks=''

# remark SENTENCE: said after the verdict.
remark() {
  remarks=$remarks$1$NEWLINE
}

# verdict WORDS...: says the verdict, then what was remarked and the table of sources as far as they fit, and ends. The verdict
# is out before the daemon is asked once more.
verdict() {
  printf '%.300s\n' "verdict $*"
  {
    printf '%s' "$remarks"
    case $kind.$trouble in
      none.) ;;
      systemd-timesyncd. | openntpd. | busybox-ntpd.) ;;
      ntpd-rs.) show_ntp_ctl ;;
      chrony.) bounded "$QUERY_SECONDS" chronyc -n sources ;;
      # one that does not answer takes 10 seconds to say so again
      *.?*) ;;
      *) bounded "$QUERY_SECONDS" ntpq -pn ;;
    esac </dev/null 2>&1
  } | awk -v left="$REMARKS_BYTES" '
    { gsub(/[^ -~]/, "?"); left -= length($0) + 1 }
    left < 0 { cut++; next }
    { print }
    END { if (cut) print "left-out " cut " lines" }'
  echo end
  case $1 in
    failed) exit 1 ;;
    *) exit 0 ;;
  esac
}

# The table of sources of ntpd-rs, for people.
show_ntp_ctl() {
  if [ "$file" = - ]; then set -- status; else set -- -c "$file" status; fi
  bounded "$QUERY_SECONDS" ntp-ctl "$@"
}

# The document's patterns hold these already.
are_parameters_sound() {
  case $records.$zone in
    *[!a-z0-9.:=\|\ -]* | *.) return 1 ;;
  esac
  case $wave in
    '' | -* | *[!a-z0-9-]*) return 1 ;;
  esac
  [ "${#wave}" -le 40 ] && is_number "$cool_down"
}

# cannot_write FILE: ends with the last words of what kept it from being written.
cannot_write() {
  verdict failed state: "cannot write ${1#"$ROOT"}: $(one_line "${failure##*: }")"
}

# Leap seconds end UTC months. podtime's own rule is a day before it and an hour after it (isNearLeap of the plan); an hour more
# of either here, for the host's clock may be off. February is taken to have 28 days. Who cannot tell is careful.
is_month_ending() {
  # shellcheck disable=SC2046 # three words
  set -- $(date -u '+%m %d %H')
  [ $# -eq 3 ] && is_number "$1$2$3" || return 0
  case $1 in
    02) days=28 ;;
    04 | 06 | 09 | 11) days=30 ;;
    *) days=31 ;;
  esac
  hours=$(((${2#0} - 1) * 24 + ${3#0}))
  [ "$hours" -lt 2 ] || [ $((days * 24 - hours)) -le 25 ]
}

announces_leap_second() {
  case $kind in
    chrony) ask chronyc -c tracking ;;
    ntpd-rs) ask_ntp_ctl ;;
    *) ask ntpq -c 'rv 0 leap' ;;
  esac
  case $kind.$reply$NEWLINE in
    chrony.*",Insert second$NEWLINE"* | chrony.*",Delete second$NEWLINE"*) ;;
    ntpd-rs.*'ntp_system_leap_indicator '[12]"$NEWLINE"*) ;;
    ntp*leap=01* | ntp*leap=10*) ;;
    *) return 1 ;;
  esac
}

# find_cool_down sets `left`, seconds of cool-down to go, 0 when it is over.
find_cool_down() {
  left=0
  read_stamp
  find_age
  for passed in "$stamp_age" "$age"; do
    if [ "$passed" != - ] && [ $((cool_down - passed)) -gt "$left" ]; then left=$((cool_down - passed)); fi
  done
}

# On failure sets `failure` to what kept it.
restart_service() {
  if [ "$service" = - ]; then
    failure="$kind runs outside the service manager"
    return 1
  fi
  remark "Restarting $service."
  restart "$service" && return 0
  failure="$manager says that restarting $service failed${words:+: $words}"
  return 1
}

# `refresh` replaces an address by what its name resolves to now. It keeps the address of a name that resolves no more,
# or only to an address in use: that takes a restart (seen in chrony 4.3).
refresh_chrony() {
  remark 'Refreshing chrony.'
  if ! ask chronyc refresh; then
    failure="chronyc refresh failed: $(one_line "$reply")"
    return 1
  fi
  for _ in 1 2 3 4 5; do
    # names are resolved in the background: a burst before that would go to the addresses that are replaced
    sleep 2
    if read_rows && compare_with_records && [ -z "$gone" ]; then
      ask chronyc burst 4/4
      return 0
    fi
  done
  # silent, not mistaken: that it does not come back is told when the time is up
  [ -z "$trouble" ] || return 0
  remark "chrony keeps $gone, which no record holds."
  restart_service
}

# healed NAMES: whether the host polls each at a current address, heard, and has a heard system peer.
healed() {
  read_rows || return 1
  compare_with_records
  for wanted in $1; do
    case " $heard " in
      *" $wanted "*) ;;
      *) return 1 ;;
    esac
  done
  [ "$peer" = yes ]
}

act() {
  wanted_names=$unjoined
  had_peer=$peer
  read_clock
  began=$now
  keep "$STAMP" "$now" || cannot_write "$STAMP"
  if [ "$kind" = chrony ]; then refresh_chrony; else restart_service; fi || verdict failed not-cycled: "$failure"
  looks=0
  until healed "$wanted_names"; do
    looks=$((looks + 1))
    read_clock
    passed=$((now - began))
    # also counted, for a clock that stands still or is stepped
    if [ "$passed" -ge "$HEALED_WITHIN_SECONDS" ] || [ "$looks" -gt $((HEALED_WITHIN_SECONDS / 2)) ]; then
      not_healed
    fi
    # without iburst the next poll of a source that chrony replaced is up to a minute away
    if [ "$kind" = chrony ] && [ $((looks % 5)) -eq 0 ]; then ask chronyc burst 4/4; fi
    sleep 2
  done
  read_clock
  verdict cycled "$kind" in $((now - began)) s
}

not_healed() {
  if [ -n "$trouble" ]; then
    verdict failed no-answer: "after $HEALED_WITHIN_SECONDS s, $trouble"
  fi
  seen_after="after $HEALED_WITHIN_SECONDS s, wanted ${wanted_names:-no name}, heard ${heard:-none}, system peer ${peer:-none}"
  if [ "$had_peer" != yes ]; then
    remark "It had no system peer before, so this proves nothing: $seen_after."
    verdict cycled "$kind" unproven
  fi
  verdict failed not-healed: "$seen_after"
}

cycle() {
  kind=none trouble='' pod_names='' unjoined='' heard='' gone='' peer='' elsewhere=''
  are_parameters_sound || verdict failed parameters
  trap unlock EXIT
  trap 'exit 1' HUP INT TERM
  if [ ! -d "$STATE" ]; then failure=$(exec mkdir -p "$STATE" 2>&1) || cannot_write "$STATE"; fi
  locked=0
  lock || locked=$?
  [ "$locked" != 2 ] || cannot_write "$LOCK"
  if is_wave_known; then verdict nothing same-wave; fi
  [ "$locked" = 0 ] || verdict nothing busy
  keep_wave || cannot_write "$WAVES"

  find_running_daemon || :
  describe_found
  remark "$found"
  case $kind in
    none) verdict nothing no-daemon ;;
    ntpd | ntpsec | chrony | ntpd-rs) ;;
    *) verdict nothing never-cycled "$kind" ;;
  esac
  find_sources
  read_rows
  assess_staleness
  if [ -z "$pod_names" ]; then find_revision; fi
  if [ -z "$pod_names" ] && [ "$revision" = - ]; then
    remark "Names no ntp.az-*.$zone in its configuration."
    verdict nothing unmanaged
  fi
  if [ -n "$trouble" ]; then
    remark "$kind does not say what it polls: $trouble"
    [ "$force" = yes ] || verdict nothing unreadable
  fi
  if announces_leap_second && is_month_ending; then verdict nothing leap-second; fi
  if [ -z "$unjoined$gone" ] && [ "$force" != yes ]; then verdict nothing already-right; fi
  [ -z "$unjoined" ] || remark "Polls no current address of $unjoined."
  [ -z "$gone" ] || remark "Polls $gone, which no record holds."
  checked=''
  for pod_name in $unjoined $pod_names; do
    case " $checked " in
      *" $pod_name "*) continue ;;
    esac
    checked="$checked $pod_name"
    check_resolver "$pod_name"
    if [ -n "$reason" ]; then
      remark "The resolver $reason for $pod_name."
      verdict nothing not-yet "$pod_name"
    fi
  done
  if [ "$force" != yes ]; then
    find_cool_down
    [ "$left" -eq 0 ] || verdict nothing cool-down "$left"
  fi
  act
}

cycle 2>/dev/null
