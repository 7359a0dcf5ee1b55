import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { callCounts, callsBeyond, fewestCalls, shownCounts } from '../calls.ts';
import { POD } from '../fleet.ts';
import { type Functions, type Invoked, succeeded } from '../functions.ts';
import { type Bench, hosts, least, type Measure, megabytes, type Row, seconds } from '../measure.ts';
import { replayedCalls } from '../replayed-calls.ts';
import { type RecordedCall, StandIn } from '../stand-in.ts';

const WATCHDOG = 'handlers/watchdog';
/** As the schedule of the pod's turn starts it. */
export const SCHEDULED = { pod: POD.name, scheduled: true };
/** Far beyond the watchdog's: a busy machine is slow, and what is measured is CPU, calls and memory. */
export const TIMEOUT_SECONDS = 900;
/** One that takes minutes is not repeated. */
const ROUNDS_UP_TO_10_000 = 2;

interface TickFigures {
  calls: RecordedCall[];
  ticks: Invoked[];
  replays: Invoked[];
}

const GOALS: Record<number, { cpuMs: number; peakBytes: number }> = {
  10000: { cpuMs: 6000, peakBytes: 220 * 2 ** 20 },
  50000: { cpuMs: 30_000, peakBytes: 450 * 2 ** 20 },
};
const MOST_OVER_SDK = 1.6;

export const tick: Measure = {
  name: 'tick',
  async rows({ functions, sizes }: Bench) {
    const rows: Row[] = [];
    for (const size of sizes) rows.push(...rowsOf(size, await tickFigures(functions, size)));
    return rows;
  },
};

/** A tick and its calls by the SDK alone by turns, each in a cold process, over a pod that had a tick before. */
async function tickFigures(functions: Functions, size: number): Promise<TickFigures> {
  const standIn = new StandIn(size);
  const endpoint = await standIn.start();
  const folder = mkdtempSync(join(tmpdir(), 'podtime-replay-'));
  try {
    await runOnce(functions, endpoint);
    const figures: TickFigures = { calls: [], ticks: [], replays: [] };
    for (let round = 0; round < (size > 10_000 ? 1 : ROUNDS_UP_TO_10_000); round += 1) {
      await untilDue();
      standIn.takeCalls();
      figures.ticks.push(await runOnce(functions, endpoint));
      figures.calls = standIn.takeCalls();
      const file = join(folder, 'calls.json');
      writeFileSync(file, JSON.stringify(replayedCalls(figures.calls)));
      figures.replays.push(await replay(functions, endpoint, file));
    }
    return figures;
  } finally {
    standIn.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The pod's interval has passed since the last tick ended, and so since it began. */
export const untilDue = () => pause(POD.intervalSeconds * 1000);

async function runOnce(functions: Functions, endpoint: string): Promise<Invoked> {
  const lambda = await functions.start(WATCHDOG, { endpoint });
  try {
    return await succeeded(lambda.invoke(SCHEDULED, TIMEOUT_SECONDS), 'the tick');
  } finally {
    await lambda.end();
  }
}

async function replay(functions: Functions, endpoint: string, file: string): Promise<Invoked> {
  const lambda = await functions.start('bench/scale/replay', { endpoint });
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
