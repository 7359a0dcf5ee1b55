import { parseChronySources, parseChronyTracking } from '../../../../src/ntp/chrony.ts';
import { parseNtpqPeers } from '../../../../src/ntp/ntpq-peers.ts';
import { parseNtpqVariables } from '../../../../src/ntp/ntpq-variables.ts';
import type { Fault, Parsed, Source, SystemState } from '../../../../src/ntp/source.ts';
import type { RealPod } from './real-pod.ts';

/** One look at one source of a daemon. */
export interface Moment {
  /** When it was asked for and when it was answered, since the watch began. */
  askedAtSeconds: number;
  answeredAtSeconds: number;
  reach: number;
  /** `st=2 t=u refid=address tally=selectable` */
  state: string;
  /** `leap=none stratum=3` */
  system: string;
  faults: Fault[];
}

export interface Watch {
  daemon: Watched;
  moments: Moment[];
  last(): Moment | undefined;
  stop(): Promise<void>;
}

export type Watched = 'ntpsec' | 'chrony';

/** How a daemon is looked at, and how what it prints is read: its sources first, so that its state is never the older. */
export const QUESTIONS: Record<
  Watched,
  {
    program: string;
    sources: string[];
    system: string[];
    readSources(printed: string): Parsed<Source[]>;
    readSystem(printed: string): Parsed<SystemState>;
  }
> = {
  ntpsec: {
    program: 'ntpq',
    sources: ['-pnw'],
    system: ['-c', 'rv 0 leap,stratum'],
    readSources: parseNtpqPeers,
    readSystem: parseNtpqVariables,
  },
  chrony: {
    program: 'chronyc',
    sources: ['-n', '-c', 'sources'],
    system: ['-c', 'tracking'],
    readSources: parseChronySources,
    readSystem: parseChronyTracking,
  },
};

export interface Printed {
  sources: string;
  system: string;
}

/** What a daemon shows of a source and of itself, or null while it shows no such row. */
export function momentOf(
  daemon: Watched,
  printed: Printed,
  remote: string,
  at: Pick<Moment, 'askedAtSeconds' | 'answeredAtSeconds'>,
): Moment | null {
  const { readSources, readSystem } = QUESTIONS[daemon];
  const { value: sources, faults } = readSources(printed.sources);
  const source = sources.find((each) => each.remote === remote);
  if (!source) return null;
  const { value: system, faults: others } = readSystem(printed.system);
  return {
    ...at,
    reach: source.reach ?? -1,
    state: stateOf(source),
    system: `leap=${system.leap} stratum=${system.stratum}`,
    faults: [...faults, ...others],
  };
}

/** Which of several like sources is the system peer is chance; whether one can be is not. */
function stateOf({ stratum, type, refid, tally }: Source): string {
  const kind = refid === null ? 'untold' : refid.startsWith('.') ? refid : 'clock';
  const selectable = '*o+-#'.includes(tally ?? ' ') ? 'selectable' : tally === 'x' ? 'falseticker' : 'discarded';
  return `st=${stratum} t=${type} refid=${kind} ${selectable}`;
}

/**
 * The three sights that a story of a source cut and restored waits for: a full register, an empty one, four polls heard again.
 * What its daemon makes of the source is waited for as well. ntpd thinks again only with a sample better than its last ones,
 * which may take it polls; chronyd still trusts what it measured (`minsamples`).
 */
export const SIGHTS: Record<'full' | 'empty' | 'again', (daemon: Watched, moment: Moment) => boolean> = {
  full: (_daemon, { reach, state }) => reach === 0o377 && isSelectable(state),
  empty: (daemon, { reach, state }) => reach === 0 && (daemon === 'chrony' || !isSelectable(state)),
  again: (_daemon, { reach, state }) => (reach & 0o17) === 0o17 && isSelectable(state),
};

function isSelectable(state: string): boolean {
  return state.endsWith(' selectable');
}

/** Of an iburst, the quickest there are. */
const POLL_SECONDS = 2;

/**
 * The reach register whenever it changes, as it is printed. On a busy machine two looks may lie so far apart that steps came
 * and went between them: those that `mayHave` has there, where it is given. Zeros before its first step are left out.
 */
export function changed(moments: readonly Moment[], mayHave: readonly string[] = []): string[] {
  const steps: string[] = [];
  for (const [at, { reach, answeredAtSeconds }] of moments.entries()) {
    const step = reach.toString(8);
    const isBeforeFirst = steps.length === 0 && reach === 0 && mayHave.length > 0 && mayHave[0] !== step;
    if (step === steps.at(-1) || isBeforeFirst || isAwaiting(moments, at)) continue;
    const place = mayHave.indexOf(step, steps.length);
    const apartSeconds = answeredAtSeconds - (moments[at - 1]?.askedAtSeconds ?? 0);
    if ((place - steps.length) * POLL_SECONDS <= apartSeconds)
      steps.push(...mayHave.slice(steps.length, Math.max(place, 0)));
    steps.push(step);
  }
  return steps;
}

/** ntpd shifts its register when it asks and sets the low bit with the answer: who looks in between sees neither. */
function isAwaiting(moments: readonly Moment[], at: number): boolean {
  const [before, reach, after] = [at - 1, at, at + 1].map((place) => moments[place]?.reach);
  if (before === undefined || reach === undefined || before === reach) return false;
  return ((before << 1) & 0xff) === reach && after === (reach | 1);
}

/** Values in their order, each once as long as it stays. */
export function changesOf<T>(values: readonly T[]): T[] {
  return values.filter((value, at) => at === 0 || value !== values[at - 1]);
}

/** chronyd's iburst takes a step every two seconds, ntpq (Python) a good part of one to print; ntpd's first answer comes after three. */
const EVERY_MS: Record<Watched, number> = { ntpsec: 1500, chrony: 400 };
const FIRST_LOOKS = { forMs: 10_000, everyMs: 400 };
const MARK = '--- podtime: system';

/** Looks at one source again and again, until stopped. */
export function watch(pod: RealPod, id: string, remote: string): Watch {
  const moments: Moment[] = [];
  const startedMs = Date.now();
  const secondsPassed = () => (Date.now() - startedMs) / 1000;
  let stopped = false;
  const daemon: Watched = pod.hosts.get(id)?.container.kind === 'chrony' ? 'chrony' : 'ntpsec';
  const { program, sources, system } = QUESTIONS[daemon];
  const command = (args: string[]) => [program, ...args.map((arg) => `'${arg}'`)].join(' ');
  const question = `${command(sources)} && echo '${MARK}' && ${command(system)}`;
  const look = async () => {
    while (!stopped) {
      const askedAtSeconds = secondsPassed();
      const { stdout } = await pod.hosts.run(id, question).catch(() => ({ stdout: '' }));
      const answeredAtSeconds = secondsPassed();
      const [first = '', second = ''] = stdout.split(`${MARK}\n`);
      const printed = { sources: first, system: second };
      const moment = second === '' ? null : momentOf(daemon, printed, remote, { askedAtSeconds, answeredAtSeconds });
      if (moment) moments.push(moment);
      const isFirst = Date.now() - startedMs < FIRST_LOOKS.forMs;
      await new Promise((resolve) => setTimeout(resolve, isFirst ? FIRST_LOOKS.everyMs : EVERY_MS[daemon]));
    }
  };
  const ended = look();
  return {
    daemon,
    moments,
    last: () => moments.at(-1),
    stop: () => {
      stopped = true;
      return ended;
    },
  };
}
