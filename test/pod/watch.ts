import { parseNtpqPeers } from '../../src/ntp/ntpq-peers.ts';
import type { Fault, Source } from '../../src/ntp/source.ts';
import type { RealPod } from './realPod.ts';

/** One look at one source of an ntpd. */
export interface Moment {
  /** Since the watch began. */
  atSeconds: number;
  reach: number;
  /** `st=2 t=u refid=address tally=selectable` */
  state: string;
  faults: Fault[];
}

export interface Watch {
  moments: Moment[];
  last(): Moment | undefined;
  stop(): Promise<void>;
}

/** What `ntpq -pnw` shows of a source, or null while it shows no such row. */
export function momentOf(printed: string, remote: string, atSeconds: number): Moment | null {
  const { value, faults } = parseNtpqPeers(printed);
  const source = value.find((each) => each.remote === remote);
  return source ? { atSeconds, reach: source.reach ?? -1, state: stateOf(source), faults } : null;
}

/** Which of several like sources is the system peer is chance; whether one can be is not. */
function stateOf({ stratum, type, refid, tally }: Source): string {
  const kind = refid?.startsWith('.') ? refid : 'clock';
  const selectable = '*o+-#'.includes(tally) ? 'selectable' : tally === 'x' ? 'falseticker' : 'discarded';
  return `st=${stratum} t=${type} refid=${kind} ${selectable}`;
}

/** The reach register whenever it changes, as ntpq prints it. */
export function changed(moments: readonly Moment[]): string[] {
  return moments.map(({ reach }) => reach.toString(8)).filter((reach, at, all) => reach !== all[at - 1]);
}

const EVERY_MS = 1500;

/** Looks at one source again and again, until stopped. */
export function watch(pod: RealPod, id: string, remote: string): Watch {
  const moments: Moment[] = [];
  const startedMs = Date.now();
  let stopped = false;
  const look = async () => {
    while (!stopped) {
      const { stdout } = await pod.world.run(id, 'ntpq -pnw').catch(() => ({ stdout: '' }));
      const moment = momentOf(stdout, remote, (Date.now() - startedMs) / 1000);
      if (moment) moments.push(moment);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  };
  const ended = look();
  return {
    moments,
    last: () => moments.at(-1),
    stop: () => {
      stopped = true;
      return ended;
    },
  };
}
