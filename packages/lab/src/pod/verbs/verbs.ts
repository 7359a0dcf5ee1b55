import type { Asked } from '../client/ask.mjs';
import { mustFit, verbNamed } from '../client/help.mjs';
import type { LocalPod } from '../pod.ts';
import { alarms } from './alarms.ts';
import { cut, drift, hold, mend, mute, play, replace, stop, unhold } from './break.ts';
import { history } from './history.ts';
import { hosts } from './hosts.ts';
import { metrics, records } from './lists.ts';
import { mode, tick } from './orders.ts';
import { Screen, type Shown } from './screen.ts';
import { status } from './status.ts';

/** What a verb does, with its words. Throws PodError for what cannot be. `text`: of the file that the words name. */
type Run = (pod: LocalPod, words: string[], text: string | null) => string[] | Shown | Promise<string[] | Shown>;

const RUNS: Record<string, Run> = {
  status,
  hosts,
  history,
  records,
  metrics,
  alarms,
  replace,
  drift,
  cut,
  stop,
  mute,
  hold,
  unhold,
  play,
  mend,
  mode,
  tick,
};

/** Runs one verb; answers lines to be shown. Throws PodError or UsageError with a sentence for what is not known. */
export async function runVerb(pod: LocalPod, { args, json, text, terminal }: Asked): Promise<string[]> {
  const [name = '', ...words] = args;
  verbNamed(name);
  mustFit(name, words, json ? ['--json'] : []);
  const shown = (await RUNS[name]?.(pod, words, text)) ?? [];
  if (Array.isArray(shown)) return shown;
  return json ? [JSON.stringify(shown.json, null, 2)] : shown.lines(new Screen(terminal));
}
