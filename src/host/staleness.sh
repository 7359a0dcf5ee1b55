# shellcheck shell=sh
# staleness.sh: a part of cycle: has DNS left this host behind? Only what the host itself can see counts.
#
# A name of its configuration is a name of the pod when it reads ntp.az-X.ZONE. The host is stale when
#   (b) a name of the pod that DNS lists is polled at none of its addresses, in whatever mode -> it is `unjoined`; or
#   (a) it polls, as a unicast client, an address that is in no record, is not literal in its configuration, and is not
#       what another name of its configuration resolves to -> the address is `gone`. While the configuration names a
#       `pool` outside the pod, whose addresses change with every look, no address can be called gone.
# Sets of addresses are compared, never rows: names may share an address, answers rotate, a row may be IPv4 or IPv6.
# Which servers are confident, run or were withdrawn for their health only podtime knows: it asked for this run because
# of that, and the host only checks whether there is still something to change.

# one try of a resolver takes up to 5 seconds (resolv.conf(5), timeout)
RESOLVE_SECONDS=6

# read_rows sets `rows`, the table of sources as the daemon's query tool prints it. Returns 1 when the daemon does not answer;
# `trouble` then says why.
read_rows() {
  rows='' trouble=''
  if [ "$kind" = ntpd-rs ]; then
    ask_ntp_ctl
    case $reply in
      *ntp_system_stratum*) rows=$reply ;;
      *) trouble=$(one_line "${reply:-ntp-ctl printed nothing}") ;;
    esac
    [ -z "$trouble" ]
    return
  fi
  if [ "$kind" = chrony ]; then
    if ask chronyc -n -c sources; then
      rows=$reply
      return 0
    fi
    read_chronyc_reply
    return 1
  fi
  was_ended=''
  ask ntpq -pnw || was_ended=yes
  case $reply in
    # it can give up in the middle of its rows
    *'***'[A-Z]*) reply="***${reply#*\*\*\*}" ;;
    *refid*)
      rows=$reply
      [ -n "$was_ended" ] || return 0
      reply=$ENDED_NTPQ
      ;;
    *'No association'*) return 0 ;;
  esac
  trouble=$(one_line "${reply:-ntpq printed nothing}")
  return 1
}

# compare_with_records sets, from `zone`, `records`, `sources`, `elsewhere` (what other names resolve to) and `rows`,
#   pod_names  the names of the pod in the configuration
#   unjoined   of these, the ones that DNS lists and the host does not poll
#   heard      of these, the ones polled at a current address that answered within its last eight polls
#   gone       addresses that it should not poll
#   peer       `yes` when it has a heard system peer that is not its own clock
compare_with_records() {
  comparison=$(exec awk "$CANONICAL"'
    # whether a row of ntpq is of the own broadcast, multicast or manycast of this host, where nobody is polled: ntpq before
    # 4.2.8 tells that by the refid alone. isCast of src/diagnosis/sources.ts means the same.
    function is_cast(type, refid, stratum, reach, remote) {
      if (type ~ /^[BMa]$/ || remote ~ /^(22[4-9]|23[0-9])\.|^255\.255\.255\.255$|^ff[0-9a-f][0-9a-f]:/) return 1
      return refid ~ /^\.[ABM]CST\.$/ && stratum >= 16 && reach !~ /[1-7]/
    }
    # a source, by the tally and the reach of ntpq and whether it is polled as a unicast client
    function assess(tally, unicast, reach, remote,   answering, polled, i) {
      answering = reach ~ /[1-7]/
      if ((tally == "*" || tally == "o") && answering && remote !~ /^(local|127\.127\.1\.)/) print "peer yes"
      polled = canonical(remote)
      # 0.0.0.0 and :: stand for a name without an address, where ntpsec does not tell the name
      if (polled == "" || remote ~ /^127\./ || remote ~ /^[0:.]+$/) return
      if (polled in recorded) {
        for (i = 1; i <= pods; i++) {
          if (!((names[i], polled) in lists)) continue
          joined[names[i]] = 1
          if (answering) heard[names[i]] = 1
        }
      } else if (unicast && !(polled in literal)) gone[remote] = 1
    }
    table == "chrony" {
      if (split($0, field, ",") >= 6) assess(field[2], field[1] == "^", field[6], tolower(field[3]))
      next
    }
    # `ntp_source_unanswered_polls{name="…",address="10.0.0.1:123",…} 8`. It names no system peer, and follows none before its eighth
    # poll, 117 s after a restart at its 16 s: any that answered may be one.
    table == "ntpd-rs" {
      if (/^ntp_source_unanswered_polls[{]/ && match($0, /address="[^"]*"/)) {
        remote = substr($0, RSTART + 9, RLENGTH - 10)
        sub(/:[0-9]+$/, "", remote)
        gsub(/^\[|\]$/, "", remote)
        assess("*", 1, $NF ~ /^[0-7]$/ ? "1" : "0", tolower(remote))
      }
      next
    }
    table != "" && /refid/ { head = 1; next }
    table != "" && (!head || /^=*$/) { next }
    # a remote too long for its column stands in a line of its own, the rest in the next
    table != "" {
      if (remote == "") {
        tally = substr($0, 1, 1)
        $0 = substr($0, 2)
        remote = $1
        if (NF == 1) next
        $1 = ""
        $0 = $0
      }
      # from the right, as a refid may be blank or two words: ... st t when poll reach delay offset jitter. Of unicast clients
      # ntpsec prints the count of NTS cookies, and ntpq 4.1 and 4.2.0 print "-"
      if (NF >= 8 && !is_cast($(NF - 6), $1, $(NF - 7), $(NF - 3), tolower(remote)))
        assess(tally, $(NF - 6) ~ /^[u0-9-]$/, $(NF - 3), tolower(remote))
      remote = ""
      next
    }
    $1 == "zone" { zone = $2 }
    $1 == "records" {
      for (word = 2; word <= NF; word++) {
        split($word, pair, "=")
        count = split(pair[2], list, "|")
        for (i = 1; i <= count; i++) {
          address = canonical(list[i])
          recorded[address] = 1
          lists["ntp." pair[1] "." zone, address] = 1
        }
        listed["ntp." pair[1] "." zone] = 1
      }
    }
    $1 == "literal" { for (i = 2; i <= NF; i++) literal[canonical($i)] = 1 }
    $1 == "name" {
      if ($2 ~ /^ntp\.az-[a-z]\./ && substr($2, 10) == zone) { if (!named[$2]++) names[++pods] = $2 }
      else if ($3 == "pool") pool = 1
    }
    $1 == "table" { table = $2 }
    END {
      for (i = 1; i <= pods; i++) {
        print "pod", names[i]
        if (names[i] in heard) print "heard", names[i]
        if ((names[i] in listed) && !(names[i] in joined)) print "unjoined", names[i]
      }
      if (pods && !pool) for (address in gone) print "gone", address
    }' <<PARTS
zone $zone
records $records
literal $elsewhere
$sources
table $kind
$rows
PARTS
)
  pod_names='' unjoined='' heard='' gone='' peer=''
  while read -r word value; do
    case $word in
      pod) pod_names="$pod_names${pod_names:+ }$value" ;;
      unjoined) unjoined="$unjoined${unjoined:+ }$value" ;;
      heard) heard="$heard${heard:+ }$value" ;;
      gone) gone="$gone${gone:+ }$value" ;;
      peer) peer=yes ;;
    esac
  done <<COMPARISON
$comparison
COMPARISON
}

# One spelling for an address, its eight groups; an IPv4 address is the IPv4-mapped one that it is the same as, for a host
# sends to both alike. Empty for what is no address: a name, PHC0, SHM(0). src/fleet/addresses.ts means the same.
# shellcheck disable=SC2016 # awk
CANONICAL='
  function canonical(text,   octets, halves, left, right, lefts, rights, i, out) {
    text = tolower(text)
    if (match(text, /[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/)) {
      split(substr(text, RSTART), octets, ".")
      text = (RSTART > 1 ? substr(text, 1, RSTART - 1) : "::ffff:") \
        sprintf("%x:%x", octets[1] * 256 + octets[2], octets[3] * 256 + octets[4])
    }
    if (text !~ /:/ || text !~ /^[0-9a-f:]+$/) return ""
    i = split(text, halves, "::")
    lefts = split(halves[1], left, ":")
    rights = i > 1 ? split(halves[2], right, ":") : 0
    if (i > 2 || lefts + rights > 8 || (i == 1 && lefts != 8)) return ""
    for (i = 1; i <= 8; i++)
      out = out ":" group(i <= lefts ? left[i] : i > 8 - rights ? right[i - 8 + rights] : "0")
    return substr(out, 2)
  }
  function group(text) {
    sub(/^0+/, "", text)
    return text == "" ? "0" : text
  }'

# assess_staleness sets what compare_with_records sets. An address is gone only when no other name of the configuration
# resolves to it.
assess_staleness() {
  compare_with_records
  [ -n "$gone" ] || return 0
  IFS=$NEWLINE
  # shellcheck disable=SC2086 # one a line
  set -- $sources
  unset IFS
  for source in "$@"; do
    case $source in
      name*) ;;
      *) continue ;;
    esac
    other=${source#* }
    other=${other%% *}
    case " $pod_names " in
      *" $other "*) ;;
      *)
        resolve "$other"
        elsewhere="$elsewhere $addresses"
        ;;
    esac
  done
  [ -z "$elsewhere" ] || compare_with_records
}

# resolve NAME sets `addresses`, which this host's resolver gives now.
resolve() {
  if has timeout; then
    reply=$(exec timeout "$RESOLVE_SECONDS" getent ahosts "$1" 2>/dev/null </dev/null)
  else
    reply=$(exec getent ahosts "$1" 2>/dev/null </dev/null)
  fi
  addresses=''
  IFS=$NEWLINE
  for each in $reply; do
    addresses="$addresses ${each%%[ 	]*}"
  done
  unset IFS
}

# check_resolver NAME sets `reason`, why the resolver does not see this name as DNS lists it; empty when it does. Of a name
# that DNS lists it must give a current address and none that is gone; of any other name nothing. A host without IPv6 sees
# only IPv4.
check_resolver() {
  resolve "$1"
  reason=$(exec awk -v name="$1" "$CANONICAL"'
    $1 == "zone" { zone = $2 }
    $1 == "records" {
      for (field = 2; field <= NF; field++) {
        split($field, pair, "=")
        if ("ntp." pair[1] "." zone != name) continue
        count = split(pair[2], list, "|")
        for (i = 1; i <= count; i++) current[canonical(list[i])] = 1
      }
    }
    $1 == "resolved" {
      for (field = 2; field <= NF; field++) if (canonical($field) in current) good = 1; else if (old == "") old = $field
    }
    END {
      if (old != "") print "still gives " old
      else if (!good && count) print "gives nothing"
    }' <<PARTS
zone $zone
records $records
resolved $addresses
PARTS
)
}
