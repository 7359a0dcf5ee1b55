# shellcheck shell=sh
# shellcheck disable=SC2154 # cycle sets `wave`
# remembered.sh: a part of cycle: what a host must remember, through to its disk.

# ids of the last waves that ran here, the latest last; a wave lives for minutes, and no two begin in one
WAVES=$STATE/waves
WAVES_KEPT=20
# a disk takes seconds at most, or hangs
SYNC_SECONDS=20

# keep FILE TEXT: by renaming, so that a file is never half written, and on the disk before it returns. On failure returns 1
# and sets `failure`, the last words of the tool that failed.
keep() {
  failure=$({ printf '%s\n' "$2" | cat >"$1.new"; } 2>&1) && failure=$(flush "$1.new") &&
    failure=$(exec mv -f "$1.new" "$1" 2>&1) && failure=$(flush "$STATE") || return 1
  # a folder of that name takes the file into itself
  [ ! -d "$1" ] && return 0
  failure='a folder is in its place'
  return 1
}

# flush FILE: what was written is on the disk.
flush() {
  has sync || return 0
  bounded "$SYNC_SECONDS" sync "$1" 2>&1
}

# Whether a run of this wave was here.
is_wave_known() {
  known=1
  while read -r line; do
    [ "$line" != "$wave" ] || known=0
  done <"$WAVES"
  return "$known"
}

keep_wave() {
  keep "$WAVES" "$(exec awk -v file="$WAVES" -v kept="$WAVES_KEPT" -v wave="$wave" 'BEGIN {
    while ((getline line <file) > 0) lines[++count] = line
    for (i = count - kept + 2; i <= count; i++) if (i > 0) print lines[i]
    print wave
  }')"
}
