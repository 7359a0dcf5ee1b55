import type { LocalPod } from '../pod.ts';
import type { Shown, Tone } from './screen.ts';

type State = ReturnType<LocalPod['endpoint']['alarms']>[number]['state'];

/** What rings first. */
const ORDER: Record<State, number> = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 };
const TONES: Record<State, Tone> = { ALARM: 'bad', INSUFFICIENT_DATA: 'quiet', OK: 'good' };

export function alarms(pod: LocalPod, [name]: string[]): Shown {
  const prefix = name === undefined ? '' : `podtime-local-${pod.directory.pod(name).name}`;
  const found = pod.endpoint
    .alarms()
    .filter((alarm) => alarm.name === prefix || alarm.name.startsWith(prefix === '' ? '' : `${prefix}-`))
    // of those that ring the one of the pod before its reasons
    .toSorted((a, b) => ORDER[a.state] - ORDER[b.state] || Number(b.composite) - Number(a.composite));
  const rows = found.map(({ state, sinceMs, name, composite, reason }) => [
    { text: state, tone: TONES[state] },
    new Date(sinceMs).toTimeString().slice(0, 8),
    composite ? `${name} (composite)` : name,
    reason,
  ]);
  return { json: found, lines: (screen) => screen.table(['STATE', 'SINCE', 'ALARM', 'WHY'], rows) };
}
