# shellcheck shell=sh
# drift.sh: a part of boot: keeps what a daemon has learned of this host's clock. Distributions name drift files as they like, and
# a served file is one for all: under a new name the daemon would learn for hours what it knew.
# Decision 0087.

# keep_drift brings the drift file that the file of before names to where the new one looks for it. Nothing is overwritten, and a
# failure is told and does not count: the daemon learns again.
keep_drift() {
  learned=$(drift_file_of "$previous") wanted_drift=$(drift_file_of "$target")
  [ -n "$learned" ] && [ -n "$wanted_drift" ] && [ "$learned" != "$wanted_drift" ] || return 0
  # a folder of another name may be one that the daemon may not write to, or that is not there: it keeps its own, by a link
  case $learned in
    /var/lib/*/*)
      if [ ! -e "$ROOT${wanted_drift%/*}" ] && [ -d "$ROOT${learned%/*}" ]; then
        ln -s "$ROOT${learned%/*}" "$ROOT${wanted_drift%/*}" 2>/dev/null
      fi
      ;;
  esac
  [ -s "$ROOT$learned" ] && [ ! -e "$ROOT$wanted_drift" ] || return 0
  if cp -p "$ROOT$learned" "$ROOT$wanted_drift" 2>/dev/null; then
    say "$learned is kept as $wanted_drift"
  else
    warn "$learned cannot be kept as $wanted_drift: $service learns anew how far this clock is off"
  fi
}

# Prints the drift file that a configuration names, absolute, or nothing.
drift_file_of() {
  awk '
    tolower($1) == "driftfile" { path = $2; gsub(/"/, "", path) }
    END { if (path ~ /^\/[ -~]*\/[^\/]+$/ && path !~ /\/\.\.?\//) print path }' "$1" 2>/dev/null
}
