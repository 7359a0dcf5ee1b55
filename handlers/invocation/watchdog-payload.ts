import { exactly, list, type Of, optional, type Schema, TEXT } from '../../src/fleet/json-schema.ts';
import { type Asked, checked, FLAG, must, only, open, POD, strict } from './payload.ts';

const DELAY: Schema<number> = must('a whole number from 0 to 59', { type: 'integer', minimum: 0, maximum: 59 });

const REVISION: Schema<string> = must('a revision, 16 digits of 0-9 and a-f as the report names it', {
  type: 'string',
  pattern: '^[0-9a-f]{16}$',
});

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
    /** This revision of a file is served to all from now on, tried or not. By hand alone. */
    settle: optional(REVISION),
  }),
);

export type WatchdogRequest = Of<typeof WATCHDOG>;

/** podtime's own event, as EventBridge delivers it. */
export const DNS_CHANGED = open({
  source: only('podtime'),
  'detail-type': only('DNS changed'),
  detail: open({ pod: POD, names: must('a list of names', list(must('a name', TEXT))) }),
});

/** A schedule must not empty a pod, nor decide of its files; and a pod that is emptied has no tick that could. */
function scheduledRetirement({ scheduled, retire, settle }: Asked): string | null {
  if (scheduled === true && retire === true) return 'retire must be left out of a schedule, a pod is retired by hand.';
  if (settle === undefined) return null;
  if (scheduled === true) return 'settle must be left out of a schedule, a file is settled by hand.';
  return retire === true ? 'settle and retire are two runs: one of them must be left out.' : null;
}
