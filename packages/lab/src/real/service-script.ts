import type { Installation } from './installations.ts';

/** So long a daemon may take to end before it is killed, and to write its pid file, in tenths of a second. */
const STOP_TENTHS = 100;
const START_TENTHS = 100;
/** ntpsec writes its pid file before it has read its certificates, and may end over them. */
const SETTLING_SECONDS = 0.2;

/** A chrony host that is made to lie runs on this file while it is there. */
export const DRIFTING = '/run/podtime-drifting.conf';

export const SERVICE_LOG = '/var/log/podtime-daemon.log';

/**
 * `service` and `systemctl` of a real host, for its one daemon: start, stop, restart and status by process id. Both names
 * are the same script. `stop` returns when the process is gone, `start` when the daemon has read its file (it writes its
 * pid file then); a start that fails shows the daemon's last words. Exit 4 for a service that is not known, as systemctl's.
 */
export function serviceScript(installation: Installation): string {
  const { services, commandLine, pidPath, configPath } = installation;
  return `#!/bin/sh
set -u
pid_file=/run/podtime-unit.pid
log=${SERVICE_LOG}
quiet=no

alive() {
  pid=$(cat "$pid_file" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
}

last_words() {
  awk '/^--- started/ { n = 0; next } { line[++n] = $0 }
    END { for (i = n > 5 ? n - 4 : 1; i <= n; i++) printf "%s%s", line[i], i < n ? " / " : "" }' "$log"
}

stop() {
  if alive; then kill "$pid" 2>/dev/null; fi
  tenths=0
  while alive; do
    tenths=$((tenths + 1))
    if [ "$tenths" -gt ${STOP_TENTHS} ]; then kill -9 "$pid" 2>/dev/null; fi
    sleep 0.1
  done
  rm -f "$pid_file" ${pidPath}
}

give_up() {
  echo "$name does not start. It said: $(last_words)" >&2
  stop
}

start() {
  if alive; then return 0; fi
  if ! [ -f ${configPath} ]; then
    echo "$name: there is no ${configPath}" >&2
    return 1
  fi
  rm -f ${pidPath}
  command='${commandLine}'
  if [ -f ${DRIFTING} ]; then command='${commandLine.replace(configPath, DRIFTING)}'; fi
  echo "--- started at $(date +%s)" >>"$log"
  # the intermediate shell ends at once, so that process 1 takes the daemon over and buries it when it dies
  setsid sh -c 'echo $$ >"$0"; exec $1' "$pid_file" "$command" </dev/null >>"$log" 2>&1 &
  tenths=0
  until [ -s ${pidPath} ]; do
    tenths=$((tenths + 1))
    if [ "$tenths" -gt 5 ] && ! alive || [ "$tenths" -gt ${START_TENTHS} ]; then
      give_up
      return 1
    fi
    sleep 0.1
  done
  sleep ${SETTLING_SECONDS}
  if alive; then return 0; fi
  give_up
  return 1
}

case \${0##*/} in
  service) name=\${1:-} action=\${2:-} ;;
  *)
    action=\${1:-}
    [ $# -eq 0 ] || shift
    while [ $# -gt 0 ]; do
      case $1 in
        -p | --property) shift ;;
        -*) ;;
        *) name=$1 ;;
      esac
      shift
    done
    ;;
esac
name=\${name:-}
name=\${name%.service}
case $name in
  ${services.join(' | ')}) ;;
  *)
    echo "$name: no such service" >&2
    exit 4
    ;;
esac
case $action in
  start) start ;;
  stop) stop ;;
  restart | force-reload) stop && start ;;
  try-restart | condrestart) if alive; then stop && start; fi ;;
  status | is-active)
    if alive; then echo active; else
      echo inactive
      exit 3
    fi
    ;;
  show) if alive; then echo "MainPID=$pid"; else echo MainPID=0; fi ;;
  *)
    echo "$name: what is $action?" >&2
    exit 2
    ;;
esac
`;
}
