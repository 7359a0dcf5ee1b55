# shellcheck shell=bash
# Debian's archive for one suite, beside the system's own sources and lists. To be sourced.

# open_archive SUITE FOLDER: sets `own`, the options by which apt and its tools know that suite alone, with all they write in FOLDER.
# Fails where it cannot be read; what apt said is in FOLDER/said.
open_archive() {
  local suite=$1 folder=$2
  chmod 755 "$folder"
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/fetched" "$folder/root"
  touch "$folder/status"
  # apt gives up its rights to fetch
  chown -R _apt "$folder/lists" "$folder/cache" "$folder/fetched" 2>/dev/null || true
  cat >"$folder/suite.sources" <<SOURCES
Types: deb
URIs: http://deb.debian.org/debian
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
  own=(-o "Dir::Etc::sourcelist=$folder/suite.sources" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::Lists=$folder/lists"
    -o "Dir::State::status=$folder/status" -o "Dir::Cache=$folder/cache" -o APT::Update::Error-Mode=any -o Acquire::Languages=none)
  apt-get "${own[@]}" -qq update >"$folder/said" 2>&1
}

# candidate PACKAGE: its version in the open suite, with Debian's revision; nothing or `(none)` where it has none.
candidate() {
  apt-cache "${own[@]}" policy "$1" | sed -n 's/^ *Candidate: //p'
}
