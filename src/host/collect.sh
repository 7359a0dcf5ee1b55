# shellcheck shell=sh
# collect.sh: reads the time daemon of this host and changes nothing.
#
# Prints plain text, the most important first: of a listed invocation SSM's agent keeps 2,400 bytes, and the last line,
# `end`, tells that nothing was cut. Further calls: ntpq -c 'rv 0 leap,...', ntpq -pnw, chronyc -n -c sources.

# The `name`s and the `literal`s of the configuration, in a line each, each once.
print_hosts() {
  printf '%s\n' "$sources" | awk '
    NF && !printed[$1, $2]++ { hosts[$1] = hosts[$1] " " $2 }
    END {
      if ("name" in hosts) print "names" hosts["name"]
      if ("literal" in hosts) print "literals" hosts["literal"]
    }'
}

print_ntpq() {
  state=$(ask_ntpq -c 'rv 0 leap,stratum,refid,offset,rootdelay,rootdisp,sys_jitter,frequency')
  rows=$(ask_ntpq -pnw)
  case $rows in
    *refid* | *'No association'*) ;;
    # ntpq before 4.2.8 has no -w
    *) rows=$(ask_ntpq -pn) ;;
  esac
  for reply in "$state" "$rows"; do
    case $reply in
      # it can give up in the middle of its rows
      *'***'[A-Z]*) trouble=${trouble:-$(one_line "***${reply#*\*\*\*}")} ;;
      *'leap='* | *refid* | *'No association'*) ;;
      *) trouble=${trouble:-$(one_line "${reply:-ntpq printed nothing}")} ;;
    esac
  done
  [ -z "$trouble" ] || echo "trouble $trouble"
  case $state in
    *'leap='*)
      echo 'system ntpq'
      printf '%s\n' "$state" | grep '='
      ;;
  esac
  case $rows in
    *refid*)
      echo 'sources ntpq'
      # stands for 80 bytes of nothing
      printf '%s\n' "$rows" | sed -n -e '/^=*$/d' -e '/^\*\*\*/d' -e '/refid/,$p'
      ;;
    *'No association'*)
      echo 'sources ntpq'
      printf '%s\n' "$rows" | grep 'No association'
      ;;
  esac
}

print_chronyc() {
  if ! state=$(ask_chronyc -c tracking) || ! rows=$(ask_chronyc -n -c sources); then
    trouble=$(one_line "${rows:-$state}")
    echo "trouble ${trouble:-chronyc printed nothing}"
    return 0
  fi
  echo 'system chronyc'
  printf '%s\n' "$state"
  echo 'sources chronyc'
  [ -z "$rows" ] || printf '%s\n' "$rows"
}

collect() {
  rows='' sources=''
  echo 'podtime-collect 1'
  if ! find_running_daemon; then
    print_found
    printf 'age -\ncycled %s\nrevision -\nend\n' "$(stamp_age)"
    return 0
  fi
  sources=$(config_sources)
  print_found
  echo "age $(daemon_age)"
  echo "cycled $(stamp_age)"
  echo "revision $(config_revision)"
  print_hosts
  if [ "$kind" = chrony ]; then
    print_chronyc
  elif [ -n "$trouble" ]; then
    # it would not answer the next questions either, and each takes 10 seconds
    echo "trouble $trouble"
  else
    print_ntpq
  fi
  echo end
}

# the agent counts stderr against the same 2,400 bytes
collect 2>/dev/null
