# shellcheck shell=sh
# config.sh: a part of collect and cycle: the file the daemon runs on, and what it names.

# find_config sets `file`: what the daemon was started with (Debian starts ntpsec on another file when DHCP names time
# servers), else what its distribution gives it, Debian's own folder first for a service of Debian's name.
find_config() {
  file=- started_with=''
  [ -z "$pid" ] || started_with=$(file_on_command_line)
  list_usual_files
  for candidate in "$started_with" $usual_files; do
    if [ -f "$ROOT$candidate" ]; then
      file=$ROOT$candidate
      return 0
    fi
  done
}

# list_config_files sets `config_files`, one a line: the file, all it includes, and the folder that ntpsec reads by itself
# beside it. Here and in what it calls lists are split at line feeds alone (find_sources), as a path may hold blanks.
list_config_files() {
  config_files=''
  [ "$file" != - ] || return 0
  list_with_includes "$file" 0
  [ "$kind" = ntpsec ] || return 0
  patterns="include ${file%/*}/ntp.d/*.conf"
  list_matching 1
}

# list_with_includes FILE DEPTH: as deep as ntpd goes; a file that includes itself ends there. Relative paths start at the
# file's own folder (ntpsec). Of several folders of one `confdir` or `sourcedir`, the first that has a file of a name gives it.
list_with_includes() {
  [ "$2" -le 5 ] && [ -r "$1" ] || return 0
  config_files=$config_files$1$NEWLINE
  patterns=$(exec awk -v root="$ROOT" -v folder="${1%/*}" -v kind="$kind" '
    function full(path) {
      gsub(/^"|"$/, "", path)
      return (substr(path, 1, 1) == "/" ? root : folder "/") path
    }
    function each_folder(suffix,   i) {
      for (i = 2; i <= NF; i++) print (i == 2 ? "folder" : "beside"), full($i) "/*." suffix
    }
    { word = kind == "chrony" ? tolower($1) : $1 }
    kind == "chrony" && word == "include" { print "include", full($2) }
    kind == "chrony" && word == "confdir" { each_folder("conf") }
    kind == "chrony" && word == "sourcedir" { each_folder("sources") }
    kind ~ /^ntp(d|sec)$/ && word == "includefile" { print "include", full($2); print "include", full($2) "/*.conf" }' "$1")
  list_matching "$(($2 + 1))"
}

# list_matching DEPTH: the files of `patterns`. The list of the loop is taken before its first turn, so that a deeper call may
# change it.
list_matching() {
  match_files
  for included in $matched; do
    list_with_includes "$included" "$1"
  done
}

# match_files sets `matched`, from `patterns`, one a line.
match_files() {
  matched='' names=/
  for pattern in $patterns; do
    [ "${pattern%% *}" = beside ] || names=/
    set +f
    for match in ${pattern#* }; do
      case $match in
        # it would be two files of the list
        *"$NEWLINE"*) continue ;;
      esac
      case $pattern in
        beside*)
          case $names in
            *"/${match##*/}/"*) continue ;;
          esac
          ;;
      esac
      [ -f "$match" ] || continue
      names=$names${match##*/}/
      matched=$matched$match$NEWLINE
    done
    set -f
  done
}

# find_sources sets `sources`: what the configuration follows, in its order, each once: `name ntp.az-b.pod server` (the
# directive last) or `literal 169.254.169.123`. Lower case, no dot at the end. Reference clocks (127.127.x.y) are not hosts.
find_sources() {
  sources=''
  # whatever the file of another daemon says, it is not podtime's to touch
  case $kind in
    ntpd | ntpsec | chrony | ntpd-rs) ;;
    *) return 0 ;;
  esac
  IFS=$NEWLINE
  list_config_files
  # shellcheck disable=SC2086 # one a line
  set -- $config_files
  unset IFS
  [ $# -gt 0 ] || return 0
  sources=$(exec awk -v kind="$kind" "$LIST_SOURCES" "$@") ||
    # awk ends at a file that it cannot read, though those after it count
    sources=$(
      for each in "$@"; do
        cat "$each"
        echo
      done | awk -v kind="$kind" "$LIST_SOURCES"
    )
}

# shellcheck disable=SC2016 # awk
LIST_SOURCES='
  # ntpd-rs: `[[source]]`, then `mode = "server"` and `address = "ntp.az-b.pod:123"`, in any order; or `{ mode = …, address = … }`
  # One without an address, a receiver by `sock` or `pps`, tells the one before again, which changes nothing.
  function tell_toml(   host) {
    host = toml["address"]
    if (host != "" && sub(/^\[/, "", host)) sub(/\].*/, "", host)
    else if (host !~ /:.*:/) sub(/:[0-9]+$/, "", host)
    if (host != "") tell(toml["mode"] ~ /pool$/ ? "pool" : "server", host)
  }
  function read_toml(   text, key, value) {
    text = $0
    sub(/^[ \t]+/, "", text)
    if (text ~ /^\[/) { tell_toml(); is_source = text ~ /^\[\[ *source *\]\]/; return }
    if (text ~ /^source *=/) is_source = 1
    while (is_source && match(text, /(mode|address) *= *("[^"]*"|\047[^\047]*\047)|[#}]/)) {
      key = substr(text, RSTART, RLENGTH)
      text = substr(text, RSTART + RLENGTH)
      if (key == "#") return
      if (key == "}") { tell_toml(); continue }
      value = key
      sub(/^[^"\047]*["\047]/, "", value)
      toml[substr(key, 1, 1) == "m" ? "mode" : "address"] = substr(value, 1, length(value) - 1)
    }
  }
  kind == "ntpd-rs" { read_toml(); next }
  { word = kind == "chrony" ? tolower($1) : $1 }
  word != "server" && word != "pool" && word != "peer" { next }
  {
    tell(word, $2 == "-4" || $2 == "-6" || $2 == "ipv4" || $2 == "ipv6" ? $3 : $2)
  }
  function tell(word, host) {
    host = tolower(host)
    gsub(/"/, "", host)
    sub(/%.*/, "", host)
    sub(/\.$/, "", host)
    if (host ~ /^127\.127\./ || (word, host) in listed) return
    listed[word, host] = 1
    if (host ~ /^[0-9.]+$/ || host ~ /^[0-9a-f.]*:[0-9a-f.:]*$/) print "literal", host
    else if (host ~ /^[0-9a-z_]([0-9a-z._-]*[0-9a-z_])?$/ && length(host) < 254) print "name", host, word
  }
  END { if (kind == "ntpd-rs") tell_toml() }'

# find_revision sets `revision`, which stands in the head of podtime's files, a line of its own; `-` when the file is not
# podtime's.
find_revision() {
  revision=''
  if [ "$file" != - ]; then
    revision=$(exec sed -n -e '/^# revision \([0-9a-f]\{8,64\}\)$/{s//\1/p;q;}' -e 10q "$file" 2>/dev/null)
  fi
  revision=${revision:--}
}

is_managed() {
  find_revision
  [ "$revision" = - ] || return 0
  find_sources
  case $NEWLINE$sources in
    *"${NEWLINE}name ntp.az-"[a-z].*) ;;
    *) return 1 ;;
  esac
}
