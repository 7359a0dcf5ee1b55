# shellcheck shell=sh
# config.sh: the third part of collect and cycle: the file the daemon runs on, and what it names.

# find_config sets `file`: what the daemon was started with (Debian starts ntpsec on another file when DHCP names time
# servers), else what its distribution gives it, Debian's own folder first for a service of Debian's name.
find_config() {
  file=-
  # shellcheck disable=SC2046 # usual_files prints words without blanks
  for candidate in "$(started_with)" $(usual_files); do
    [ -n "$candidate" ] || continue
    case $candidate in
      "$ROOT"/*) ;;
      *) candidate=$ROOT$candidate ;;
    esac
    if [ -f "$candidate" ]; then
      file=$candidate
      return 0
    fi
  done
}

# The file named on the daemon's command line, absolute, or nothing. The last one counts.
started_with() {
  [ -n "$pid" ] || return 0
  option=-c
  [ "$kind" != chrony ] || option=-f
  tr '\0' '\n' <"$ROOT/proc/$pid/cmdline" 2>/dev/null | awk -v option="$option" '
    expected { path = $0; expected = 0; next }
    $0 == option || (option == "-c" && $0 == "--configfile") { expected = 1; next }
    option == "-c" && sub(/^--configfile=/, "") { path = $0; next }
    index($0, option "/") == 1 { path = substr($0, 3) }
    END { if (path ~ /^\/[ -~]*$/) print path }'
}

# The whole configuration: the file, all it includes, and the folder that ntpsec reads by itself beside it.
config_text() {
  [ "$file" != - ] || return 0
  with_includes "$file" 0
  [ "$kind" = ntpsec ] && each_file "${file%/*}/ntp.d/*.conf" 1
}

# with_includes FILE DEPTH: as deep as ntpd goes; a file that includes itself ends there. A subshell, so that the
# variables of one depth are its own.
with_includes() (
  [ "$2" -le 5 ] && [ -r "$1" ] || exit 0
  cat "$1"
  echo
  included "$1" | while IFS= read -r pattern; do
    each_file "$pattern" "$(($2 + 1))" </dev/null
  done
)

# each_file PATTERN DEPTH
each_file() (
  set +f
  IFS=''
  # shellcheck disable=SC2086 # a file name pattern, which is not split
  set -- "$2" $1
  set -f
  depth=$1
  shift
  for each in "$@"; do
    if [ -f "$each" ]; then with_includes "$each" "$depth"; fi
  done
)

# included FILE: patterns of the files that it includes, one a line. Relative paths start at its own folder (ntpsec).
included() {
  awk -v root="$ROOT" -v folder="${1%/*}" -v kind="$kind" '
    function full(path) {
      gsub(/^"|"$/, "", path)
      return (substr(path, 1, 1) == "/" ? root : folder "/") path
    }
    { word = kind == "chrony" ? tolower($1) : $1 }
    kind == "chrony" && word == "include" { print full($2) }
    kind == "chrony" && word == "confdir" { for (i = 2; i <= NF; i++) print full($i) "/*.conf" }
    kind == "chrony" && word == "sourcedir" { for (i = 2; i <= NF; i++) print full($i) "/*.sources" }
    kind != "chrony" && word == "includefile" { print full($2); print full($2) "/*.conf" }' "$1"
}

# config_sources: what the configuration follows, in its order, each once: `name ntp.az-b.pod server` (the directive
# last) or `literal 169.254.169.123`. Lower case, no dot at the end. Reference clocks (127.127.x.y) are not hosts.
config_sources() {
  config_text | awk -v kind="$kind" '
    { word = kind == "chrony" ? tolower($1) : $1 }
    word != "server" && word != "pool" && word != "peer" { next }
    {
      host = tolower($2 == "-4" || $2 == "-6" || $2 == "ipv4" || $2 == "ipv6" ? $3 : $2)
      gsub(/"/, "", host)
      sub(/%.*/, "", host)
      sub(/\.$/, "", host)
      if (host ~ /^127\.127\./ || (word, host) in listed) next
      listed[word, host] = 1
      if (host ~ /^[0-9.]+$/ || host ~ /^[0-9a-f.]*:[0-9a-f.:]*$/) print "literal", host
      else if (host ~ /^[0-9a-z_]([0-9a-z._-]*[0-9a-z_])?$/ && length(host) < 254) print "name", host, word
    }'
}

# The revision that stands in the head of podtime's files, a line of its own; `-` when the file is not podtime's.
config_revision() {
  revision=''
  if [ "$file" != - ]; then
    revision=$(sed -n -e '/^# revision \([0-9a-f]\{8,64\}\)$/{s//\1/p;q;}' -e 10q "$file" 2>/dev/null)
  fi
  echo "${revision:--}"
}

is_managed() {
  [ "$(config_revision)" != - ] || config_sources | grep -q '^name ntp\.az-[a-z]\.'
}
