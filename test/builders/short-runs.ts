import { afterEach, beforeEach } from '@jest/globals';
import { hostId } from '@podtime/aws-endpoint/testing';
import { type Due, scheduledTickDue } from '../../src/watchdog/schedule.ts';
import { type ShortRun, shortRun as wholeShortRun } from '../../src/watchdog/short-run.ts';
import { addressOf, givenServers, type HostMore, type Printed, row, startPod, type TestedPod } from './endpoint-pod.ts';

const AZS = ['us-west-2a', 'us-west-2b', 'us-west-2c'];
const SERVERS = [row('*', addressOf(11, 'us-west-2b')), row('+', addressOf(12, 'us-west-2c'))];
const HOUR_MS = 3_600_000;
const HOSTS_ANSWER_MS = 30;
/** One that a test holds up is not waited for any longer. */
const ALL_ANSWER_MS = 2000;

/** A pod whose runs come each minute, in tests that `use` it: started before each, closed after each. */
export function podWithShortRuns(use: (pod: TestedPod) => void) {
  let pod: TestedPod;
  let runs = 0;
  beforeEach(async () => {
    pod = await startPod();
    use(pod);
    runs = 0;
    // the endpoint stamps commands by the machine's clock, which the pod's is ahead of
    const { findWave } = pod.run.ports.commands;
    pod.run.ports.commands.findWave = (of, waveId, sinceMs) => findWave(of, waveId, sinceMs - HOUR_MS);
    await givenServers(pod);
  });
  afterEach(() => pod.close());

  /** A client that polls an address which DNS has left, until it is cycled. */
  function addStale(n: number, more: HostMore = {}): void {
    const printed: Printed = {
      sources: [row('*', addressOf(11, 'us-west-2b')), row(' ', '10.0.2.99', { reach: '0' })],
    };
    const agent = pod.addHost(n, 'client', AZS[n % 3] ?? '', printed, more);
    const { run } = agent;
    agent.run = async (...given) => {
      const before = pod.cycled.length;
      const result = await run(...given);
      if (pod.cycled.length > before && more.verdict === undefined) printed.sources = SERVERS;
      return result;
    };
  }
  const addManyStale = (count: number) => {
    for (let n = 21; n < 21 + count; n += 1) addStale(n);
  };

  /** Hosts answer in real time: a pause of seconds leaves them some. */
  const pause = async (ms: number) => {
    await pod.clock.advance(ms);
    await new Promise((resolve) => setTimeout(resolve, HOSTS_ANSWER_MS));
  };
  const shortRunOf = (overrides: Partial<ShortRun> = {}): ShortRun => {
    runs += 1;
    return { ...pod.run, tickId: `short-${runs}`, pause, ...overrides };
  };
  const due = () =>
    scheduledTickDue({ states: pod.run.ports.states, pod: pod.pod, nowMs: pod.run.nowMs, pause: async () => {} }, 0);
  const shortRun = async (run: ShortRun, turn: Due) => (await wholeShortRun(run, turn)).sentences;
  const nextMinute = async () => {
    const leftMs = 60_000 - (pod.clock.nowMs() % 60_000);
    await pod.clock.advance(leftMs);
    await answered();
  };
  /** A minute is long enough for all that are asked to answer, however busy the machine is. */
  const answered = async () => {
    const isAsked = () =>
      pod.endpoint.commands().some(({ statusDetails }) => ['Pending', 'InProgress'].includes(statusDetails));
    for (const gaveUpMs = Date.now() + ALL_ANSWER_MS; isAsked() && Date.now() < gaveUpMs; )
      await new Promise((resolve) => setTimeout(resolve, 2));
  };

  /** As a scheduled run: a tick where one is due, else a short run; what it said. */
  async function scheduledRun(overrides: Partial<ShortRun> = {}): Promise<string[]> {
    const turn = await due();
    if (!turn.due) return shortRun(shortRunOf(overrides), turn);
    runs += 1;
    const { report } = await pod.tick({ tickId: `tick-${runs}` });
    return ['tick', ...(report?.verdicts.map(({ sentence }) => sentence) ?? [])];
  }

  async function minutes(count: number): Promise<string[]> {
    const sentences: string[] = [];
    for (let minute = 0; minute < count; minute += 1) {
      await nextMinute();
      sentences.push(...(await scheduledRun()));
    }
    return sentences;
  }
  /** Runs until it is so; at most for so many minutes. */
  async function until(isThere: () => boolean, most: number): Promise<void> {
    for (let minute = 0; minute < most && !isThere(); minute += 1) await minutes(1);
  }
  const cycledIds = () => pod.cycled.map(({ instanceId }) => instanceId).sort();

  return { addManyStale, shortRunOf, due, shortRun, nextMinute, scheduledRun, minutes, until, cycledIds };
}

/** The clients that `addManyStale` adds. */
export const staleIds = (count: number) => Array.from({ length: count }, (_, index) => hostId(21 + index)).sort();
