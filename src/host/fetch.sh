# shellcheck shell=sh
# fetch.sh: a part of boot: asks podtime's API, and checks the file that it gets.

# API Gateway's limits are shared by all callers, so a run asks at most five times, later and later, each host at another
# moment (AWS Architecture Blog, "Exponential Backoff And Jitter": full jitter): within 4, 8, 16 and 32 s.
MOST_TRIES=5
CONNECT_SECONDS=5
CALL_SECONDS=20
# what a Retry-After may add to a pause, so that a run ends before its lock counts as stale (LOCK_SECONDS)
MOST_RETRY_AFTER_SECONDS=10
# curl's exit statuses (curl(1)): an HTTP status of 400 or more with --fail, a file that cannot be written, too large an answer
CURL_HTTP_ERROR=22
CURL_CANNOT_WRITE=23
CURL_TOO_LARGE=63

# call CURL_OPTION...: asks, and asks again what another time may answer: no answer, 408, 429, 5xx. Returns 0 on an answer of
# 2xx. Sets `curl_status`, and `http_status`, 000 without an answer.
call() {
  calls=0
  while :; do
    # curl before 7.84 prints %header{...} as it stands here
    reply=$(curl --fail --silent --show-error --proto '=http,https' --connect-timeout "$CONNECT_SECONDS" \
      --max-time "$CALL_SECONDS" --write-out '%{http_code} %header{retry-after}' "$@" </dev/null)
    curl_status=$? http_status=${reply%% *} retry_after=${reply#* }
    case $curl_status.$http_status in
      0.2??) return 0 ;;
      "$CURL_HTTP_ERROR".408 | "$CURL_HTTP_ERROR".429 | "$CURL_HTTP_ERROR".5??) ;;
      0.* | "$CURL_HTTP_ERROR".* | "$CURL_CANNOT_WRITE".* | "$CURL_TOO_LARGE".*) return 1 ;;
    esac
    calls=$((calls + 1))
    [ "$calls" -lt "$MOST_TRIES" ] || return 1
    find_pause
    sleep "$pause_seconds"
  done
}

# find_pause sets `pause_seconds`: at random, after what the API asks to wait.
find_pause() {
  random=$(exec od -An -N2 -tu2 /dev/urandom 2>/dev/null)
  random=${random##* }
  is_number "$random" || random=$$
  pause_seconds=$((1 + random % (1 << (calls + 1))))
  case $retry_after in
    0* | ???*) retry_after='' ;;
  esac
  is_number "$retry_after" || return 0
  [ "$retry_after" -le "$MOST_RETRY_AFTER_SECONDS" ] || retry_after=$MOST_RETRY_AFTER_SECONDS
  pause_seconds=$((pause_seconds + retry_after))
}

# find_revision FILE sets `revision`, which the second line of podtime's files names; empty in any other.
find_revision() {
  revision=$(exec sed -n '2s/^# revision \([0-9a-f]\{16\}\)$/\1/p' "$1" 2>/dev/null)
}

# fetch puts the file `wanted` for a daemon of this `version` into the file `fetched`. It tells which revision stands there:
# a changed file is served to one host first (decision 0143). On failure warns and returns 1.
fetch() {
  find_revision "$target"
  asked="$wanted?version=$version&revision=${revision:-none}"
  if ! call --max-filesize 65536 --output "$fetched" "$API/$POD/$TIER/$AZ/$asked"; then
    case $curl_status.$http_status in
      "$CURL_CANNOT_WRITE".*) cannot_write "$folder" ;;
      "$CURL_TOO_LARGE".*) leave "what $API answered is too large for $wanted" ;;
      *.000) leave "$API does not answer with $wanted" ;;
      *.409) leave "$API has no $wanted that $kind $version can use: it lacks what the fleet file wants" ;;
      *) leave "$API answers $wanted with HTTP status $http_status" ;;
    esac
    return 1
  fi
  check_file "$fetched"
  [ -n "$wrong" ] || return 0
  leave "what $API answered $wrong"
  return 1
}

# check_file FILE sets `revision`, which the second line of podtime's files names, and `wrong`: what keeps it from being the
# file that was asked for, whole; empty when it is.
check_file() {
  find_revision "$1"
  wrong=''
  if [ "$(exec sed -n '1p' "$1")" != "# podtime: $wanted for pod $POD, tier $TIER, AZ $AZ" ]; then
    wrong="is not $wanted for pod $POD, tier $TIER, AZ $AZ"
  elif [ -z "$revision" ]; then
    wrong='names no revision'
  elif [ "$(exec sed -n '$p' "$1")" != "$LAST_LINE" ]; then
    wrong='is cut off'
  else
    hash=$(sed '2d' "$1" | digest)
    [ -z "$hash" ] || [ "$hash" = "$revision" ] ||
      wrong="is damaged: its revision is $revision, its content's is $hash"
  fi
}

# The first 16 digits of the SHA-256 of what it reads; nothing on a host that cannot tell.
digest() {
  if has sha256sum; then
    sha256sum | cut -c 1-16
  elif has openssl; then
    openssl dgst -sha256 | sed 's/^.*= *//' | cut -c 1-16
  fi
}
