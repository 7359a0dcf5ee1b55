import { IDS_PER_COMMAND } from '../../fleet/aws-limits.ts';
import type { Pod } from '../../fleet/fleet.ts';
import { duration } from '../../fleet/sentences.ts';
import { TURNS } from './commands.ts';
import { SILENCE_SECONDS } from './progress.ts';
import { failureLimit, mostAtOnce, type WaveLimits, waveSize } from './waves.ts';

/** What a host takes until it is known better: a restart, `sleep 10`, and the first polls of eight packets in 2 s each. */
export const SECONDS_PER_HOST = 25;

/** From the end of a wave to the first host of the next: a look every few seconds, SSM's answers, twenty commands. */
const BETWEEN_WAVES_SECONDS = 12;

/** How the client tier's roll-out goes on from here, reckoned from policy and sizes. */
export interface RollOutTime {
  /** Hosts that wait to be cycled. */
  hosts: number;
  /** Of them in the next wave, and of those at one time. */
  wave: number;
  atOnce: number;
  isFirst: boolean;
  /** That wave among them. */
  waves: number;
  secondsPerHost: number;
  /** Until all are through, when every host answers in that time. */
  seconds: number;
  /** The same where in each wave a host or two of a command say nothing: the place of such a host stays taken, and its wave waits for it. */
  silentSeconds: number;
}

/**
 * How long it takes until all of so many hosts are through.
 *
 * A wave of `size` hosts, `atOnce` at one time, has turns = ceil(size / atOnce) of `secondsPerHost`. Where hosts say nothing their places
 * are not taken again, which costs the wave a turn; it ends `SILENCE_SECONDS` after its last start.
 *
 * @param first so many are in the next wave: hosts of a first wave are as many as AZs have such.
 */
export function rollOutTime(
  pod: Pod,
  limits: WaveLimits,
  hosts: number,
  first: number,
  secondsPerHost = SECONDS_PER_HOST,
): RollOutTime {
  const atOnce = (size: number) => Math.min(size, mostAtOnce(pod, limits));
  const time = { waves: 0, seconds: 0, silentSeconds: 0 };
  let rest = hosts;
  for (let size = first; size > 0; size = waveSize(pod, { ...limits, isFirst: false }, rest, 0)) {
    const turns = Math.ceil(size / atOnce(size));
    const lastStart = (size > IDS_PER_COMMAND ? turns : turns - 1) * secondsPerHost;
    const between = time.waves === 0 ? 0 : BETWEEN_WAVES_SECONDS;
    time.waves += 1;
    time.seconds += between + turns * secondsPerHost;
    time.silentSeconds += between + lastStart + Math.max(secondsPerHost, SILENCE_SECONDS);
    rest -= size;
  }
  return { hosts, wave: first, atOnce: atOnce(first), isFirst: limits.isFirst, secondsPerHost, ...time };
}

/** `1,000 of 10,000 stale clients are to be cycled now, 200 at one time; at 25 s a host all are through in about 23 min, …` */
export function waveSentence(time: RollOutTime): string {
  const { waves, secondsPerHost, seconds, silentSeconds } = time;
  return (
    `${cycledNow(time, time.hosts, 'stale clients')}; at ${Math.round(secondsPerHost)} s a host all are through in about ` +
    `${duration(seconds)}, ${grouped(waves)} waves, or in ${duration(silentSeconds)} where hosts say nothing.`
  );
}

/** What was asked for by hand, with force, no tick goes on with: but for what is stale it has no reason to. */
export const ASK_AGAIN = 'Ask again when this wave is through; by itself podtime cycles stale hosts alone.';

/** `3 of 12 clients asked for are to be cycled now, 3 at one time; … 9 are left. Ask again …`; `time`: of this wave alone. */
export function forcedWaveSentence(time: RollOutTime, left: number): string {
  const { wave, secondsPerHost, seconds, silentSeconds } = time;
  return (
    `${cycledNow(time, wave + left, 'clients asked for')}; at ${Math.round(secondsPerHost)} s a host they are through in about ` +
    `${duration(seconds)}, or in ${duration(silentSeconds)} where hosts say nothing. ${grouped(left)} ${left === 1 ? 'is' : 'are'} left. ${ASK_AGAIN}`
  );
}

function cycledNow({ wave, atOnce, isFirst }: RollOutTime, all: number, clients: string): string {
  const first = isFirst ? ' (the first wave takes one of each AZ)' : '';
  return `${grouped(wave)} of ${grouped(all)} ${clients} ${wave === 1 ? 'is' : 'are'} to be cycled now${first}, ${grouped(atOnce)} at one time`;
}

/** For packaging: what fleet.yml's policy means for a pod as large as it is built for, all of whose clients are stale. */
export function podRollOutSentence(pod: Pod): string {
  const running = pod.hosts - pod.boundaryServers;
  if (running <= 0) return `${pod.name}: built for its boundary servers alone, which are cycled one by one.`;
  const limits = { running, mayFail: failureLimit(pod, running) };
  const first = waveSize(pod, { ...limits, isFirst: true }, running, pod.azs.length);
  const next = waveSize(pod, { ...limits, isFirst: false }, running - first, 0);
  const { waves, seconds, silentSeconds } = rollOutTime(pod, { ...limits, isFirst: true }, running, first);
  const size = Math.max(first, next);
  const clients = running === 1 ? '1 stale client is' : `${grouped(running)} stale clients are`;
  const inWaves = waves === 1 ? 'one wave' : `${grouped(waves)} waves of up to ${grouped(size)}`;
  return (
    `${pod.name}: ${clients} cycled in ${inWaves}, ${grouped(Math.min(size, mostAtOnce(pod, limits)))} at one time; ` +
    `at ${SECONDS_PER_HOST} s a host all are through in about ${duration(seconds)}, ` +
    `or in ${duration(silentSeconds)} where hosts say nothing.${cutShare(pod)}`
  );
}

/** Said where the policy asks for larger waves than it lets restart: by rounding alone every small pod's are cut. */
function cutShare({ cycling: { waveShare, maxConcurrencyShare } }: Pod): string {
  // 5 × 0.07 is 0.35000000000000003
  const most = Number((TURNS * maxConcurrencyShare).toPrecision(12));
  if (waveShare <= most) return '';
  return ` Its waveShare ${waveShare} is cut: a wave has ${TURNS} turns at most, each of maxConcurrencyShare ${maxConcurrencyShare}.`;
}

function grouped(number: number): string {
  return number.toLocaleString('en-US');
}
