import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { TIERS } from '../../src/fleet/fleet.ts';
import { EMPTY_MEMORY, lostRollOut, type Memory, type RollOut } from '../../src/plan/plan.ts';
import { stateOfReport } from '../../src/state/of-report.ts';
import { forgottenState, noState, readHostMemory, readState } from '../../src/state/read.ts';
import { joinRemembered, splitRemembered } from '../../src/state/remembered.ts';
import { emptyHostMemory, emptyState, type State } from '../../src/state/state.ts';
import { endedState } from '../builders/stored-state.ts';

const FORGOTTEN =
  'Who is withdrawn for its health is forgotten: until a tick has seen the whole pod podtime does no more than in mode hold; ' +
  'then a server without a record stays out of DNS until it is confident.';
const NOW_MS = 1_795_348_800_000;
const READ_AT_MS = NOW_MS + 39 * 60_000;
const [SERVER, CLIENT, OTHER] = ['i-00000000000000001', 'i-00000000000000021', 'i-00000000000000022'];
const ROLL_OUT: RollOut = {
  tier: 'client',
  waveId: 'tick-0-client',
  startedAtMs: NOW_MS,
  records: 'az-b=10.0.2.11',
  mode: 'act',
  commands: [
    { commandId: 'c-1', instanceIds: [CLIENT], maxConcurrency: 1 },
    { commandId: null, instanceIds: [OTHER] },
  ],
  allBegunAtMs: NOW_MS + 1000,
  atWorkUntilMs: NOW_MS + 2000,
  secondsPerHost: 25,
  failed: ['i-00000000000000029'],
  waves: 1,
  stopped: false,
  sentence: null,
};
const MEMORY: Memory = {
  unhealthySinceMs: { [SERVER]: NOW_MS },
  unhealthy: { [SERVER]: { provenMs: 60_000, seenMs: null } },
  withdrawn: { [SERVER]: { sinceMs: NOW_MS, sentence: 'It is adrift.', addresses: ['10.0.2.11'] } },
  unknownToEc2: { 'i-00000000000000099': NOW_MS },
  starting: { [SERVER]: { provenMs: 1, seenMs: 2 }, [CLIENT]: { provenMs: 3, seenMs: null } },
  unbound: { [SERVER]: { provenMs: 4, seenMs: 5 } },
  cycles: { [CLIENT]: [NOW_MS] },
  rollOuts: { client: ROLL_OUT },
  undone: { [CLIENT]: { answers: 1, atMs: NOW_MS, reason: 'not-yet' } },
  staleSinceMs: { [CLIENT]: NOW_MS },
  unjoined: { [CLIENT]: ['ntp.az-b.pod'] },
  received: { [SERVER]: { packets: 1000, ageSeconds: 3600 } },
  over: { [SERVER]: ['offset', 'bound'], [CLIENT]: ['time-service'] },
  lastBounds: {
    [SERVER]: { boundMs: 2.25, atMs: NOW_MS },
    [CLIENT]: { boundMs: 1, atMs: NOW_MS - 1000, growthPpm: 61.5 },
  },
  heldBounds: {
    [SERVER]: { boundMs: null, atMs: NOW_MS },
    [CLIENT]: { boundMs: 165, atMs: NOW_MS - 1000, growthPpm: 61.5, backMs: NOW_MS },
  },
  leap: { atMs: NOW_MS + 3_600_000, sign: 'add' },
};
const KNOWN = [SERVER, CLIENT].map((instanceId) => ({ instanceId, az: 'us-west-2b' }));
const PARTS = splitRemembered({ memory: MEMORY, known: KNOWN }, (id) => id === SERVER, {
  pod: 'blue',
  tickId: 'tick-1',
});
const STATE: State = {
  ...endedState('blue', NOW_MS),
  claim: { tickId: 'tick-1', startedAtMs: NOW_MS, untilMs: NOW_MS + 190_000 },
  servers: PARTS.servers,
  waves: PARTS.waves,
  memory: 'blue/memory/tick-1-0123.json.gz',
};

describe('what is remembered', () => {
  it('comes back whole of its two parts', () => {
    expect(joinRemembered(STATE, PARTS.hosts)).toEqual({ memory: MEMORY, known: KNOWN });
  });

  it('has no id of a client in the part that every run reads', () => {
    expect(JSON.stringify(STATE)).not.toMatch(`${CLIENT}|${OTHER}`);
  });

  it('of no pod yet is nothing', () => {
    expect(joinRemembered(emptyState('blue'), emptyHostMemory('blue')).memory).toEqual(EMPTY_MEMORY);
  });

  it.each([
    ['is lost', emptyHostMemory('blue')],
    ['is of another wave', { ...PARTS.hosts, waves: { client: { waveId: 'tick-9', commands: [[], []], failed: [] } } }],
  ])(
    'whose hosts are forgotten, because their memory %s, takes the wave for under way and counts failures still',
    (_, hosts) => {
      expect(joinRemembered(STATE, hosts).memory.rollOuts.client).toEqual({
        ...ROLL_OUT,
        commands: [{ commandId: null, instanceIds: [] }],
        failed: ['forgotten-1'],
      });
    },
  );
});

describe('a state', () => {
  it('is read as it was written', () => {
    expect(readState(JSON.stringify(STATE), 'blue', READ_AT_MS)).toEqual({ ...noState('blue'), state: STATE });
  });

  it.each([
    ['claim', null],
    ['last', null],
    ['dueAtMs', 0],
    ['again', true],
    ['memory', null, ' Which hosts were cycled and asked is forgotten.'],
  ])('that cannot be read at %s loses that alone', (field, otherwise, cost = '') => {
    for (const stored of ['x', [null], { x: null }, undefined]) {
      expect(readState(JSON.stringify({ ...STATE, [field]: stored }), 'blue', READ_AT_MS)).toEqual({
        ...noState('blue'),
        state: { ...STATE, [field]: otherwise },
        fault: `The state of pod blue has lost ${field}: it is damaged.${cost}`,
      });
    }
  });

  it.each([
    '',
    'x',
    'green/memory/tick-1-0123.json.gz',
    'blue/memory/../state.json',
    'blue/memory/tick-1-0123.json.gz/x',
    'blue/report.json',
  ])(
    'that names %j for its memory, which is none of its own, has lost it: S3 is not asked for it for good',
    (memory) => {
      expect(readState(JSON.stringify({ ...STATE, memory }), 'blue', READ_AT_MS)).toEqual({
        ...noState('blue'),
        state: { ...STATE, memory: null },
        fault: 'The state of pod blue has lost memory: it is damaged. Which hosts were cycled and asked is forgotten.',
      });
    },
  );

  it.each(['x', [null], { 'i-1': { x: null } }, undefined])(
    'that cannot be read at servers.withdrawn (%j) knows nobody that is withdrawn, nor that nobody is',
    (withdrawn) => {
      const stored = { ...STATE, servers: { ...STATE.servers, withdrawn } };
      const read = readState(JSON.stringify(stored), 'blue', READ_AT_MS);
      expect(read).toEqual({
        ...noState('blue'),
        state: { ...STATE, again: true, servers: { ...STATE.servers, withdrawn: null } },
        fault: `The state of pod blue has lost withdrawn: it is damaged. ${FORGOTTEN}`,
      });
      expect(joinRemembered(read.state, PARTS.hosts).memory).toEqual({
        ...MEMORY,
        withdrawn: {},
        isWithdrawnForgotten: true,
      });
      // as the next run finds it
      expect(readState(JSON.stringify(read.state), 'blue', READ_AT_MS)).toEqual({
        ...read,
        fault: FORGOTTEN.replace('Who is', 'Who of pod blue is'),
      });
    },
  );

  it('goes on not knowing who is withdrawn through a tick that did not find it out', () => {
    const { state } = readState(JSON.stringify({ ...STATE, servers: 5 }), 'blue', READ_AT_MS);
    const { memory, known } = joinRemembered(state, PARTS.hosts);
    const names = { pod: 'blue', tickId: 'tick-2' };
    expect(splitRemembered({ memory, known }, (id) => id === SERVER, names).servers.withdrawn).toBeNull();
  });

  it('of before holdover without a bound was remembered is whole, and one that cannot be read there loses that alone', () => {
    const without = { ...STATE, servers: { ...STATE.servers, unbound: undefined } };
    const read = { ...noState('blue'), state: without };
    expect(readState(JSON.stringify(without), 'blue', READ_AT_MS)).toEqual(read);
    const damaged = { ...STATE, servers: { ...STATE.servers, unbound: 'x' } };
    expect(readState(JSON.stringify(damaged), 'blue', READ_AT_MS)).toEqual({
      ...read,
      fault: 'The state of pod blue has lost unbound: it is damaged.',
    });
  });

  it.each(Object.keys(STATE.servers).filter((field) => field !== 'withdrawn' && field !== 'unbound'))(
    'that cannot be read at servers.%s loses that alone',
    (field) => {
      for (const stored of ['x', [null], { 'i-1': { x: null } }, undefined]) {
        const servers = { ...STATE.servers, [field]: stored };
        expect(readState(JSON.stringify({ ...STATE, servers }), 'blue', READ_AT_MS)).toEqual({
          ...noState('blue'),
          state: { ...STATE, servers: { ...STATE.servers, [field]: field === 'known' ? [] : {} } },
          fault: `The state of pod blue has lost ${field}: it is damaged.`,
        });
      }
    },
  );

  it('that cannot be read at a roll-out takes a wave of it for under way, and keeps the other', () => {
    const wavesOf = (waves: unknown) => readState(JSON.stringify({ ...STATE, waves }), 'blue', READ_AT_MS).state.waves;
    const lost = (tier: 'boundary' | 'client') => ({
      // when it began nobody knows: a moment ago, for all that this run can tell
      ...lostRollOut(tier, READ_AT_MS),
      commands: [{ commandId: null, hosts: 0 }],
      failed: 0,
    });
    const { client } = STATE.waves;
    expect(wavesOf({ client, boundary: { waves: 'many' } })).toEqual({ client, boundary: lost('boundary') });
    expect(wavesOf({ client: null })).toEqual({ client: lost('client') });
    for (const stored of [null, 'x', []]) {
      expect(wavesOf(stored)).toEqual({ boundary: lost('boundary'), client: lost('client') });
    }
  });

  it.each([
    ['is not JSON', 'not json'],
    ['has no version', '{"pod":"blue"}'],
    ["is another pod's", '{"version":1,"pod":"green"}'],
  ])('that %s is lost', (why, text) => {
    expect(readState(text, 'blue', READ_AT_MS)).toEqual({
      ...noState('blue'),
      state: forgottenState('blue'),
      lost: true,
      fault: `The state of pod blue ${why}: all that it remembered is lost, and a wave may be under way. ${FORGOTTEN}`,
    });
  });

  it('of a newer version tells nothing but that it is', () => {
    expect(readState(JSON.stringify({ ...STATE, version: 2 }), 'blue', READ_AT_MS)).toEqual({
      ...noState('blue'),
      state: forgottenState('blue'),
      newer: true,
      fault:
        'The state of pod blue is of version 2, this code reads up to 1: a newer podtime wrote it. ' +
        'It is left as it is and nothing is changed; deploy the newer code again.',
    });
  });
});

describe('a memory', () => {
  const { hosts } = PARTS;

  it('is read as it was written', () => {
    expect(readHostMemory(JSON.stringify(hosts), 'blue')).toEqual({ hosts, newer: false, fault: null });
  });

  it.each(['cycles', 'undone', 'staleSinceMs', 'unjoined', 'starting', 'waves', 'known'])(
    'that cannot be read at %s loses that alone',
    (field) => {
      const read = readHostMemory(JSON.stringify({ ...hosts, [field]: 'x' }), 'blue');
      expect(read).toEqual({
        hosts: { ...hosts, [field]: field === 'known' ? [] : {} },
        newer: false,
        fault: `The memory of pod blue has lost ${field}: it is damaged.`,
      });
    },
  );

  it.each([
    ['no JSON', 'x'],
    ['none of the pod', JSON.stringify({ ...hosts, pod: 'green' })],
  ])('that is %s is forgotten, and that is said', (_, text) => {
    expect(readHostMemory(text, 'blue')).toEqual({
      hosts: emptyHostMemory('blue'),
      newer: false,
      fault:
        'The memory of pod blue cannot be read: which hosts were cycled and asked is forgotten. A wave that was sent counts as under way.',
    });
  });

  it('of a newer version is newer', () => {
    expect(readHostMemory(JSON.stringify({ ...hosts, version: 2 }), 'blue')).toMatchObject({ newer: true });
  });
});

describe('the report that an older podtime left', () => {
  const REPORT = {
    version: 2,
    pod: 'blue',
    tickId: 'tick-0',
    startedAtMs: NOW_MS,
    endedAtMs: NOW_MS + 20_000,
    untilMs: NOW_MS + 190_000,
    hosts: [
      { instanceId: SERVER, tier: 'boundary', az: 'us-west-2b' },
      { instanceId: CLIENT, tier: 'client', az: 'us-west-2b' },
    ],
    memory: MEMORY,
  };
  const rememberedOf = (report: object) => {
    const { state, carried, fault } = stateOfReport(JSON.stringify(report), 'blue', READ_AT_MS);
    return { ...joinRemembered(state, carried ?? emptyHostMemory('blue')), fault };
  };

  it.each([2, 3])('of version %i is the first state: all that it remembers is', (version) => {
    expect(rememberedOf({ ...REPORT, version })).toEqual({ memory: MEMORY, known: KNOWN, fault: null });
    const { state } = stateOfReport(JSON.stringify({ ...REPORT, version }), 'blue', READ_AT_MS);
    const { tickId, startedAtMs, endedAtMs, untilMs } = REPORT;
    expect(state).toMatchObject({ claim: null, last: { tickId, startedAtMs, endedAtMs } });
    const running = stateOfReport(JSON.stringify({ ...REPORT, endedAtMs: null }), 'blue', READ_AT_MS).state;
    expect(running).toMatchObject({ claim: { tickId, startedAtMs, untilMs }, last: null });
    // it may have been given as long as Lambda gives any function
    const damaged = JSON.stringify({ ...REPORT, version, endedAtMs: null, untilMs: 'x' });
    const { claim } = stateOfReport(damaged, 'blue', READ_AT_MS).state;
    expect(claim).toEqual({ tickId, startedAtMs, untilMs: startedAtMs + 16 * 60_000 });
  });

  // written by the code of that version: a wave under way, a host that said "not yet", a server withdrawn
  it('of version 2 is, as that version wrote it', () => {
    const text = readFileSync(join(import.meta.dirname, '../fixtures/report/version-2.json'), 'utf8');
    const stored = JSON.parse(text) as typeof REPORT;
    const { state, carried, ...read } = stateOfReport(text, 'blue', READ_AT_MS);
    expect(read).toEqual({ newer: false, lost: false, fault: null });
    const { memory, known } = joinRemembered(state, carried ?? emptyHostMemory('blue'));
    expect(memory).toEqual(stored.memory);
    expect([known.length, state.servers.known.length]).toEqual([8, 3]);
    for (const field of ['withdrawn', 'cycles', 'undone', 'staleSinceMs', 'unjoined', 'unhealthy'] as const) {
      expect([field, Object.keys(memory[field]).length > 0]).toEqual([field, true]);
    }
    expect(memory.rollOuts.client?.commands).toHaveLength(1);
    const { tickId, startedAtMs, endedAtMs } = stored;
    expect(state).toMatchObject({ claim: null, last: { tickId, startedAtMs, endedAtMs }, again: false });
  });

  it('of version 1 is too', () => {
    const text = readFileSync(join(import.meta.dirname, '../fixtures/report/version-1.json'), 'utf8');
    const stored = JSON.parse(text) as { memory: Memory };
    const { state, carried, ...read } = stateOfReport(text, 'blue', READ_AT_MS);
    expect(read).toEqual({ newer: false, lost: false, fault: null });
    const { memory } = joinRemembered(state, carried ?? emptyHostMemory('blue'));
    const { unhealthy, unhealthySinceMs, withdrawn, cycles, staleSinceMs, unjoined, rollOuts } = stored.memory;
    expect(memory).toMatchObject({ unhealthy, unhealthySinceMs, withdrawn, cycles, staleSinceMs, unjoined });
    expect(memory.unknownToEc2).toEqual({});
    for (const tier of TIERS) expect(memory.rollOuts[tier]).toMatchObject({ commands: rollOuts[tier]?.commands });
  });

  const FIELDS = (Object.keys(EMPTY_MEMORY) as (keyof Memory)[]).filter(
    (field) => field !== 'rollOuts' && field !== 'withdrawn',
  );

  it.each(FIELDS)('that cannot be read at memory.%s loses that alone', (field) => {
    for (const stored of [null, 'x', [null], { 'i-1': { x: null } }, undefined]) {
      expect(rememberedOf({ ...REPORT, memory: { ...MEMORY, [field]: stored } })).toEqual({
        memory: { ...MEMORY, [field]: EMPTY_MEMORY[field] },
        known: KNOWN,
        fault: `The memory of pod blue has lost ${field}: the last report cannot be read there.`,
      });
    }
  });

  it('that cannot be read at memory.withdrawn knows nobody that is withdrawn, nor that nobody is', () => {
    for (const withdrawn of [null, 'x', [null], { 'i-1': { x: null } }, undefined]) {
      const read = stateOfReport(JSON.stringify({ ...REPORT, memory: { ...MEMORY, withdrawn } }), 'blue', READ_AT_MS);
      expect([read.state.servers.withdrawn, read.state.again]).toEqual([null, true]);
      expect(read.fault).toBe(
        `The memory of pod blue has lost withdrawn: the last report cannot be read there. ${FORGOTTEN}`,
      );
    }
  });

  it('that cannot be read at a roll-out takes a wave of it for under way, and keeps the other', () => {
    const rollOutsOf = (rollOuts: unknown) =>
      rememberedOf({ ...REPORT, memory: { ...MEMORY, rollOuts } }).memory.rollOuts;
    const [boundary, client] = [lostRollOut('boundary', READ_AT_MS), lostRollOut('client', READ_AT_MS)];
    expect(rollOutsOf({ client: ROLL_OUT, boundary: { waves: 'many' } })).toEqual({ client: ROLL_OUT, boundary });
    expect(rollOutsOf({ client: null })).toEqual({ client });
    for (const stored of [null, 'x', []]) expect(rollOutsOf(stored)).toEqual({ boundary, client });
  });

  it('that cannot be read is lost, as a state is', () => {
    for (const text of ['x', '{"pod":"blue"}', JSON.stringify({ ...REPORT, pod: 'green' })]) {
      expect(stateOfReport(text, 'blue', READ_AT_MS)).toMatchObject({ lost: true, state: forgottenState('blue') });
    }
  });

  it('of a version since states were begun is lost, as a state is: somebody removed the state, a wave may be under way', () => {
    expect(stateOfReport(JSON.stringify({ ...REPORT, version: 4 }), 'blue', READ_AT_MS)).toEqual({
      ...noState('blue'),
      state: forgottenState('blue'),
      lost: true,
      fault: `The state of pod blue is not there, though its last report is: all that it remembered is lost, and a wave may be under way. ${FORGOTTEN}`,
    });
  });
});
