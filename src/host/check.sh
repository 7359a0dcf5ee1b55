# shellcheck shell=sh
# check.sh: a part of boot: whether the daemon itself takes the file that was fetched, before it is put in place.

# chronyd checks a file since this version, ntp-ctl of ntpd-rs always did. ntpsec goes on without a line that it does not know,
# as the classic ntpd does, and says so where it is started to read the file alone. Decision 0094.
CHRONY_CHECKS=4.0
# to read a file and to ask nobody
CHECK_SECONDS=10

# check_by_daemon: 1 where the daemon refuses the file `fetched`. What it says is told. One that does not answer, or that may not
# read the file there, has refused nothing: the file is on trial yet.
check_by_daemon() {
  case $kind in
    chrony)
      at_least "$version" "$CHRONY_CHECKS" || return 0
      checker=chronyd
      # its stdout is the file
      reply=$(bounded "$CHECK_SECONDS" chronyd -p -f "$fetched" 2>&1 >/dev/null </dev/null)
      ;;
    ntpd-rs)
      checker=ntp-ctl
      has "$checker" || return 0
      reply=$(bounded "$CHECK_SECONDS" ntp-ctl -c "$fetched" validate 2>&1 </dev/null)
      ;;
    ntpsec)
      checker=ntpd
      has setpriv || return 0
      # without these capabilities it ends at its first socket, once it has read the file, and could set no clock
      reply=$(bounded "$CHECK_SECONDS" setpriv --bounding-set=-net_bind_service,-sys_time \
        --inh-caps=-net_bind_service,-sys_time -- ntpd -n -c "$fetched" 2>&1 </dev/null |
        awk 'sub(/^.* CONFIG: /, "") && !/^(readconfig: |failed to open |syntax error in )/')
      case $reply in
        *'syntax error'*) false ;;
      esac
      ;;
    *) return 0 ;;
  esac
  refused=$?
  words=$(one_line "$(printf '%s\n' "$reply" | awk -v place=" in file $fetched" "$READ_CHECK")")
  case $refused.$words in
    1.'Could not open '* | 1.'io error '*) ;;
    1.*)
      leave "$checker does not take the $wanted that $API answers (${words:-it does not say why})"
      return 1
      ;;
  esac
  [ -z "$words" ] || warn "$checker says of $wanted: $words"
}

# The first line and the last, without colours, times and where the file lay meanwhile; of one that is well nothing.
# shellcheck disable=SC2016 # awk
READ_CHECK='
  { gsub(/\033\[[0-9;]*m/, "") }
  / INFO / || /^Config looks good/ || NF == 0 { next }
  {
    sub(/^[0-9][0-9TZ:.-]* +/, "")
    sub(/^Fatal error : |^Error: Could not load configuration: (config toml parsing error: )?|^WARN [a-z:]* /, "")
    if (at = index($0, place)) $0 = substr($0, 1, at - 1) substr($0, at + length(place))
    if (first == "") first = $0
    last = $0
  }
  END { print first (last == first ? "" : "; " last) }'
