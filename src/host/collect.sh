# shellcheck shell=sh
# collect.sh: reads the time daemon of this host and changes nothing.
#
# Prints plain text, the most important first (shorten.sh): of a listed invocation SSM's agent keeps 2,400 bytes, and the last
# line, `end`, tells that nothing was cut. Further calls: ntpq -c 'rv 0 leap,...', ntpq -pnw, ntpq -c 'mrv ...',
# chronyc -n -c sources, busctl get-property org.freedesktop.timesync1 ..., chronyc -c serverstats.

answer='' spares='' config_files=''

# say LINE
say() {
  answer=$answer$1$NEWLINE
}

# spare WORD VALUE: a line where there is a value. Of these the last goes first where the answer is too long (shorten.sh).
spare() {
  [ -n "$2" ] || return 0
  say "$1 $2"
  spares="$1 $2$NEWLINE$spares"
}

# spare_lines LINES: likewise, of lines that are each a word and a value.
spare_lines() {
  IFS=$NEWLINE
  for each in $1; do
    spare "${each%% *}" "${each#* }"
  done
  unset IFS
}

# The `name`s and the `literal`s of the configuration, in a line each, each once.
print_hosts() {
  names='' literals=''
  IFS=$NEWLINE
  for source in $sources; do
    host=${source#* }
    host=${host%% *}
    case "$names $literals " in
      *" $host "*) continue ;;
    esac
    case $source in
      name*) names="$names $host" ;;
      *) literals="$literals $host" ;;
    esac
  done
  unset IFS
  [ -z "$names" ] || say "names$names"
  [ -z "$literals" ] || say "literals$literals"
}

# print_lines PATTERN TEXT: the lines of the text that match.
print_lines() {
  IFS=$NEWLINE
  for each in $2; do
    # shellcheck disable=SC2254 # a pattern
    case $each in
      $1) say "$each" ;;
    esac
  done
  unset IFS
}

# The table of sources from its head on. The rule below the head stands for 80 bytes of nothing. An ntpq that `was_ended` may
# have been so within its last row: a whole one is as wide as the head.
print_table() {
  listed='' last=${rows##*"$NEWLINE"}
  IFS=$NEWLINE
  for row in $rows; do
    case $row in
      '***'*) continue ;;
      *[!=]*) ;;
      *) continue ;;
    esac
    case $row in
      *refid*) listed=$row ;;
    esac
    if [ -n "$was_ended" ] && [ "$row" = "$last" ] && [ "${#row}" -lt "${#listed}" ]; then continue; fi
    [ -z "$listed" ] || say "$row"
  done
  unset IFS
}

# Rows of names without an address: an ntpsec before 1.2.3 may show them as `0.0.0.0` for as long as it runs, and tells the names, in
# the order of its rows, where it is asked for them alone. Decision 0035.
name_rows() {
  case $rows in
    *"$NEWLINE 0.0.0.0 "* | *"$NEWLINE :: "*) ;;
    *) return 0 ;;
  esac
  count=$(printf '%s\n' "$rows" | awk '/^=+$/ { table = 1; next } table && NF > 1 { n++ } END { print n }')
  ask ntpq -c "mrv &1 &$count srcadr,srchost"
  rows=$(exec awk '
    $0 == "rows" { table = 1; next }
    table {
      lines[++last] = $0
      if (/^ (0[.]0[.]0[.]0|::) /) at[++nameless] = last
    }
    # `associd=17768 srcadr=0.0.0.0, srchost="time.example"`, a long name in a line of its own
    !table {
      for (i = 1; i <= NF; i++) {
        if ($i ~ /^srcadr=/) wanted = $i ~ /=(0[.]0[.]0[.]0|::),?$/
        else if (wanted && $i ~ /^srchost="[0-9A-Za-z._-]+"$/) names[++told] = substr($i, 10, length($i) - 10)
      }
    }
    END {
      if (told == nameless) for (i = 1; i <= told; i++) sub(/^ [0.:]+/, " " names[i], lines[at[i]])
      for (i = 1; i <= last; i++) print lines[i]
    }' <<PARTS
$reply
rows
$rows
PARTS
)
}

print_ntpq() {
  ask ntpq -c 'rv 0 leap,stratum,refid,offset,rootdelay,rootdisp,sys_jitter,frequency'
  case $reply in
    # ntpd before 4.2.6 has other names for two of them, and refuses all where it knows not one
    *'variable was unknown'*) ask ntpq -c 'rv 0 leap,stratum,refid,offset,rootdelay,rootdispersion,jitter,frequency' ;;
  esac
  state=$reply was_ended=''
  ask ntpq -pnw || was_ended=yes
  case $reply in
    *refid* | *'No association'*) ;;
    # ntpq before 4.2.8 has no -w
    *)
      was_ended=''
      ask ntpq -pn || was_ended=yes
      ;;
  esac
  rows=$reply
  [ "$kind" != ntpsec ] || name_rows
  for reply in "$state" "$rows"; do
    case $reply in
      # it can give up in the middle of its rows
      *'***'[A-Z]*) trouble=${trouble:-$(one_line "***${reply#*\*\*\*}")} ;;
      *'leap='* | *refid* | *'No association'*) ;;
      *) trouble=${trouble:-$(one_line "${reply:-ntpq printed nothing}")} ;;
    esac
  done
  case $was_ended$rows in
    yes*refid*) trouble=${trouble:-$ENDED_NTPQ} ;;
  esac
  [ -z "$trouble" ] || say "trouble $trouble"
  case $state in
    *'leap='*)
      say 'system ntpq'
      print_lines '*=*' "$state"
      ;;
  esac
  case $rows in
    *refid*)
      say 'sources ntpq'
      print_table
      ;;
    *'No association'*)
      say 'sources ntpq'
      print_lines '*No association*' "$rows"
      ;;
  esac
}

print_served() {
  find_served
  spare served "$served"
}

# chronyc can fail after some rows (a source went meanwhile, or it hung): they count, and `trouble` tells that there are more.
print_chronyc() {
  if ! ask chronyc -c tracking; then
    read_chronyc_reply
    say "trouble $trouble"
    return 0
  fi
  state=$reply rows='' trouble=''
  if ask chronyc -n -c sources; then
    rows=$reply${reply:+$NEWLINE}
    print_served
  else
    read_chronyc_reply
    say "trouble $trouble"
  fi
  say 'system chronyc'
  say "$state"
  [ -n "$trouble" ] && [ -z "$rows" ] || answer="${answer}sources chronyc$NEWLINE$rows"
}

print_clock() {
  find_directives
  find_drift
  spare drift "$drift"
  [ "$kind" = chrony ] || print_served
  find_kernel_status
  spare kernel "$kernel"
  find_clock_source
  spare clocksource "$clock_source"
  print_leap_file
}

# SSM's agent ends the document after 40 seconds (parameters.ts): whatever hangs, what is known by then is said
ANSWER_SECONDS=28

collect() {
  read_uptime
  answer_by=$((uptime + ANSWER_SECONDS))
  say 'podtime-collect 1'
  if ! find_running_daemon; then
    describe_found
    read_stamp
    say "$found"
    say 'age -'
    say "cycled $stamp_age"
    say 'revision -'
    return 0
  fi
  find_sources
  describe_found
  say "$found"
  find_age
  say "age $age"
  read_stamp
  say "cycled $stamp_age"
  find_revision
  say "revision $revision"
  print_hosts
  print_clock
  IFS=$NEWLINE
  # shellcheck disable=SC2086 # one a line
  find_nts_names $config_files
  unset IFS
  print_authentication
  print_certificates
  if [ "$kind" = chrony ]; then
    print_chronyc
  elif [ -n "$trouble" ]; then
    # it would not answer the next questions either, and each takes 10 seconds
    say "trouble $trouble"
  else
    case $kind in
      ntpd-rs) print_ntp_ctl ;;
      systemd-timesyncd) print_timesync ;;
      ntpd | ntpsec) print_ntpq ;;
    esac
  fi
}

answer() {
  collect
  say end
  print_answer
}

# the agent counts stderr against the same 2,400 bytes
answer 2>/dev/null
