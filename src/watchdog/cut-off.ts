import { ANSWERS_PER_PAGE } from '../fleet/aws-limits.ts';
import { readsPerSecondOf } from '../fleet/ssm-reads.ts';
import { watchdogOf } from '../fleet/watchdog-classes.ts';
import type { Run } from './observe.ts';

/** A look whose time was up before all that hosts had answered was read. */
export interface CutOff {
  /** Hosts whose answers were read. */
  read: number;
  /** Hosts that run and were asked. */
  asked: number;
  /** What the look took. */
  seconds: number;
}

type ReadRun = Pick<Run, 'fleet' | 'pod'>;

/** What `collect` says of it. */
export function collectCutOffSentence(run: ReadRun, cutOff: CutOff): string {
  return `${readSentence(run, cutOff)} Name fewer hosts by instanceIds.`;
}

/** What `cycle` says of it. */
export function cycleCutOffSentence(run: ReadRun, cutOff: CutOff): string {
  const { functionName } = watchdogOf(run.pod);
  const undone = 'So nothing is cycled, published or reported.';
  return `${readSentence(run, cutOff)} ${undone} Function ${functionName} has more time for it.`;
}

function readSentence({ fleet, pod }: ReadRun, { read, asked, seconds }: CutOff): string {
  const shareOfPod = readsPerSecondOf(fleet, pod);
  const measured = seconds === 0 ? 0 : Math.ceil(read / ANSWERS_PER_PAGE) / seconds;
  const perSecond = Number((shareOfPod ?? measured).toPrecision(2));
  const pace = shareOfPod === null ? `it came to ${perSecond}` : `ssm.readsPerSecond leaves the pod ${perSecond}`;
  const hosts = `the answers of ${read} of ${asked} hosts were read in ${Math.round(seconds)} s`;
  return `The time of this run was up before its look was: ${hosts}, ${ANSWERS_PER_PAGE} a read, and ${pace} reads a second.`;
}
