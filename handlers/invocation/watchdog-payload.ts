import { exactly, list, type Of, optional, type Schema, TEXT } from '../../src/fleet/json-schema.ts';
import { type Asked, checked, FLAG, must, only, open, POD, strict } from './payload.ts';

const DELAY: Schema<number> = must('a whole number from 0 to 59', { type: 'integer', minimum: 0, maximum: 59 });

/** The schedule's input, and `sls invoke -f watchdog -d …` */
export const WATCHDOG = checked(
  scheduledRetirement,
  strict({
    pod: POD,
    dryRun: FLAG,
    scheduled: optional(must('true, or left out', exactly(true))),
    /** With `scheduled`: how long this pod's tick is put off, so that the pods' do not come at once. */
    delaySeconds: optional(DELAY),
    /** Empties the pod: no tick. By hand alone. */
    retire: FLAG,
  }),
);

export type WatchdogRequest = Of<typeof WATCHDOG>;

/** podtime's own event, as EventBridge delivers it. */
export const DNS_CHANGED = open({
  source: only('podtime'),
  'detail-type': only('DNS changed'),
  detail: open({ pod: POD, names: must('a list of names', list(must('a name', TEXT))) }),
});

/** A schedule must not empty a pod. */
function scheduledRetirement({ scheduled, retire }: Asked): string | null {
  return scheduled === true && retire === true
    ? 'retire must be left out of a schedule, a pod is retired by hand.'
    : null;
}
