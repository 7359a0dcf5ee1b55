import { writeFileSync } from 'node:fs';
import { watchdogOf } from '../../../src/fleet/watchdog-classes.ts';
import { callCounts, callsBeyond, fewestCalls, shownCounts } from '../calls.ts';
import { POD } from '../fleet.ts';
import { type Functions, type Invoked, type ProcessSettings, succeeded } from '../functions.ts';
import { heapFlags } from '../heap.ts';
import { type Bench, hosts, least, type Measure, megabytes, type Row, seconds } from '../measure.ts';
import { replayedCalls } from '../replayed-calls.ts';
import { type RecordedCall, StandIn } from '../stand-in.ts';

const WATCHDOG = 'handlers/watchdog';
/** As the schedule of the pod's turn starts it. */
export const SCHEDULED = { pod: POD.name, scheduled: true };
/** Far beyond the watchdog's: a busy machine is slow, and what is measured is CPU, calls and memory. */
export const TIMEOUT_SECONDS = 900;
/** The shorter a tick, the more of what it takes is a machine's mood: the least of several is the program's. One that takes minutes is not repeated. */
const roundsOf = (size: number) => (size > 10_000 ? 1 : size > 1000 ? 2 : 6);

interface TickFigures {
  calls: RecordedCall[];
  ticks: Invoked[];
  replays: Invoked[];
}

/** Of the watchdog that runs the ticks of such a pod. */
const memoryMb = (size: number) => watchdogOf({ hosts: size }).memoryMegabytes;

const GOALS: Record<number, { cpuMs: number; peakBytes: number }> = {
  10000: { cpuMs: 6000, peakBytes: 220 * 2 ** 20 },
  50000: { cpuMs: 30_000, peakBytes: 450 * 2 ** 20 },
};
const MOST_OVER_SDK = 1.6;

export const tick: Measure = {
  name: 'tick',
  async *rows({ functions, sizes, isShort }: Bench) {
    for (const size of sizes) yield* rowsOf(size, await tickFigures(functions, size, isShort ? 1 : roundsOf(size)));
  },
};

/** A tick and its calls by the SDK alone by turns, each in a cold process, over a pod that had a tick before. */
async function tickFigures(functions: Functions, size: number, rounds: number): Promise<TickFigures> {
  const standIn = new StandIn(size);
  const endpoint = await standIn.start();
  try {
    const flags = heapFlags(memoryMb(size));
    await runOnce(functions, { endpoint, flags });
    const figures: TickFigures = { calls: [], ticks: [], replays: [] };
    for (let round = 0; round < rounds; round += 1) {
      standIn.makeDue();
      standIn.takeCalls();
      figures.ticks.push(await runOnce(functions, { endpoint, flags }));
      figures.calls = standIn.takeCalls();
      const file = functions.fileNamed('calls.json');
      writeFileSync(file, JSON.stringify(replayedCalls(figures.calls)));
      figures.replays.push(await replay(functions, { endpoint, flags }, file));
    }
    return figures;
  } finally {
    standIn.stop();
  }
}

async function runOnce(functions: Functions, settings: ProcessSettings): Promise<Invoked> {
  const lambda = await functions.start(WATCHDOG, settings);
  try {
    return await succeeded(lambda.invoke(SCHEDULED, TIMEOUT_SECONDS), 'the tick');
  } finally {
    await lambda.end();
  }
}

async function replay(functions: Functions, settings: ProcessSettings, file: string): Promise<Invoked> {
  const lambda = await functions.start('bench/scale/replay', settings);
  try {
    await succeeded(lambda.invoke({ file }, TIMEOUT_SECONDS), 'reading the calls');
    return await succeeded(lambda.invoke({}, TIMEOUT_SECONDS), 'the replay');
  } finally {
    await lambda.end();
  }
}

function rowsOf(size: number, { calls, ticks, replays }: TickFigures): Row[] {
  if (!calls.some(({ operation }) => operation === 'PutMetricData')) throw new Error('the run was no whole tick');
  const counts = callCounts(calls);
  const beyond = callsBeyond(counts, fewestCalls(size));
  const goal = GOALS[size];
  const cpuMs = least(ticks.map((each) => each.cpuMs));
  const ratio = cpuMs / least(replays.map((each) => each.cpuMs));
  const peakBytes = Math.max(...ticks.map((each) => each.peakBytes));
  const ofSize = hosts(size);
  return [
    {
      measure: `calls of a tick, ${ofSize} hosts`,
      goal: 'the fewest, claim, memory, state, report, history',
      now: `${shownCounts(counts)}${beyond.length > 0 ? ` (beyond the fewest: ${beyond.join(', ')})` : ''}`,
      holds: beyond.length === 0,
      countsHold: beyond.length === 0,
    },
    {
      measure: `CPU of a tick, ${ofSize} hosts`,
      goal: goal ? `<= ${seconds(goal.cpuMs)}` : '',
      now: seconds(cpuMs),
      holds: goal ? cpuMs <= goal.cpuMs : null,
    },
    {
      measure: `CPU of a tick over the SDK alone, ${ofSize} hosts`,
      goal: `<= ${MOST_OVER_SDK}`,
      now: ratio.toFixed(2),
      holds: ratio <= MOST_OVER_SDK,
    },
    {
      measure: `peak memory of a tick, ${ofSize} hosts`,
      goal: goal ? `<= ${megabytes(goal.peakBytes)}` : '',
      now: megabytes(peakBytes),
      holds: goal ? peakBytes <= goal.peakBytes : null,
    },
  ];
}
