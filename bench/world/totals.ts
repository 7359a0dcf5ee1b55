import type { DayResult, FleetDay } from './fleet-day.ts';
import { type Cause, noSeconds } from './ledger.ts';

/** In so many days luck evens out. */
const DAYS_THAT_TELL = 100;

/** Many fleet-days together. */
export class Totals {
  days = 0;
  hosts = 0;
  ticks = 0;
  cycles = 0;
  failed: number[] = [];
  readonly podtime = new WorldTotals();
  readonly twin = new WorldTotals();
  /** Fleet-days on which podtime spared clients time, and on which it made no difference. */
  better = 0;
  equal = 0;

  add({ seed, podtime, twin }: FleetDay, failures: readonly string[]): void {
    this.days += 1;
    this.hosts += podtime.hosts;
    this.ticks += podtime.ticks;
    this.cycles += podtime.cycles;
    if (failures.length > 0) this.failed.push(seed);
    if (podtime.withoutSeconds < twin.withoutSeconds) this.better += 1;
    else if (podtime.withoutSeconds === twin.withoutSeconds) this.equal += 1;
    this.podtime.add(podtime);
    this.twin.add(twin);
  }

  /** Whether clients fared worse over all, with all that is counted apart. A few days may be bad luck. */
  isWorse(): boolean {
    return this.days >= DAYS_THAT_TELL && this.podtime.allSeconds() > this.twin.allSeconds();
  }

  /** As a table of Markdown: podtime beside the twin. */
  table(): string[] {
    const row = (what: string, tell: (world: WorldTotals) => string) =>
      `| ${what} | ${tell(this.podtime)} | ${tell(this.twin)} |`;
    const minutes = (what: string, cause: Cause) => row(what, ({ seconds }) => thousands(seconds[cause] / 60));
    return [
      '| | with podtime | without |',
      '| --- | --- | --- |',
      minutes('client-minutes without a good source', 'withoutSeconds'),
      minutes('beside them, within 60 s after a cycle or a start', 'excusedSeconds'),
      minutes('beside them, while a name that is back is still missing for a client', 'misledSeconds'),
      minutes(
        'beside them, where podtime had put a client on servers that failed before those of its twin',
        'elsewhereSeconds',
      ),
      minutes(
        'beside them, while a server that is well is not in DNS: it has to prove itself, EC2 hides it, Route 53 refuses changes or the mode forbids it',
        'unpublishedSeconds',
      ),
      row('most clients at once without a good source', ({ mostWithout }) => String(mostWithout)),
      row('most clients at once without a confident source', ({ mostWithoutConfident }) =>
        String(mostWithoutConfident),
      ),
      row('most daemons cycled at once', ({ mostCycledAtOnce }) => String(mostCycledAtOnce)),
      row('seconds to heal, median', (world) => world.percentile(0.5)),
      row('seconds to heal, 90 of 100', (world) => world.percentile(0.9)),
      row('seconds to heal, worst', (world) => world.percentile(1)),
      row('clients that did not heal by the end of the day', ({ unhealed }) => thousands(unhealed.length)),
    ];
  }
}

class WorldTotals {
  /** Of all clients without a good source, by cause. */
  readonly seconds = noSeconds();
  mostWithout = 0;
  mostWithoutConfident = 0;
  mostCycledAtOnce = 0;
  readonly unhealed: number[] = [];
  private readonly healed: number[] = [];

  add(day: DayResult): void {
    for (const cause of Object.keys(this.seconds) as Cause[]) this.seconds[cause] += day[cause];
    this.mostWithout = Math.max(this.mostWithout, day.mostWithout);
    this.mostWithoutConfident = Math.max(this.mostWithoutConfident, day.mostWithoutConfident);
    this.mostCycledAtOnce = Math.max(this.mostCycledAtOnce, day.mostCycledAtOnce);
    this.healed.push(...day.healedSeconds);
    this.unhealed.push(...day.unhealedSeconds);
  }

  allSeconds(): number {
    return Object.values(this.seconds).reduce((sum, seconds) => sum + seconds);
  }

  /** Of all clients that were to follow; one that did not stands behind all that did. */
  percentile(share: number): string {
    const inOrder = this.healed.toSorted((a, b) => a - b);
    const index = Math.ceil(share * (inOrder.length + this.unhealed.length)) - 1;
    const seconds = inOrder[Math.max(0, index)];
    if (inOrder.length + this.unhealed.length === 0) return '-';
    return seconds === undefined ? `> ${thousands(Math.max(...this.unhealed))}` : thousands(seconds);
  }
}

export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
