import { NOT_AS_IT_CAME, printable } from '../fleet/printable.ts';
import { sentence } from '../fleet/sentences.ts';
import { untilCut } from './truncation.ts';

/** How a run of the `cycle` document ended on one host. */
export interface CycleOutcome {
  /**
   * `cycled`: its daemon resolved its names again. `nothing`: the host decided against it. `failed`: it tried, and says why it
   * could not. `not-begun`: SSM ended the command before the host's turn. `no-verdict`: SSM says that it ended, the host says
   * nothing that can be read.
   */
  kind: 'cycled' | 'nothing' | 'failed' | 'not-begun' | 'no-verdict';
  /** The verdict's first word (`not-yet`), or SSM's status where there is no verdict. */
  reason: string;
  /** A clause for people, without a full stop: `its resolver does not see ntp.az-b.pod yet`. */
  why: string;
}

/** What each verdict of cycle.sh means, by its kind and first word; `detail` is the rest of its line. */
const MEANINGS: Record<'cycled' | 'nothing' | 'failed', Record<string, (detail: string) => string>> = {
  cycled: {},
  nothing: {
    'already-right': () => 'it polls what DNS says',
    'cool-down': (seconds) => `${seconds || 'some'} s of its cool-down are left`,
    'not-yet': (name) => `its resolver does not see ${name || 'a name'} yet`,
    'no-daemon': () => 'no time daemon runs there',
    'never-cycled': (daemon) => `podtime does not cycle ${daemon || 'its daemon'}`,
    unmanaged: () => 'its configuration names no server of the pod',
    unreadable: () => 'its daemon does not say what it polls',
    'leap-second': () => 'a leap second is announced',
    busy: () => 'another run is cycling it',
    'same-wave': () => 'it has run this wave already',
  },
  failed: {
    parameters: () => 'it was sent parameters that it does not accept',
    state: (detail) => `it ${detail || 'cannot write what it must remember'}`,
    'not-cycled': (detail) => `its daemon could not be cycled${because(detail)}`,
    'no-answer': (detail) => `its daemon does not answer any more${because(detail)}`,
    'not-healed': (detail) => `its daemon was cycled, but did not hear and follow what DNS names${because(detail)}`,
  },
};

const because = (detail: string) => (detail === '' ? '' : `: ${detail}`);

/** SSM's statuses of an invocation that never began. */
const NOT_BEGUN: Record<string, string> = {
  Terminated: 'too many others failed',
  Cancelled: 'the command was cancelled',
};

/** SSM's statuses after which an invocation has not ended (AWS Systems Manager user guide, "Understanding command statuses"). */
const UNDER_WAY = ['Pending', 'InProgress', 'Delayed', 'Cancelling'];

/** Whether an invocation of this StatusDetails, without spaces, goes on. */
export function isUnderWay(statusDetails: string): boolean {
  return UNDER_WAY.includes(statusDetails);
}

/** cycle.sh cuts its verdict there. */
const VERDICT_CHARACTERS = 300;

/**
 * Reads how a run of the `cycle` document ended. null: it has not ended yet. The verdict is the first line, so that neither a cut
 * nor captured text behind it changes what it says; it counts only when SSM's status agrees with it. Decision 0053.
 *
 * @param statusDetails SSM's StatusDetails, without spaces.
 * @param output what the host printed, as SSM lists it.
 */
export function parseCycleOutcome(statusDetails: string, output: string | null): CycleOutcome | null {
  if (isUnderWay(statusDetails)) return null;
  const { text, isCut } = untilCut(output ?? '');
  const verdict = verdictOf(text);
  if (verdict !== null && statusDetails === (verdict.kind === 'failed' ? 'Failed' : 'Success')) return verdict;
  const notBegun = Object.hasOwn(NOT_BEGUN, statusDetails) ? NOT_BEGUN[statusDetails] : undefined;
  if (notBegun !== undefined)
    return { kind: 'not-begun', reason: statusDetails, why: `${notBegun} (${statusDetails})` };
  const missing = isCut ? 'its output was cut' : 'without a verdict';
  return { kind: 'no-verdict', reason: statusDetails, why: `${statusDetails}, ${missing}` };
}

/** The outcome as a sentence: `i-… did nothing when asked to cycle: its resolver does not see ntp.az-b.pod yet.` */
export function outcomeSentence(instanceId: string, { kind, why }: CycleOutcome): string {
  switch (kind) {
    case 'cycled':
      return sentence(`${instanceId} ${why}`);
    case 'nothing':
    case 'not-begun':
      return sentence(`${instanceId} did nothing when asked to cycle: ${why}`);
    case 'failed':
      return sentence(`${instanceId} failed when asked to cycle: ${why}`);
    case 'no-verdict':
      return sentence(`${instanceId} gave no verdict when asked to cycle: ${why}`);
  }
}

/** The same of several hosts, without what is one host's own: `did nothing when asked to cycle: not-yet`. */
export function outcomeOfSeveral({ kind, reason }: CycleOutcome): string {
  switch (kind) {
    case 'cycled':
      return 'were cycled';
    case 'nothing':
    case 'not-begun':
      return `did nothing when asked to cycle: ${reason}`;
    case 'failed':
      return `failed when asked to cycle: ${reason}`;
    case 'no-verdict':
      return `gave no verdict when asked to cycle: ${reason}`;
  }
}

function verdictOf(output: string): CycleOutcome | null {
  // the line feed stands there unless the line itself was cut
  const line = /^verdict (cycled|nothing|failed)(?: (.*))?\r?\n/.exec(output);
  if (line === null) return null;
  const kind = line[1] as keyof typeof MEANINGS;
  const { text, escaped } = printable((line[2] ?? '').trim(), VERDICT_CHARACTERS);
  const [, reason = '', detail = ''] = /^([a-z-]*):? *(.*)$/.exec(text) ?? [];
  const meaning = Object.hasOwn(MEANINGS[kind], reason) ? MEANINGS[kind][reason] : undefined;
  const why = kind === 'cycled' ? `cycled ${text}`.trim() : (meaning?.(detail) ?? (text || 'it gave no reason'));
  return { kind, reason, why: escaped ? `${why}; ${NOT_AS_IT_CAME}` : why };
}
