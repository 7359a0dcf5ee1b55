# shellcheck shell=sh
# shellcheck disable=SC2154 # find_directives sets what the configuration names
# leap-file.sh: a part of collect: whether the list of leap seconds that the daemon's configuration names is there, and for how
# long it is valid yet. Decision 0093.

# Of one that is valid for longer nothing is told: that is most of them, and each byte counts. Above the 28 days at which the
# report tells (src/diagnosis/leap-file.ts).
LEAP_FILE_TOLD_SECONDS=3456000
# NTP's seconds begin in 1900 (RFC 5905, figure 4)
NTP_EPOCH_SECONDS=2208988800
ZONES=/usr/share/zoneinfo

# print_leap_file: `leap-file SECONDS PATH`; `missing` and `?` (it names no end) in the place of the seconds.
print_leap_file() {
  # chrony before 4.6 reads a time zone, which tzdata makes of the list that it puts beside it, or not
  if [ -n "$leap_zone" ]; then
    leap_file=$ZONES/$leap_zone
    if [ -f "$ROOT$leap_file" ]; then
      leap_file=$ZONES/leap-seconds.list
      [ -f "$ROOT$leap_file" ] || return 0
    fi
  fi
  case $leap_file in
    *[!0-9A-Za-z._/+-]*) return 0 ;;
    /*) ;;
    *) return 0 ;;
  esac
  valid_seconds=missing
  if [ -f "$ROOT$leap_file" ]; then
    # `#@ 3991593600`
    expires=$(exec sed -n '/^#@/{s/^#@[[:blank:]]*\([1-9][0-9]\{9\}\)[[:space:]]*$/\1/p;q;}' "$ROOT$leap_file" 2>/dev/null)
    valid_seconds='?'
    read_clock
    if is_number "$expires"; then
      valid_seconds=$((expires - NTP_EPOCH_SECONDS - now))
      [ "$valid_seconds" -lt "$LEAP_FILE_TOLD_SECONDS" ] || return 0
    fi
  fi
  spare leap-file "$valid_seconds $leap_file"
}
