import { describe, expect, it } from '@jest/globals';
import type { TimeDaemon } from '../../../bench/world/daemon.ts';
import { cycleOnHost } from '../../../bench/world/host-cycle.ts';
import type { Instance, InstanceSpec } from '../../../bench/world/instance.ts';
import { observe } from '../../../bench/world/observation.ts';
import { drawSetting } from '../../../bench/world/pods.ts';
import { printed } from '../../../bench/world/printed.ts';
import { type Setting, World } from '../../../bench/world/world.ts';
import { readUpstream } from '../../../src/fleet/sources.ts';
import { parseCollected } from '../../../src/host/collect.ts';
import type { DaemonKind } from '../../../src/host/collected.ts';
import { BLUE } from '../../builders/blue-pod.ts';

/** What FACTS of real daemons say, and the model is to show: seconds, as captured with polls of 64 s. */

const MINUTE = 60;
const OLD = '10.0.16.5';
const NEW = '10.0.16.9';
const KINDS = ['ntpd', 'ntpsec', 'chrony'] as const;

const spec = (id: string, tier: 'boundary' | 'client', kind: DaemonKind, ipv4: string): InstanceSpec => ({
  id,
  tier,
  az: 'us-west-2a',
  kind,
  ipv4,
  ipv6: [],
  held: false,
  driftPpm: 5,
});

/** A server and a client of each kind, polled every 64 s and settled for an hour; nobody but boot registers. */
function settledPod(association: 'server' | 'pool', negativeTtlSeconds = 30) {
  const pod = { ...BLUE, azs: ['us-west-2a', 'us-west-2b'], association, poll: { min: 6, max: 6 } };
  const fleet = {
    ...drawSetting(1).setting.fleet,
    upstreams: ['198.18.0.1', '198.18.0.2'].map(readUpstream),
    pods: [pod],
  };
  const setting: Setting = {
    seed: 1,
    fleet,
    pod,
    startMs: Date.UTC(2026, 0, 15),
    timeService: 'none',
    negativeTtlSeconds,
    instances: [],
  };
  const world = new World(setting);
  world.launch(spec('i-old', 'boundary', 'ntpsec', OLD));
  publish(world, 'i-old', OLD);
  wait(world, 5 * MINUTE);
  for (const [index, kind] of KINDS.entries()) world.launch(spec(`i-${kind}`, 'client', kind, `10.0.16.${index + 20}`));
  wait(world, 60 * MINUTE);
  return world;
}

function publish(world: World, id: string, address: string): void {
  const record = { name: 'ntp.az-a.pod', type: 'A' as const, setIdentifier: id, address, ttlSeconds: 30, reason: '' };
  world.zone.change([{ action: 'UPSERT', ...record }])();
}

function withdraw(world: World, id: string, address: string): void {
  const record = { name: 'ntp.az-a.pod', type: 'A' as const, setIdentifier: id, address, ttlSeconds: 30, reason: '' };
  world.zone.change([{ action: 'DELETE', ...record }])();
}

/** The old server dies, and one that has time to give takes its name. */
function replaceServer(world: World): void {
  world.launch(spec('i-new', 'boundary', 'ntpsec', NEW));
  wait(world, 5 * MINUTE);
  world.kill(host(world, 'i-old'), 'terminated');
  withdraw(world, 'i-old', OLD);
  publish(world, 'i-new', NEW);
}

const host = (world: World, id: string) => world.instances.get(id) as Instance;
const daemonOf = (world: World, id: string) => host(world, id).daemon as TimeDaemon;
const row = (world: World, id: string, address: string) =>
  daemonOf(world, id).associations.find((association) => association.address === address);

function wait(world: World, seconds: number): void {
  const endMs = world.nowMs + seconds * 1000;
  while (world.nowMs < endMs) {
    world.agenda.runUntil(Math.min(endMs, world.nowMs + 1000));
    for (const { daemon } of world.instances.values()) daemon?.live(world.nowMs);
  }
}

/** Seconds until the client hears the new server; null: not within an hour. */
function healedAfter(world: World, id: string): number | null {
  const startMs = world.nowMs;
  for (let second = 0; second < 3600; second += 1) {
    wait(world, 1);
    const heardMs = row(world, id, NEW)?.firstHeardMs;
    if (heardMs != null) return (heardMs - startMs) / 1000;
  }
  return null;
}

describe('daemons of the model', () => {
  it.each(['ntpd', 'ntpsec'])('%s with `server` never follows a record that changed', (kind) => {
    const world = settledPod('server');
    replaceServer(world);
    expect(healedAfter(world, `i-${kind}`)).toBeNull();
  });

  it('chrony with `server` follows after eight missed polls, about nine minutes', () => {
    const world = settledPod('server');
    replaceServer(world);
    const seconds = healedAfter(world, 'i-chrony');
    expect(seconds).toBeGreaterThanOrEqual(7 * 64);
    expect(seconds).toBeLessThanOrEqual(10 * 64);
  });

  it.each([
    ['ntpd', 65 + 64],
    ['ntpsec', 256 + 64],
  ])('%s with `pool` looks again by itself within %i s', (kind, most) => {
    const world = settledPod('pool');
    replaceServer(world);
    expect(healedAfter(world, `i-${kind}`)).toBeLessThanOrEqual(most);
  });

  it('a dead server keeps its tally for 400 to 780 s', () => {
    const world = settledPod('server');
    world.kill(host(world, 'i-old'), 'terminated');
    wait(world, 400);
    for (const kind of ['ntpd', 'ntpsec']) expect(row(world, `i-${kind}`, OLD)?.tally).toBe('*');
    wait(world, 380);
    for (const kind of ['ntpd', 'ntpsec']) expect(row(world, `i-${kind}`, OLD)?.tally).toBe(' ');
  });

  it('a register moves one bit a poll: 377 in about eight minutes, one bit after iburst, four after chrony’s', () => {
    const world = settledPod('server');
    world.stopDaemon(host(world, 'i-ntpsec'), 'test');
    world.startDaemon(host(world, 'i-ntpsec'));
    world.stopDaemon(host(world, 'i-chrony'), 'test');
    world.startDaemon(host(world, 'i-chrony'));
    wait(world, 20);
    expect([1, 3]).toContain(row(world, 'i-ntpsec', OLD)?.reach);
    expect([0o17, 0o37]).toContain(row(world, 'i-chrony', OLD)?.reach);
    wait(world, 8 * MINUTE);
    expect(row(world, 'i-ntpsec', OLD)?.reach).toBe(0o377);
  });

  it('ntpsec never asks again for a name that did not resolve, classic and chrony do', () => {
    const world = settledPod('server');
    withdraw(world, 'i-old', OLD);
    wait(world, 31);
    for (const kind of KINDS) {
      world.stopDaemon(host(world, `i-${kind}`), 'test');
      world.startDaemon(host(world, `i-${kind}`));
    }
    wait(world, 60);
    publish(world, 'i-old', OLD);
    wait(world, 16 * MINUTE);
    expect(KINDS.map((kind) => row(world, `i-${kind}`, OLD)?.reach ?? 0)).toEqual([0o377, 0, 0o377]);
  });

  it('a resolver keeps the answer that a name is missing for the zone’s negative TTL', () => {
    const world = settledPod('server', 900);
    withdraw(world, 'i-old', OLD);
    const client = host(world, 'i-ntpd');
    const { nowMs } = world;
    expect(world.zone.resolve(client, 'ntp.az-a.pod', nowMs + 31_000)).toEqual([]);
    publish(world, 'i-old', OLD);
    expect(world.zone.resolve(client, 'ntp.az-a.pod', nowMs + 900_000)).toEqual([]);
    expect(world.zone.resolve(client, 'ntp.az-a.pod', nowMs + 932_000)).toEqual([OLD]);
  });

  it('a record that somebody deletes while it is not in sync yet does not come back', () => {
    const world = settledPod('server');
    const change = { name: 'ntp.az-b.pod', type: 'A' as const, setIdentifier: 'i-new', ttlSeconds: 30, reason: '' };
    const comeInSync = world.zone.change([{ action: 'UPSERT', address: NEW, ...change }]);
    for (const record of world.zone.list()) if (record.setIdentifier === 'i-new') world.zone.remove(record);
    comeInSync();
    expect(world.zone.answers('ntp.az-b.pod')).toEqual([]);
    world.zone.change([{ action: 'UPSERT', address: NEW, ...change }])();
    expect(world.zone.answers('ntp.az-b.pod')).toEqual([NEW]);
  });

  it('a clock that follows nobody drifts, and its answers say how wrong it may be', () => {
    const world = settledPod('server');
    world.change('no upstream', () => {
      world.isInternetUp = false;
    });
    wait(world, 2 * 3600);
    const { errorMs, distanceMs, stratum } = world.reply('us-west-2a', OLD);
    expect(errorMs).toBeGreaterThan(5 * 5.5);
    expect(distanceMs).toBeGreaterThan(30 + errorMs);
    expect(stratum).toBe(3);
  });
});

describe('the cycle document of the model', () => {
  it.each(KINDS)('heals %s within 35 s and refuses a second run of its wave', (kind) => {
    const world = settledPod('server');
    replaceServer(world);
    wait(world, 31);
    const parameters = { records: `az-a=${NEW}`, force: false, coolDownSeconds: 600, waveId: 'tick-1-client' };
    const outcomes: string[] = [];
    const run = () =>
      cycleOnHost(world, host(world, `i-${kind}`), parameters, {
        acts: () => undefined,
        ended: ({ kind: verdict, reason }) => outcomes.push(`${verdict} ${reason}`),
      });
    run();
    wait(world, 35);
    expect(outcomes).toEqual([`cycled ${kind}`]);
    expect(row(world, `i-${kind}`, NEW)?.reach).toBeGreaterThan(0);
    run();
    wait(world, 2);
    expect(outcomes.at(-1)).toBe('nothing same-wave');
  });

  it('does nothing before the host’s resolver sees the name', () => {
    const world = settledPod('server', 900);
    const client = host(world, 'i-ntpsec');
    replaceServer(world);
    const outcomes: string[] = [];
    client.cache.set('ntp.az-a.pod', { addresses: [], untilMs: world.nowMs + 600_000 });
    const parameters = { records: `az-a=${NEW}`, force: false, coolDownSeconds: 600, waveId: 'tick-1-client' };
    cycleOnHost(world, client, parameters, {
      acts: () => outcomes.push('acted'),
      ended: ({ reason }) => outcomes.push(reason),
    });
    wait(world, 5);
    expect(outcomes).toEqual(['not-yet']);
  });
});

describe('what the model observes', () => {
  it.each(KINDS)('reads the same of %s when it goes through the text that a host prints', (kind) => {
    const world = settledPod('server');
    const surroundings = {
      pod: world.setting.pod,
      nowMs: world.nowMs,
      leap: 'none' as const,
      revision: '0123456789abcdef',
    };
    const direct = observe(host(world, `i-${kind}`), surroundings);
    const read = parseCollected(printed(direct));
    const shown = ({ tally, address, stratum, reach, pollSeconds, whenSeconds }: (typeof direct.sources)[number]) => ({
      tally,
      address,
      stratum,
      reach,
      pollSeconds,
      whenSeconds,
    });
    expect(read?.faults).toEqual([]);
    expect(read?.sources.map(shown)).toEqual(direct.sources.map(shown));
    expect(read?.daemon).toEqual(direct.daemon);
    expect(read?.ageSeconds).toBe(direct.ageSeconds);
    expect(read?.configNames).toEqual(direct.configNames);
    expect(read?.system?.leap).toBe('none');
    expect(read?.system?.stratum).toBe(direct.system?.stratum);
    const { driftPpm, driftSkewPpm, clockSource, kernelUnsynchronised, packetsReceived, packetsDropped } = direct;
    expect(read).toMatchObject({ driftSkewPpm, clockSource, kernelUnsynchronised, packetsReceived, packetsDropped });
    expect(read?.driftPpm ?? null).toBe(driftPpm === null ? null : Number(driftPpm.toFixed(6)));
  });
});
