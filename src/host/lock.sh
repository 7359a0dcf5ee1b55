# shellcheck shell=sh
# lock.sh: a part of boot and cycle: one run of a script at a time on a host. The script sets LOCK, the path of its lock.

# Twice the time limit of the document `cycle` (parameters.ts), and longer than boot.sh can take: an older lock is of a run
# that was killed, or of a process id used again.
LOCK_SECONDS=600
lock_owner=''

# lock takes it. Returns 1 while another run has it; 2 where it cannot be written, and then `failure` is what ln said.
# It is a symbolic link, made whole at once or not at all: to PID.EPOCH, which is no file.
lock() {
  read_clock
  owner=$$.$now
  tries=0
  until take_lock; do
    if [ -L "$LOCK" ]; then
      take_stale_lock
      return
    fi
    # whoever had it may have let it go this moment, three times in a row where several runs are at work
    tries=$((tries + 1))
    [ "$tries" -lt 3 ] || break
  done
  [ -n "$lock_owner" ] && return 0
  case $failure in
    *'File exists'*) [ -e "$LOCK" ] || return 1 ;;
  esac
  return 2
}

# In a folder of its name ln makes a link, which is no lock.
take_lock() {
  failure=$(exec ln -sn "$owner" "$LOCK" 2>&1) && [ -L "$LOCK" ] && lock_owner=$owner
}

# A lock found stale is cleared by one run at a time, which looks at it again once it is that one: else, of several that found
# it stale, the slower would clear the quicker one's new lock.
take_stale_lock() {
  is_stale "$LOCK" || return 1
  if ! failure=$(exec ln -sn "$owner" "$LOCK.clearing" 2>&1); then
    case $failure in
      *'File exists'*) ;;
      *) return 2 ;;
    esac
    if is_stale "$LOCK.clearing"; then rm -f "$LOCK.clearing"; fi
    return 1
  fi
  if is_stale "$LOCK"; then rm -f "$LOCK"; fi
  take_lock
  took=$?
  rm -f "$LOCK.clearing"
  return "$took"
}

# A lock of nobody, or of somebody who is gone. One that is not there (any more) is not stale.
is_stale() {
  holder=$(readlink "$1" 2>/dev/null) || return 1
  ! lock_is_held "$holder"
}

lock_is_held() {
  is_number "${1%%.*}" && is_number "${1#*.}" && kill -0 "${1%%.*}" 2>/dev/null || return 1
  measure_since "${1#*.}"
  [ "$seconds" -lt "$LOCK_SECONDS" ]
}

# shellcheck disable=SC2317 # the trap calls it
unlock() {
  [ -n "$lock_owner" ] || return 0
  # of a run that died while it cleared a stale lock
  if [ -L "$LOCK.clearing" ] && is_stale "$LOCK.clearing"; then rm -f "$LOCK.clearing"; fi
  if [ "$(readlink "$LOCK" 2>/dev/null)" = "$lock_owner" ]; then rm -f "$LOCK"; fi
}
