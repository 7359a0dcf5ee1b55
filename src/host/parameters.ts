/**
 * The parameters of podtime's own SSM documents as they go over the wire: their names, what each may hold, and how long
 * SSM's agent lets a script run. Decision 0053. The product may import this page: the scripts are not in it.
 */

/**
 * SSM interpolates `{{ Name }}` into the script as text: what a value may hold is what keeps the shell safe. SSM holds
 * `allowedValues`; the agent, which also takes commands that did not pass there, holds `allowedPattern` alone, by Go's
 * `MatchString`, which searches: so each parameter has a pattern, from `^` to `$`, of RE2's syntax.
 */
export interface DocumentParameter {
  type: 'String';
  description: string;
  default?: string;
  /** A regular expression that must hold for the whole value. None admits a quote, a backslash, a `$` or a newline. */
  allowedPattern: string;
  allowedValues?: readonly string[];
}

/** Parameters of the `cycle` document. `collect` takes none. */
export const CYCLE_PARAMETERS = {
  Records: {
    type: 'String',
    description: 'What DNS says now: az-b=10.0.1.5|fd00::5 az-c=10.0.2.5',
    allowedPattern: '^(az-[a-z]=[0-9a-f.:|]+( az-[a-z]=[0-9a-f.:|]+)*)?$',
  },
  Zone: {
    type: 'String',
    description: 'The private DNS zone of the pod, lower case, no dot at the end: pod',
    allowedPattern: '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$',
  },
  Force: {
    type: 'String',
    description: 'yes = cycle also a host that is not stale or inside its cool-down. It lifts nothing else.',
    default: 'no',
    allowedPattern: '^(no|yes)$',
    allowedValues: ['no', 'yes'],
  },
  CoolDownSeconds: {
    type: 'String',
    description: 'A host cycled, or a daemon started, within so many seconds is left alone.',
    default: '600',
    // no leading zero: the shell would read the number as octal
    allowedPattern: '^(0|[1-9][0-9]{0,5})$',
  },
  Wave: {
    type: 'String',
    description: 'Id of the wave: a host runs one wave once, forced or not.',
    allowedPattern: '^[a-z0-9][a-z0-9-]{0,39}$',
  },
} as const satisfies Record<string, DocumentParameter>;

type CycleParameterName = keyof typeof CYCLE_PARAMETERS;

/** The `Parameters` of a SendCommand for the `cycle` document. `records` as `recordsParameter` of the plan writes it. */
export function cycleParameters(cycle: {
  records: string;
  zone: string;
  force: boolean;
  coolDownSeconds: number;
  waveId: string;
}): Record<CycleParameterName, string[]> {
  return {
    Records: [cycle.records],
    Zone: [cycle.zone],
    Force: [cycle.force ? 'yes' : 'no'],
    CoolDownSeconds: [String(cycle.coolDownSeconds)],
    Wave: [cycle.waveId],
  };
}

/** Reading takes under a second; a query tool that gets no answer gives up after 12. */
export const COLLECT_TIMEOUT_SECONDS = 40;

/**
 * Asking the resolver (6 for each name of an AZ), restarting (90), watching the sources return (60), and asking a daemon that
 * hangs (12 a question). test/host/limits.test.ts holds this to the shell's own limits.
 */
export const CYCLE_TIMEOUT_SECONDS = 300;
