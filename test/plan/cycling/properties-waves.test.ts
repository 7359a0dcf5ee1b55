import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Host } from '../../../src/fleet/fleet.ts';
import { type Memory, type PlanInput, plan, planOnDemandCycle, rememberSent } from '../../../src/plan/plan.ts';
import { client, judged, memory, NOW } from '../../builders/plan-input.ts';
import { EVERYTHING, TIERS } from '../../builders/plan-properties.ts';
import { runs } from '../../builders/property-runs.ts';
import { type ModelHost, SsmModel } from '../../builders/ssm-model.ts';
import { given, leftBehind, policy } from '../../builders/stale-clients.ts';

/** One run of podtime: a tick, or a cycle by hand. */
interface Step {
  run: 'tick' | 'by hand' | 'forced' | 'dry run';
  /** After the step before began. */
  gapSeconds: number;
  /** Between its plan, which is written down, and its commands: another run may come between. */
  sendSeconds: number;
  /** What becomes of its commands: `lost`: taken, and nobody says so; `never`: the same, and not taken. */
  fate: 'answered' | 'lost' | 'never' | 'refused' | 'died before' | 'died after' | 'taken twice';
  /** What SSM says of the last wave. */
  look: 'truth' | 'late' | 'runs' | 'nothing' | 'found';
}

const usually = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: fc.constantFrom(...others) });

const WILD: fc.Arbitrary<Step> = fc.record({
  run: usually<Step['run']>('tick', 'by hand', 'forced', 'dry run'),
  gapSeconds: fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 4000 })),
  sendSeconds: usually(0, 20, 170, 299),
  fate: usually<Step['fate']>('answered', 'lost', 'never', 'refused', 'died before', 'died after', 'taken twice'),
  look: usually<Step['look']>('truth', 'late', 'runs', 'nothing', 'found'),
});

const CALM: fc.Arbitrary<Step> = fc
  .integer({ min: 60, max: 400 })
  .map((gapSeconds) => ({ run: 'tick', gapSeconds, sendSeconds: 2, fate: 'answered', look: 'truth' }));

const HOST: fc.Arbitrary<ModelHost & { lies: boolean }> = fc.record({
  does: usually<ModelHost['does']>('cycle', 'fail', 'nothing', 'not-yet'),
  // its agent is waited for 30 s, its script runs 300 s at most
  seconds: usually(12, 1, 60, 330),
  lies: fc.boolean(),
});

const STORY = fc.record({
  hosts: fc.array(HOST, { minLength: 1, maxLength: 24 }),
  waveShare: fc.constantFrom(0.1, 0.34, 1),
  maxErrorShare: fc.constantFrom(0.02, 0.2),
  steps: fc.array(
    usually(CALM, WILD, WILD).chain((step) => step),
    { minLength: 1, maxLength: 40 },
  ),
});
type Story = typeof STORY extends fc.Arbitrary<infer T> ? T : never;

/** What the story came to. */
interface StoryOutcome {
  ssm: SsmModel;
  /** At each plan that starts a wave: hosts, other than failed ones, on which an earlier one is at work, or may yet be sent to. */
  overlaps: string[][];
  /** Waves of which podtime was not told that SSM took them, by host. */
  unsure: Map<string, number>;
  memories: Memory[];
}

function play(story: Story): StoryOutcome {
  const hosts = story.hosts.map((_, index) => client((256 + index).toString(16), 'abc'[index % 3] ?? 'a'));
  const ssm = new SsmModel(new Map(hosts.map((host, index) => [host.instanceId, story.hosts[index] as ModelHost])));
  const outcome: StoryOutcome = { ssm, overlaps: [], unsure: new Map(), memories: [] };
  let written = memory();
  let nowMs = NOW;
  let unsent: { atMs: number; ids: string[]; send: () => void }[] = [];
  const sendUntil = (untilMs: number) => {
    const due = unsent.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
    unsent = unsent.filter(({ atMs }) => atMs > untilMs);
    for (const { send } of due) send();
  };
  for (const [index, step] of story.steps.entries()) {
    nowMs += step.gapSeconds * 1000;
    sendUntil(nowMs);
    const read = step.look === 'found' ? withIdsFound(written, ssm) : written;
    const input = inputOf(story, hosts, ssm, read, step, nowMs, `tick-${index}`);
    const made =
      step.run === 'tick' || step.run === 'dry run'
        ? plan(input)
        : planOnDemandCycle(input, { ...EVERYTHING, tier: 'client', force: step.run === 'forced' });
    if (step.run === 'dry run') continue;
    const ids = made.cycles.flatMap(({ instanceIds }) => instanceIds);
    if (ids.length > 0) {
      const failed = made.memory.rollOuts.client?.failed ?? [];
      // who said nothing for long enough failed, and is left out
      const atWork = ssm.atWork(nowMs).filter((id) => !failed.includes(id) || ids.includes(id));
      outcome.overlaps.push([...atWork, ...unsent.flatMap((other) => other.ids)]);
    }
    const claim = made.memory;
    written = claim;
    outcome.memories.push(claim);
    const atMs = nowMs + step.sendSeconds * 1000;
    const send = () => {
      const isTaken = ['answered', 'lost', 'died after', 'taken twice'].includes(step.fate);
      const commands = made.cycles.map((command, number) => ({ ...command, commandId: `c-${index}-${number}` }));
      for (const command of isTaken ? commands : []) {
        ssm.send(command, atMs);
        if (step.fate === 'taken twice') ssm.send({ ...command, commandId: `${command.commandId}-again` }, atMs);
      }
      const isOvertaken = written !== claim;
      const isUnsure = isOvertaken || !['answered', 'refused'].includes(step.fate);
      for (const id of isUnsure ? ids : []) outcome.unsure.set(id, (outcome.unsure.get(id) ?? 0) + 1);
      // another run has written since, or this one is dead
      if (isOvertaken || step.fate.startsWith('died')) return;
      const sent = commands.map(({ tier, commandId, instanceIds }) => ({
        tier,
        commands: step.fate === 'refused' ? [] : [{ commandId: isUnsure ? null : commandId, instanceIds }],
      }));
      written = rememberSent(claim, made.cycles, sent);
    };
    unsent.push({ atMs, ids, send });
  }
  return outcome;
}

/** The commands found in SSM's list take the place of those without an id. */
function withIdsFound(read: Memory, ssm: SsmModel): Memory {
  const { client: rollOut } = read.rollOuts;
  if (!rollOut) return read;
  const found = ssm.commandsOf(rollOut.waveId);
  const isFound = (ids: string[]) => ids.every((id) => found.some(({ instanceIds }) => instanceIds.includes(id)));
  const known = rollOut.commands.filter(({ commandId, instanceIds }) => commandId !== null || !isFound(instanceIds));
  const ids = new Set(known.map(({ commandId }) => commandId));
  const commands = [
    ...known,
    ...(known.length < rollOut.commands.length ? found.filter(({ commandId }) => !ids.has(commandId)) : []),
  ];
  return { ...read, rollOuts: { client: { ...rollOut, commands } } };
}

function inputOf(
  story: Story,
  hosts: readonly Host[],
  ssm: SsmModel,
  read: Memory,
  { look }: Step,
  nowMs: number,
  tickId: string,
): PlanInput {
  const judgements = hosts.map((host, index) => {
    const restarts = ssm.restarts.filter(({ instanceId, atMs }) => instanceId === host.instanceId && atMs <= nowMs);
    const lastMs = restarts.at(-1)?.atMs ?? null;
    const isHealed = story.hosts[index]?.does === 'cycle' && lastMs !== null;
    const measures = { ...judged(host).measures, ageSeconds: 30 * 24 * 3600 };
    // it looks stale whatever is done, was never cycled, and its daemon is old
    if (story.hosts[index]?.lies) return leftBehind(host, { measures });
    const agoSeconds = lastMs === null ? null : (nowMs - lastMs) / 1000;
    const shown = {
      measures: { ...measures, ageSeconds: agoSeconds ?? measures.ageSeconds },
      cycledSecondsAgo: agoSeconds,
    };
    return isHealed ? judged(host, shown) : leftBehind(host, shown);
  });
  const ids = (read.rollOuts.client?.commands ?? []).flatMap(({ commandId }) => commandId ?? []);
  const seen = ssm.progress(ids, nowMs, look === 'late' ? 90_000 : 0);
  const isTold = look !== 'nothing' && ids.length > 0;
  return given(judgements, {
    pod: policy({ waveShare: story.waveShare, maxErrorShare: story.maxErrorShare }),
    nowMs,
    tickId,
    memory: read,
    progress: isTold ? [{ tier: 'client', ...seen, ended: seen.ended && look !== 'runs' }] : [],
  });
}

const RUNS = runs(150);
const everyStory = (
  property: (outcome: StoryOutcome, story: Story) => void,
  parameters: fc.Parameters<[Story]> = RUNS,
) =>
  fc.assert(
    fc.property(STORY, (story) => property(play(story), story)),
    parameters,
  );

describe('whatever SSM loses, hosts say and runs come between', () => {
  it('no wave starts while anything of another may still run, or be sent, but on hosts that failed and are left out', () => {
    everyStory(({ overlaps }) => expect(overlaps.flat()).toEqual([]));
  });

  it('no two restarts of a host are under way at one time', () => {
    everyStory(({ ssm: { restarts } }) => {
      const overlapping = restarts.filter(({ instanceId, atMs, endsMs }) =>
        restarts.some((other) => other.instanceId === instanceId && other.atMs > atMs && other.atMs < endsMs),
      );
      expect(overlapping).toEqual([]);
    });
  });

  it('no host restarts twice for one wave', () => {
    everyStory(({ ssm }) => {
      const all = ssm.restarts.map(({ instanceId, waveId }) => `${instanceId} ${waveId}`);
      expect(new Set(all).size).toBe(all.length);
    });
  });

  it('no stale host restarts oftener in a day than it may, but for waves that SSM never told of', () => {
    everyStory(({ ssm, unsure }, story) => {
      story.hosts.forEach(({ lies }, index) => {
        if (!lies) return;
        const id = client((256 + index).toString(16), 'a').instanceId;
        const times = ssm.restarts.filter(({ instanceId }) => instanceId === id).map(({ atMs }) => atMs);
        const most = Math.max(
          0,
          ...times.map((from) => times.filter((at) => at >= from && at < from + 24 * 3600_000).length),
        );
        expect(most).toBeLessThanOrEqual(3 + (unsure.get(id) ?? 0));
      });
    });
  });

  it('a roll-out loses no more hosts than twice its limit and one', () => {
    everyStory(({ ssm, memories }, story) => {
      const limit = Math.max(1, Math.floor(story.hosts.length * story.maxErrorShare));
      const failing = new Set(
        ssm.restarts
          .map(({ instanceId }) => instanceId)
          .filter((id) => story.hosts[Number.parseInt(id.slice(-3), 16) - 256]?.does === 'fail'),
      );
      expect(failing.size).toBeLessThanOrEqual(2 * limit + 1);
      for (const { rollOuts } of memories) {
        for (const tier of TIERS) expect(rollOuts[tier]?.failed.length ?? 0).toBeLessThanOrEqual(story.hosts.length);
      }
    });
  });

  it('and waves do start, hosts are cycled, fail, and roll-outs stop', () => {
    const seen = { waves: 0, restarts: 0, stopped: 0, failed: 0 };
    const count = ({ ssm, overlaps, memories }: StoryOutcome) => {
      seen.waves += overlaps.length;
      seen.restarts += ssm.restarts.length;
      const last = memories.at(-1)?.rollOuts.client;
      seen.failed += last?.failed.length ?? 0;
      seen.stopped += last?.stopped ? 1 : 0;
    };
    everyStory(count, { ...RUNS, seed: 1 });
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(5);
  });
});
