import type { CellResult, Observed } from './cell.ts';
import { FAULTS } from './faults.ts';
import type { NotApplicable } from './matrix.ts';

/** One run with a disturbance, for the page. */
export interface Line extends Omit<CellResult, 'struckTimes'> {
  kind: 'cell' | 'kill' | 'race';
  name: string;
  functionName: string;
  /** `ssm:SendCommand 2` */
  call: string;
  fault: string;
}

export interface Figures {
  seed: number;
  observed: readonly Observed[];
  notApplicable: readonly NotApplicable[];
  /** A run that was ended early did not come to all of them. */
  planned: { cells: number; kills: number };
}

/** `watchdog | ssm:SendCommand | 2`: every call of every function, and how often one run makes it at the most. */
export function callRows(
  runs: readonly { functionName: string; calls: readonly { operation: string; nth: number }[] }[],
): string[] {
  const most = new Map<string, number>();
  for (const { functionName, calls } of runs) {
    for (const { operation, nth } of calls) {
      const key = `${functionName} | ${operation}`;
      most.set(key, Math.max(most.get(key) ?? 0, nth));
    }
  }
  return [...most].map(([key, nth]) => `${key} | ${nth}`);
}

const operationOf = (call: string) => call.split(' ')[0];
const seconds = (ms: number) => (ms / 1000).toFixed(1);
const worst = (lines: readonly Line[], of: (line: Line) => number) => Math.max(0, ...lines.map(of));

const ofAll = (lines: readonly Line[], all: number) => (lines.length === all ? '' : ` of ${all}`);

/** docs/reliability.md, whole. */
export function pageOf(lines: readonly Line[], { seed, observed, notApplicable, planned }: Figures): string {
  const cells = lines.filter(({ kind }) => kind === 'cell');
  const kills = lines.filter(({ kind }) => kind === 'kill');
  const races = lines.filter(({ kind }) => kind === 'race');
  const failing = lines.filter(({ violations }) => violations.length > 0);
  const rows = callRows(
    observed.map(({ scenario, profiles }) => ({ functionName: scenario.functionName, calls: profiles })),
  );
  const callTable = rows.map((row) => {
    const [functionName = '', operation = ''] = row.split(' | ');
    const own = (line: Line) => line.functionName === functionName && operationOf(line.call) === operation;
    const [struck, killed] = [cells.filter(own), kills.filter(own)];
    const against = [...struck, ...killed].filter(({ violations }) => violations.length > 0).length;
    const figures = [struck.length, killed.length, seconds(worst(struck, ({ tookMs }) => tookMs))];
    return `| ${[row, ...figures, worst([...struck, ...killed], ({ ticksToHeal }) => ticksToHeal), against].join(' | ')} |`;
  });
  const faultTable = FAULTS.map(({ name, what }) => {
    const own = cells.filter(({ fault }) => fault === name);
    const without = new Set(notApplicable.filter(({ fault }) => fault === name).map(({ why }) => why));
    return `| ${[name, what, own.length, seconds(worst(own, ({ tookMs }) => tookMs)), [...without].join('; ')].join(' | ')} |`;
  });
  return `<!-- Written by npm run bench:reliability. -->
# What was broken on purpose

The functions as they are deployed, each started from its bundle, against the local AWS endpoint, in simulated time
([decision 56](decisions/0056-functions-in-simulated-time.md)). Nothing of this ran on AWS.

- **${cells.length}${ofAll(cells, planned.cells)} cells**: ${observed.length} situations, every call that the function makes in them, every fault that makes sense for the
  call.
- **${kills.length}${ofAll(kills, planned.kills)} kills**: the run dies at a call, before it takes effect or after; undisturbed ticks follow. After
  ${kills.filter(({ ticksToHeal }) => ticksToHeal <= 1).length} of them one tick at the most is enough, after the others ${worst(kills, ({ ticksToHeal }) => ticksToHeal)} at the most.
- **${races.length} rounds** (first seed ${seed}): two ticks, a cycle by hand and a register at once, each call late at random.

After each, these rules: the function ended by itself, before Lambda's timeout; a sentence says what failed, with no text of AWS's but a
code; no record changed twice, no host cycled twice, no more hosts without their daemon at one time than a run alone takes; the report
can be read; the other pod is served by the same container; what the failing call has no part in was repaired in the same run; and
undisturbed ticks, a minute apart, bring the pod to the state of a run without the fault.

**${failing.length === 0 ? 'All hold.' : `${failing.length} ${failing.length === 1 ? 'does' : 'do'} not hold:`}**
${failing.map(({ name, violations }) => `\n- ${name}: ${violations.join('; ')}`).join('')}

## The calls

\`times\`: in one run, at the most. \`ended\`: the longest run with a fault of this call, in seconds. \`ticks\`: the most undisturbed ones until
the pod stood as without; some situations need several anyway, and a wave whose fate is unknown waits for its longest life.

| function | call | times | cells | kills | ended | ticks | against a rule |
| --- | --- | --- | --- | --- | --- | --- | --- |
${callTable.join('\n')}

\`config\` reads the state alone, and without it answers a host that has no file, or the fleet file's; boot.sh it serves without a call.

## The faults

\`for a while\`: the first two attempts; \`for ever\`: this call and all that follow it in the run.

| fault | what AWS does | cells | ended | makes no sense where |
| --- | --- | --- | --- | --- |
${faultTable.join('\n')}

## To repeat it

- \`npm run bench:reliability\`: all of it; writes this page. \`SEED=${seed}\` repeats the rounds.
- \`npm run bench:reliability -- watchdog PutObject hang\`: the cells whose names hold these words.
- \`npx jest test/reliability\`: a sample of cells, kills and rounds, another each time; its seed is in every failing test's name.
`;
}
