# shellcheck shell=sh
# printed.sh: a part of collect: what ntpd-rs and systemd-timesyncd tell, as podtime reads it.

# find_minimum sets `minimum`, of the sources that must agree before ntpd-rs follows them, where its file says so.
find_minimum() {
  minimum=''
  [ "$file" != - ] || return 0
  minimum=$(exec sed -n '/^[[:blank:]]*minimum-agreeing-sources[[:blank:]]*=[[:blank:]]*\([0-9]\{1,4\}\)\([^0-9].*\)\{0,1\}$/{s//\1/p;q;}' "$file" 2>/dev/null)
}

# Of some 7 KB that ntp-ctl tells, what podtime reads: of the system `name=value`, of each source a row. Seconds, as it tells them;
# `-` for the measures of one never heard, which it tells as the longest time that it knows, 2^31 seconds.
print_ntp_ctl() {
  find_minimum
  answer=$answer$(printf '%s\n' "$status" | exec awk -v minimum="$minimum" "$READ_NTP_CTL")$NEWLINE
}

# shellcheck disable=SC2016 # awk
READ_NTP_CTL='
  function label(name,   text) {
    if (!match($0, name "=\"[^\"]*\"")) return ""
    text = substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 3)
    gsub(/[ \t]/, "?", text)
    return text
  }
  # `10.0.0.1:123`, `[fd00::1]:123`; a reference clock has a name alone
  function source(   text) {
    text = label("address")
    sub(/:[0-9]+$/, "", text)
    gsub(/^\[|\]$/, "", text)
    if (text == "") text = label("name")
    return text == "" ? "?" : text
  }
  function short(value) { return value ~ /^-?[0-9.]+$/ ? (value >= 2147483648 ? "-" : sprintf("%.6g", value)) : value }
  BEGIN {
    names["system_leap_indicator"] = "leap"
    names["system_stratum"] = "stratum"
    names["system_root_delay_seconds"] = "rootdelay"
    names["system_root_dispersion_seconds"] = "rootdisp"
    columns = split("poll_interval_seconds unanswered_polls offset_seconds delay_seconds uncertainty_seconds", column, " ")
  }
  {
    metric = $0
    sub(/^ntp_/, "", metric)
    sub(/[{ ].*/, "", metric)
  }
  metric in names { state = state " " names[metric] "=" short($NF) }
  sub(/^source_/, "", metric) {
    id = label("id")
    if (!(id in rows)) order[++count] = id
    rows[id] = source()
    values[id, metric] = short($NF)
  }
  END {
    print "system ntp-ctl"
    print substr(state, 2) (minimum == "" ? "" : " minimum=" minimum)
    print "sources ntp-ctl"
    print "address poll unanswered offset delay uncertainty"
    for (i = 1; i <= count; i++) {
      row = rows[order[i]]
      for (j = 1; j <= columns; j++) {
        value = values[order[i], column[j]]
        row = row " " (value == "" ? "-" : value)
      }
      print row
    }
  }'

# systemd-timesyncd tells of its one server by D-Bus alone: timedatectl, which asks there too, rounds the times of an answer to
# seconds. `now` is by the same clock as those are.
print_timesync() {
  read_clock
  if ask busctl get-property org.freedesktop.timesync1 /org/freedesktop/timesync1 org.freedesktop.timesync1.Manager \
    ServerName ServerAddress PollIntervalUSec NTPMessage Frequency; then
    say 'system busctl'
    say "now $now"
    answer=$answer$(printf '%s\n' "$reply" | exec awk "$READ_ADDRESS")$NEWLINE
  else
    say "trouble $(one_line "${reply:-busctl printed nothing}")"
  fi
}

# D-Bus tells an address as its family, 2 or 10, and its bytes.
# shellcheck disable=SC2016 # awk
READ_ADDRESS='
  $1 != "(iay)" { print; next }
  {
    address = "-"
    if ($2 == 2 && $3 == 4) address = $4 "." $5 "." $6 "." $7
    if ($2 == 10 && $3 == 16) {
      address = sprintf("%x", $4 * 256 + $5)
      for (i = 6; i < 20; i += 2) address = address sprintf(":%x", $i * 256 + $(i + 1))
    }
    print "address " address
  }'
