# shellcheck shell=sh
# install.sh: a part of boot: puts a checked file in the place that the daemon reads, so that whatever line a run dies at, the
# daemon has a whole file and the next run knows what to do.
#
# Beside the target lie, each put there whole by one move:
#   TARGET.previous          a copy of the file that stood there before
#   TARGET.podtime-restart   the mark: from before the move until the daemon is known to run. Its first line says whether a file
#                            stood there, the others are the file that is put there.
# While there is a mark, `previous` is the file that the daemon is known to run on, and nobody writes it. A run that finds a
# mark ends first what the dead run began: where the target holds what the mark does, it is on trial still; else it was not put
# there yet, was taken back, or is somebody's edit, and the daemon may not run on it. Nothing is taken back or deleted but what
# the mark holds, and a file is only deleted where none stood before.
# Decision 0052.

# As long as another run is waited for; they mostly end sooner.
LOCK_WAIT_SECONDS=10
# A daemon that does not like its file ends within a second (ntpsec: after it has written its pid file).
STAYS_UP_SECONDS=3

# leave WHY: why the target is not touched.
leave() {
  warn "$1; $target is left as it is"
}

cannot_write() {
  leave "cannot write to $1 (is its disk full, or read-only?)"
}

# find_place follows the target's links, so that a link stays one, and sets `folder`, `previous` and `mark`, which lie beside
# the file itself.
find_place() {
  links=0
  while [ -L "$target" ]; do
    links=$((links + 1))
    if [ "$links" -gt 10 ]; then
      leave 'its links lead in a circle'
      return 1
    fi
    link=$(exec readlink "$target")
    case $link in
      /*) target=$ROOT$link ;;
      *) target=${target%/*}/$link ;;
    esac
  done
  folder=${target%/*} previous=$target.previous mark=$target.podtime-restart
  for place in "$target" "$previous" "$mark"; do
    if [ -e "$place" ] && [ ! -f "$place" ]; then
      leave "$place is not a regular file"
      return 1
    fi
  done
}

# take_turn waits for another run on this host, a little.
take_turn() {
  LOCK=$STATE/boot.lock
  waited=0 busy=''
  [ -d "$STATE" ] || mkdir -p "$STATE" 2>/dev/null
  until lock; do
    case $? in
      1) busy=yes ;;
    esac
    if [ "$waited" -ge "$LOCK_WAIT_SECONDS" ]; then
      if [ -n "$busy" ]; then leave 'another run of boot.sh is at work on this host'; else cannot_write "$STATE"; fi
      return 1
    fi
    waited=$((waited + 1))
    sleep 1
  done
}

# make_drafts sets `fetched` and `draft`, new files beside the target. Those of dead runs go; there is no other run.
make_drafts() {
  (set +f && exec rm -f "$folder"/.podtime.??????)
  fetched=$(exec mktemp "$folder/.podtime.XXXXXX" 2>/dev/null) &&
    draft=$(exec mktemp "$folder/.podtime.XXXXXX" 2>/dev/null) && return 0
  cannot_write "$folder"
  return 1
}

same_content() {
  [ -f "$2" ] && [ "$(exec cat "$1")" = "$(exec cat "$2")" ]
}

# Whether the target holds what the mark does.
is_on_trial() {
  [ -f "$target" ] && [ "$(exec sed 1d "$mark")" = "$(exec cat "$target")" ]
}

# restart_daemon: whether the daemon starts on the file that stands there, and stays up. Else sets `failure`, and `words` as
# restart does.
restart_daemon() {
  if ! restart "$service"; then
    failure='could not be restarted'
    return 1
  fi
  looks=0
  begin_status
  while [ "$looks" -lt "$STAYS_UP_SECONDS" ]; do
    looks=$((looks + 1))
    sleep 1
    if ! find_active_service "$service"; then
      failure='does not stay up'
      return 1
    fi
  done
}

# try_file restarts the daemon on the file that is on trial, and takes that back when it does not run.
try_file() {
  if restart_daemon; then
    rm -f "$mark"
    return 0
  fi
  trouble="$service $failure with the new $target"
  [ -z "$words" ] || trouble="$trouble ($words)"
  take_back
  warn "$trouble: $outcome"
  restart_daemon || warn "$service does not start as it was before either"
  rm -f "$mark"
  # it is the target now
  if [ "$taken_back" = yes ]; then rm -f "$previous"; fi
  return 1
}

# take_back sets `outcome`, a sentence, and `taken_back` where the file before stands there again.
take_back() {
  taken_back=''
  read_line "$mark"
  if ! is_on_trial; then
    outcome='somebody else has written it since, so it is left as it is'
  elif [ "$line" = "$NONE_BEFORE" ]; then
    rm -f "$target"
    outcome='it was removed again, as there was none before'
  elif cp -p "$previous" "$draft" && mv -f "$draft" "$target"; then
    taken_back=yes outcome='the old one is back'
  else
    outcome="the old one, $previous, cannot be put back"
  fi
}

# end_dead_run: what a run that died left to do.
end_dead_run() {
  [ -e "$mark" ] || return 0
  say "a run before this one was cut off: $service is restarted on $target"
  if is_on_trial; then
    try_file
    return
  fi
  restart_daemon || warn "$service $failure with $target"
  rm -f "$mark"
}

NONE_BEFORE='# no file stood here before'
FILE_BEFORE='# a file stood here before'

# install_file puts the fetched file in its place.
install_file() {
  if same_content "$fetched" "$target"; then
    say "$target is right already (revision $revision); $service is not restarted"
    begin_status
    find_active_service "$service" && return 0
    warn "$service does not run, and boot.sh starts no daemon that was stopped"
    return 1
  fi
  before=$NONE_BEFORE
  if [ -f "$target" ]; then
    before=$FILE_BEFORE
    cp -p "$target" "$draft" && mv -f "$draft" "$previous" || return 2
  fi
  { echo "$before" && cat "$fetched"; } >"$draft" && chmod 644 "$fetched" && mv -f "$draft" "$mark" || return 2
  if ! mv -f "$fetched" "$target"; then
    rm -f "$mark"
    return 2
  fi
  if has restorecon; then restorecon "$target"; fi
  [ "$before" = "$NONE_BEFORE" ] || keep_drift
  try_file || return 1
  say "$target is new (revision $revision); $service was restarted"
}
