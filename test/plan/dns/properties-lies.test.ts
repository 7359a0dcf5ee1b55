import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Host } from '../../../src/fleet/fleet.ts';
import type { PublishedRecord } from '../../../src/fleet/records.ts';
import { type PlanInput, plan } from '../../../src/plan/plan.ts';
import {
  adrift,
  HOUR,
  input,
  judged,
  MINUTE,
  memory,
  NOW,
  POD,
  record,
  server,
  silent,
} from '../../builders/plan-input.ts';
import { applied, confidentPublished, isBlind, isDeadOwner, isOwn, unseen } from '../../builders/plan-oracle.ts';
import { runs } from '../../builders/property-runs.ts';

/** What EC2 says of one server at one tick, true or not. */
type Word =
  | 'running'
  | 'terminated'
  | 'left out'
  | 'no such instance'
  | 'alive by id'
  | 'dead by id'
  | 'no answer'
  | 'not read';

interface Tick {
  afterMs: number;
  /** A whole answer that is empty. */
  nobody: boolean;
  words: Word[];
  seen: ('confident' | 'adrift' | 'silent' | 'starting')[];
  mode: PlanInput['mode'];
}

const SERVERS = [server('a', 'a'), server('b', 'b'), server('c', 'c'), server('d', 'c')];

const each = <T>(values: fc.Arbitrary<T>) => fc.array(values, { minLength: SERVERS.length, maxLength: SERVERS.length });

const tickOf = (words: fc.Arbitrary<Word>): fc.Arbitrary<Tick> =>
  fc.record({
    afterMs: fc.constantFrom(1000, MINUTE, 4 * MINUTE, 5 * MINUTE, HOUR),
    nobody: fc.nat(5).map((number) => number === 0),
    words: each(words),
    seen: each(
      fc.constantFrom(
        'confident' as const,
        'confident' as const,
        'adrift' as const,
        'silent' as const,
        'starting' as const,
      ),
    ),
    mode: fc.constantFrom('act' as const, 'act' as const, 'hold' as const),
  });

const LIES: Word[] = [
  ...Array<Word>(6).fill('running'),
  ...Array<Word>(4).fill('no such instance'),
  'left out',
  'alive by id',
  'no answer',
  'not read',
];
const ANY: Word[] = [...LIES, 'terminated', 'dead by id'];

const JUDGED = {
  confident: judged,
  adrift,
  silent,
  starting: (host: Host) => adrift(host, { state: 'starting' }),
};

/** The input of a tick, as the watchdog asks: owners that are not among the hosts are asked for by id. */
function inputOf(
  tick: Tick,
  pod: PlanInput['pod'],
  nowMs: number,
  records: PublishedRecord[],
  before: PlanInput['memory'],
) {
  const hosts = SERVERS.flatMap((host, index): Host[] => {
    const word = tick.words[index];
    if (tick.nobody || (word !== 'running' && word !== 'terminated')) return [];
    return [{ ...host, state: word }];
  });
  const judgements = hosts
    .filter(({ state }) => state === 'running')
    .map((host) => JUDGED[tick.seen[SERVERS.findIndex((one) => one.instanceId === host.instanceId)] ?? 'silent'](host));
  const listed = new Set(hosts.map(({ instanceId }) => instanceId));
  const owners = SERVERS.filter(
    ({ instanceId }) => !listed.has(instanceId) && records.some((one) => one.setIdentifier === instanceId),
  );
  const wordOf = (host: Host) => tick.words[SERVERS.indexOf(host)];
  const saying = (...words: (Word | undefined)[]) =>
    owners.filter((host) => words.includes(wordOf(host))).map((host) => host.instanceId);
  return input({
    pod,
    nowMs,
    mode: tick.mode,
    hosts,
    judgements,
    records,
    memory: before,
    unknownIds: saying('no such instance', 'left out'),
    unread: saying('not read'),
    ownerStates: Object.fromEntries([
      ...saying('alive by id').map((id) => [id, 'running']),
      ...saying('dead by id').map((id) => [id, 'terminated']),
    ]),
  });
}

/** Runs the ticks from a pod whose servers are all published; tells each input and the records after it. */
function* history(ticks: Tick[], floor: number) {
  const pod = { ...POD, cycling: { ...POD.cycling, floor } };
  let nowMs = NOW;
  let records = SERVERS.map((host) => record(host));
  let remembered = memory();
  for (const tick of ticks) {
    nowMs += tick.afterMs;
    const given = inputOf(tick, pod, nowMs, records, remembered);
    const made = plan(given);
    const after = applied(records, made.changes);
    yield { given, made, after };
    records = after;
    remembered = made.memory;
  }
}

const always = (words: Word[], property: (ticks: Tick[], floor: number) => void) =>
  fc.assert(
    fc.property(
      fc.array(tickOf(fc.constantFrom(...words)), { minLength: 1, maxLength: 12 }),
      fc.constantFrom(0, 1, 1, 2),
      property,
    ),
    runs(400),
  );

describe('whatever EC2 says over many ticks', () => {
  it('no pod is emptied, but by a dead state of each owner', () => {
    always(LIES, (ticks, floor) => {
      for (const { after } of history(ticks, floor)) expect(after.filter(isOwn).length).toBeGreaterThan(0);
    });
  });

  it('an id goes only after two denials five minutes apart, with no other word of it between, and never below the floor', () => {
    let went = 0;
    always(ANY, (ticks, floor) => {
      const firstDenialMs = new Map<string, number>();
      for (const { given, made, after } of history(ticks, floor)) {
        const named = new Set([...given.hosts.map(({ instanceId }) => instanceId), ...Object.keys(given.ownerStates)]);
        for (const { instanceId: id } of SERVERS) {
          if (named.has(id) && !made.blind) firstDenialMs.delete(id);
          else if (given.unknownIds.includes(id) && !made.blind && !firstDenialMs.has(id))
            firstDenialMs.set(id, given.nowMs);
        }
        const denied = made.changes.filter(
          ({ action, setIdentifier }) => action === 'DELETE' && !named.has(setIdentifier),
        );
        for (const { setIdentifier: id } of denied) {
          expect(given.unknownIds).toContain(id);
          expect(given.nowMs - (firstDenialMs.get(id) ?? given.nowMs)).toBeGreaterThanOrEqual(5 * MINUTE);
        }
        if (denied.length === 0) continue;
        went += 1;
        expect(confidentPublished(given, after).size).toBeGreaterThanOrEqual(Math.max(1, floor));
      }
    });
    // the rule is met, not only its absence
    expect(went).toBeGreaterThan(20);
  });

  it('a blind pod stays as it was, in DNS and but for what was proved, which stands still, in memory', () => {
    let blind = 0;
    always(ANY, (ticks, floor) => {
      for (const { given, made, after } of history(ticks, floor)) {
        expect(made.blind).toBe(isBlind(given));
        if (!made.blind) continue;
        blind += 1;
        expect([after, made.memory, made.cycles]).toEqual([given.records, unseen(given.memory), []]);
      }
    });
    expect(blind).toBeGreaterThan(100);
  });

  it('what EC2 says is dead goes at once, whatever the floor', () => {
    always(ANY, (ticks, floor) => {
      for (const { given, made, after } of history(ticks, floor)) {
        if (made.blind) continue;
        expect(after.filter(({ setIdentifier }) => isDeadOwner(given, setIdentifier ?? ''))).toEqual([]);
      }
    });
  });
});
