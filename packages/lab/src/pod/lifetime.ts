/** What ends a pod: a signal, its parent's end, or the end of whoever read its lines. */
export type End = NodeJS.Signals | 'parent gone' | 'output closed';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes on what the terminal has sent to all of its group: one Ctrl-C comes twice. */
const SAME_MS = 1000;
const LOOK_EVERY_MS = 500;

/**
 * Settles with what ends this process: it is for whoever started it, so it does not outlive that one, however it died. npm's own end by
 * SIGKILL tells nobody; the kernel then gives its child another parent, which is looked for.
 * Decision 0124.
 *
 * @param again hears a signal that comes later than the first: who asks twice does not want to wait
 */
export function untilEnd(again: () => void): Promise<End> {
  return new Promise((resolve) => {
    const parent = process.ppid;
    let endedMs: number | null = null;
    const end = (by: End) => {
      if (endedMs === null) endedMs = performance.now();
      else if (by !== 'parent gone' && performance.now() - endedMs > SAME_MS) again();
      resolve(by);
    };
    for (const signal of SIGNALS) process.on(signal, () => end(signal));
    // a line that nobody reads would else end the process before it has ended its own
    process.stdout.on('error', () => end('output closed'));
    process.stderr.on('error', () => {});
    setInterval(() => {
      if (process.ppid !== parent) end('parent gone');
    }, LOOK_EVERY_MS).unref();
  });
}

/** What is told of it. */
export const ENDED_BY: Partial<Record<End, string>> = {
  SIGINT: 'Ctrl-C',
  SIGTERM: 'SIGTERM',
  SIGHUP: 'The terminal was closed',
  'parent gone': 'Who started this pod is gone',
  'output closed': 'Nobody reads these lines any more',
};
