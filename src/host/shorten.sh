# shellcheck shell=sh
# shorten.sh: a part of collect: makes an answer fit that SSM's agent would cut.

# SSM's agent keeps 2,400 bytes of a listed invocation
ANSWER_BYTES=2380

# print_answer: `answer` as it is where it fits, else without as many of `spares`, one a line, as must go, else shortened too.
print_answer() {
  IFS=$NEWLINE
  for each in $spares; do
    [ "${#answer}" -gt "$ANSWER_BYTES" ] || break
    answer=${answer%%"$NEWLINE$each$NEWLINE"*}$NEWLINE${answer#*"$NEWLINE$each$NEWLINE"}
  done
  unset IFS
  if [ "${#answer}" -le "$ANSWER_BYTES" ]; then
    printf '%s' "$answer"
  else
    printf '%s' "$answer" | awk -v most="$ANSWER_BYTES" "$SHORTEN"
  fi
}

# What no judgement needs is left away: blanks, the heads of pools, the zone behind each name (`domain ZONE`, and `ntp.az-b.~`); where that is
# too much still, whom most sources follow, and at last their numbers (when they were heard stays). Numbers of some tell little: those may be the
# ones that lie (decision 0099). What does not fit then is counted (`left-out 3 rows`): the sources that matter most come
# first. Literal addresses come before them all: without them a source could be taken for one that no record holds.
# shellcheck disable=SC2016 # awk
SHORTEN='
  BEGIN { room = most - length("left-out 9999 literals") * 3 - length("end") - 8 }
  # whether the line, with its line feed, still fits
  function fits(line) {
    if (length(line) >= room) return 0
    room -= length(line) + 1
    return 1
  }
  function say(line) { if (fits(line)) print line }
  function short(name) {
    return (domain != "" && substr(name, length(name) - length(domain)) == "." domain) ? \
      substr(name, 1, length(name) - length(domain)) "~" : name
  }
  # the words of a list that fit into so many bytes
  function list(word, text, bytes,   words, count, i, line) {
    count = split(text, words, " ")
    line = word
    for (i = 2; i <= count; i++) {
      if (length(line " " words[i]) > bytes) { left[word]++; continue }
      line = line " " words[i]
    }
    say(line)
  }
  function keep(rank, full, measured, brief) {
    fulls[++rows] = full
    measureds[rows] = measured
    briefs[rows] = brief
    ranks[rows] = rank
    if (rank < 3) return
    full_bytes += length(full) + 1
    measured_bytes += length(measured) + 1
  }
  # 1 and 2 in full, the others as there is room for all of them
  function rank(tally, remote, heard) {
    if (tally ~ /[*o]/) return 1
    if (remote == "169.254.169.123" || remote == "fd00:ec2::123" || (tally == "x" && ++falsetickers < 4)) return 2
    return heard ? 3 : 4
  }
  function ntpq_row(   tally, remote, i, refid, row, brief) {
    tally = substr($0, 1, 1)
    if (wrapped != "") { tally = substr(wrapped, 1, 1); $0 = substr(wrapped, 2) " " $0 }
    else $0 = substr($0, 2)
    wrapped = ""
    # the rest of a row without its name, or half of one
    if (NF < 9) { left["rows"]++; return }
    remote = short($1)
    for (i = 2; i <= NF - 8; i++) refid = refid " " $i
    row = tally remote refid
    for (i = NF - 7; i <= NF; i++) row = row " " $i
    # the head of a pool, and the broadcasts of this host
    if ($(NF - 6) ~ /^[pBMa]$/ || (refid ~ /^ \.[ABM]CST\.$/ && $(NF - 7) >= 16 && $(NF - 3) !~ /[1-7]/)) return
    brief = tally remote " " (substr(refid, 2, 1) == "." ? substr(refid, 2) : "-") " " $(NF - 7) " " $(NF - 6) \
      " " $(NF - 5) " " $(NF - 4) " " $(NF - 3)
    keep(rank(tally, $1, $(NF - 3) ~ /[1-7]/), row, brief " " $(NF - 2) " " $(NF - 1) " " $NF, brief)
  }
  function chronyc_row(   field, head) {
    split($0, field, ",")
    head = field[1] "," field[2] "," short(field[3]) "," field[4] "," field[5] "," field[6]
    # of its two offsets one is read (src/ntp/chrony.ts)
    keep(rank(field[2], field[3], field[6] ~ /[1-7]/), $0, head "," field[7] "," field[8] ",," field[10], \
      head (length(field[7]) < 10 ? "," field[7] : ""))
  }
  # of a daemon that tells no tally
  function ntp_ctl_row() {
    keep(rank(" ", $1, $3 < 8), $0, $0, $1 " " $2 " " $3 " " ($5 == "-" ? "-" : $4))
  }
  function rows_of(wanted, texts,   i) {
    for (i = 1; i <= rows; i++) {
      if (ranks[i] != wanted) continue
      if (fits(texts[i])) print texts[i]
      else left["rows"]++
    }
  }
  $0 == "end" { next }
  $1 == "system" || $1 == "sources" { section = $1; tool = $2; say($0); next }
  section == "system" { gsub(/, +/, ","); say($0); next }
  section == "sources" && tool == "chronyc" { chronyc_row(); next }
  # ntpsec, which cuts no number, is known by these blanks (src/ntp/ntpq-peers.ts)
  section == "sources" && /refid/ {
    say("remote refid st t when poll reach delay offset" (/offset   jitter/ ? "   " : " ") "jitter")
    next
  }
  section == "sources" && tool == "ntp-ctl" { if (!heads++) say($0); else ntp_ctl_row(); next }
  section == "sources" && NF == 1 { wrapped = $0; next }
  section == "sources" && (NF >= 9 || wrapped != "") { ntpq_row(); next }
  $1 == "names" {
    # `ntp.az-a.ZONE`
    if (match($2, /^[^.]+\.[^.]+\./)) say("domain " (domain = substr($2, RLENGTH + 1)))
    for (i = 2; i <= NF; i++) $i = short($i)
    list("names", $0, 700)
    next
  }
  $1 == "literals" { list("literals", $0, 1200); next }
  { say(substr($0, 1, 200)) }
  END {
    rows_of(1, fulls)
    rows_of(2, fulls)
    if (full_bytes < room) {
      rows_of(3, fulls)
      rows_of(4, fulls)
    } else if (measured_bytes < room) {
      rows_of(3, measureds)
      rows_of(4, measureds)
    } else {
      if (tool == "ntpq" && rows) say("remote refid st t when poll reach")
      rows_of(3, briefs)
      rows_of(4, briefs)
    }
    for (what in left) print "left-out " left[what] " " what
    print "end"
  }'
