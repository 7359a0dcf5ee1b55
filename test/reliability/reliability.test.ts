import { beforeAll, describe, expect, it } from '@jest/globals';
import { pageText } from '../docs/snippets.ts';
import { proxyEvent } from '../handlers/gateway.ts';
import { type Baseline, baselineOf, type Observed, observe, runCell } from './cell.ts';
import { FAULTS } from './faults.ts';
import { killName, killsOf, runKill } from './kills.ts';
import { cellName, matrixOf } from './matrix.ts';
import { callRows } from './page.ts';
import { type Programs, programs } from './programs.ts';
import { runRace } from './races.ts';
import { compile } from './realm.ts';
import { RACE, SCENARIOS, type Scenario } from './scenarios.ts';
import { seededRandom, seedOfRun } from './seeded.ts';

// A sample, another in each run; `npm run bench:reliability` runs all and writes docs/reliability.md. SEED=… repeats a sample.

const SEED = seedOfRun();
const SITUATIONS = 3;
const CELLS_OF_SITUATION = 8;
const KILLS_OF_SITUATION = 2;
const ROUNDS = 2;

const random = seededRandom(SEED);
const draw = <T>(all: readonly T[], count: number): T[] =>
  all
    .map((one) => ({ one, rank: random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ one }) => one);

let made: Programs;
let observed: Observed[];
const baselines = new Map<Scenario, Baseline>();

beforeAll(async () => {
  made = await programs();
  observed = [];
  for (const scenario of SCENARIOS) observed.push(await observe(scenario, made));
});

async function baselineFor(scenario: Scenario): Promise<Baseline> {
  const known = baselines.get(scenario) ?? (await baselineOf(scenario, made));
  baselines.set(scenario, known);
  return known;
}

describe(`with SEED=${SEED}`, () => {
  const situations = draw(SCENARIOS, SITUATIONS);
  const drawnOf = <T extends { scenario: Scenario }>(all: readonly T[], count: number) =>
    situations.flatMap((situation) =>
      draw(
        all.filter(({ scenario }) => scenario === situation),
        count,
      ),
    );

  it('every cell of the sample holds', async () => {
    const violations: string[] = [];
    for (const cell of drawnOf(matrixOf(observed).cells, CELLS_OF_SITUATION)) {
      const result = await runCell(cell, await baselineFor(cell.scenario), made);
      violations.push(...result.violations.map((violation) => `${cellName(cell)}: ${violation}`));
    }
    expect(violations).toEqual([]);
  });

  it('a pod whose run was killed comes to the state of one whose run was not', async () => {
    const violations: string[] = [];
    for (const kill of drawnOf(killsOf(observed), KILLS_OF_SITUATION)) {
      const result = await runKill(kill, await baselineFor(kill.scenario), made);
      violations.push(...result.violations.map((violation) => `${killName(kill)}: ${violation}`));
    }
    expect(violations).toEqual([]);
  });

  it('two ticks, a cycle by hand and a register at once break no rule', async () => {
    const baseline = await baselineFor(RACE);
    for (let round = 0; round < ROUNDS; round += 1) {
      expect([round, (await runRace(baseline, SEED + round, made)).violations]).toEqual([round, []]);
    }
  });
});

describe('docs/reliability.md', () => {
  it('lists every call that a function makes, and no other', () => {
    const page = pageText('reliability.md').split('\n## The calls\n')[1]?.split('\n## ')[0] ?? '';
    const listed = [...page.matchAll(/^\| (\w+ \| \w+:\w+ \| \d+) \|/gm)].map(([, row]) => row);
    const runs = observed.map(({ scenario: { functionName }, profiles }) => ({ functionName, calls: profiles }));
    expect(listed.toSorted()).toEqual(callRows(runs).toSorted());
  });

  it('lists every fault', () => {
    const page = pageText('reliability.md').split('\n## The faults\n')[1]?.split('\n## ')[0] ?? '';
    const listed = [...page.matchAll(/^\| ([^|]+) \|/gm)].map(([, name = '']) => name.trim()).slice(2);
    expect(listed).toEqual(FAULTS.map(({ name }) => name));
  });
});

describe('the rules of a cell', () => {
  const scenario = SCENARIOS.find(({ name }) => name === 'status') as Scenario;
  const fault = FAULTS.find(({ name }) => name === 'access denied') as (typeof FAULTS)[number];
  const at = { operation: 's3:GetObject', nth: 1 };

  /** What is found when the function is this program. */
  async function violationsOf(code: string): Promise<string[]> {
    const functions = { ...made.functions, status: compile('broken.cjs', code) };
    return (await runCell({ at, fault, field: null }, await baselineFor(scenario), { ...made, functions })).violations;
  }

  it('are broken by a function that never ends', async () => {
    expect(await violationsOf('exports.handler = () => new Promise(() => {});')).toContain('Lambda ended it');
  });

  it('are broken by one that ends in the last moment', async () => {
    const late = 'exports.handler = () => new Promise((r) => setTimeout(r, 24900, { statusCode: 200, body: "{}" }));';
    expect(await violationsOf(late)).toContain('ended 100 ms before Lambda would have ended it');
  });

  it("are broken by one that says nothing, and by one that tells AWS's text", async () => {
    const silent = 'exports.handler = async () => ({ statusCode: 200, body: "{}" });';
    expect(await violationsOf(silent)).toEqual(['no sentence says that s3:GetObject failed']);
    const leaking = 'exports.handler = async () => { throw new Error("the report: arn:aws:sts::1:assumed-role/x") };';
    expect(await violationsOf(leaking)).toContainEqual(expect.stringMatching(/^tells AWS's text/));
  });
});

describe('the config function', () => {
  it('reads the state and nothing else, and boot.sh without that', async () => {
    const calls = async (file: string) => {
      const event = proxyEvent('GET', { pod: 'blue', tier: 'client', az: 'us-west-2a', file });
      const prepare = async () => {};
      const { profiles } = await observe(
        { ...(SCENARIOS[0] as Scenario), functionName: 'config', event, prepare },
        made,
      );
      return profiles.map(({ operation }) => operation);
    };
    expect(await calls('ntp.conf')).toEqual(['s3:GetObject']);
    expect(await calls('boot.sh')).toEqual([]);
  });
});
