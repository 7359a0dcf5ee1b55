import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { RealPod, type WholeHost } from './real-pod.ts';
import { because, bringUp, clockSettings, DELAYS, eventually, here, host, pidOf, really, testFleet } from './setup.ts';
import { simulatedStory } from './simulated-cut.ts';
import { changed, changesOf, type Moment, SIGHTS, type Watch, watch } from './source-watch.ts';

/** The third upstream is cut; the liar is a fourth, followed only by who is judged to. */
const CUT = { name: 'us-west-2d.stratum-2.invalid', address: '192.0.2.62' };
const LIAR = { name: 'liar', addresses: ['192.0.2.77', '2001:db8:2::77'], stratum: 2 };
const SERVERS = [host('blue', 'boundary', 'b', 'ntpsec', 10), host('blue', 'boundary', 'c', 'chrony', 11)] as const;

const following = (...addresses: string[]) => ({
  boots: false,
  config: [
    ...['restrict default nomodify noquery', 'restrict 127.0.0.1', 'restrict ::1'],
    ...addresses.map((address) => `server ${address} iburst minpoll 3 maxpoll 3`),
    '',
  ].join('\n'),
});
/** chronyd's regression forgets samples as chance will, and with them how long an unheard source is trusted: not here. */
const chronyFollowing = (...addresses: string[]) => ({
  boots: false,
  config: [
    ...addresses.map((address) => `server ${address} iburst minpoll 3 maxpoll 3`),
    ...['minsamples 32', 'port 0', ''],
  ].join('\n'),
});
const WATCHED = host('blue', 'client', 'a', 'ntpsec', 110, following('192.0.2.60', '192.0.2.61', CUT.address));
const WATCHED_CHRONY = host(
  'blue',
  'client',
  'a',
  'chrony',
  115,
  chronyFollowing('192.0.2.60', '192.0.2.61', CUT.address),
);
const JUDGE = host('blue', 'client', 'a', 'ntpsec', 111, following('192.0.2.60', '192.0.2.61', '192.0.2.77'));
const STARTING = host('blue', 'client', 'a', 'ntpsec', 112, following('192.0.2.77'));
const DEAD_DAEMON = host('blue', 'client', 'b', 'ntpsec', 113);
const DEAD_AGENT = host('blue', 'client', 'c', 'chrony', 114);

describe(`what fails in a real pod, and what podtime says of it${because}`, () => {
  let pod: RealPod;
  let clock: string;
  /** Of ntpsec and of chrony. */
  let watches: Watch[] = [];
  const ntpsec = () => watches[0] as Watch;

  /** All that podtime said of the watched host, report by report. */
  const statesSeen: string[] = [];
  const judged = async (id: string): Promise<WholeHost | undefined> => {
    const { hosts } = await pod.tick('blue');
    const judged = hosts.find(({ instanceId }) => instanceId === WATCHED.id);
    if (judged) statesSeen.push([judged.sentence, ...judged.remarks].join(' '));
    return hosts.find(({ instanceId }) => instanceId === id);
  };
  const cyclesOf = (id: string) =>
    pod.endpoint
      .commands()
      .filter(({ document }) => document === 'podtime-local-cycle')
      .filter(({ invocations }) => invocations.some(({ instanceId }) => instanceId === id));

  const bothShow = (sight: keyof typeof SIGHTS, withinSeconds: number) =>
    eventually(
      sight,
      withinSeconds,
      () => watches.map((each) => ({ daemon: each.daemon, moment: each.last() })),
      (seen) => seen.every(({ daemon, moment }) => moment !== undefined && SIGHTS[sight](daemon, moment)),
    );
  const momentsOf = (watched: Watch, from = 0, to?: number) => watched.moments.slice(from, to);
  /** Takes three minutes and more, in which the other tests go on: cut when the registers are full, restored when they are empty. */
  const cutAndRestore = async () => {
    await bothShow('full', 150);
    await pod.hosts.cut(CUT.name);
    const cutAt = ntpsec().moments.length - 1;
    await bothShow('empty', 200);
    const empty = await eventually(
      'degraded',
      40,
      () => judged(WATCHED.id),
      (seen) => seen?.state === 'degraded',
    );
    await pod.hosts.mend(CUT.name);
    const mendedAt = ntpsec().moments.length - 1;
    await bothShow('again', 300);
    return {
      empty: empty?.sentence,
      decay: changed(momentsOf(ntpsec(), cutAt, mendedAt + 1)),
      return: changed(momentsOf(ntpsec(), mendedAt), RETURN),
      ntpsec: momentsOf(ntpsec()),
      chrony: momentsOf(watches[1] as Watch),
    };
  };
  let story: ReturnType<typeof cutAndRestore>;

  beforeAll(async () => {
    if (!here) return;
    clock = clockSettings();
    pod = await RealPod.start({ fleet: testFleet(), delays: DELAYS });
    await pod.hosts.addExternalServer(LIAR);
    watches = await Promise.all(
      [WATCHED, WATCHED_CHRONY].map(async (launch) => {
        await pod.launch(launch);
        return watch(pod, launch.id, CUT.address);
      }),
    );
    story = cutAndRestore();
    // it is awaited by its test
    story.catch(() => {});
    await bringUp(pod, SERVERS, [JUDGE, DEAD_DAEMON, DEAD_AGENT]);
  }, 120_000);

  afterAll(async () => {
    await Promise.all(watches.map((each) => each.stop()));
    await pod?.close();
  }, 60_000);

  really('a dead daemon is judged as no daemon, and is not started', async () => {
    await eventually(
      'the daemon is seen',
      60,
      () => judged(DEAD_DAEMON.id),
      (seen) => (seen?.polled.length ?? 0) > 0,
    );
    await pod.hosts.stopDaemon(DEAD_DAEMON.id);
    const seen = await eventually(
      'no daemon',
      30,
      () => judged(DEAD_DAEMON.id),
      (each) => each?.state === 'no-daemon',
    );
    expect(seen?.sentence).toMatch(/no time daemon|no daemon/i);
    await pod.tick('blue');
    const status = await pod.hosts.run(DEAD_DAEMON.id, 'service ntpsec status');
    expect({ status, cycles: cyclesOf(DEAD_DAEMON.id).length }).toEqual({
      status: { exitCode: 3, stdout: 'inactive\n', stderr: '', timedOut: false },
      cycles: 0,
    });
  });

  really('a dead agent is unknown, and its host is not touched', async () => {
    await eventually(
      'the agent answers',
      60,
      () => judged(DEAD_AGENT.id),
      (seen) => (seen?.polled.length ?? 0) > 0,
    );
    const pid = await pidOf(pod, DEAD_AGENT.id);
    pod.hosts.killAgent(DEAD_AGENT.id);
    const seen = await eventually(
      'unknown',
      60,
      () => judged(DEAD_AGENT.id),
      (each) => each?.state === 'unknown',
    );
    expect(seen).toMatchObject({ state: 'unknown', stale: null, confident: false });
    expect({ pid: await pidOf(pod, DEAD_AGENT.id), cycles: cyclesOf(DEAD_AGENT.id).length }).toEqual({
      pid,
      cycles: 0,
    });
    pod.endpoint.instances.terminate(DEAD_AGENT.id);
    await pod.hosts.remove(DEAD_AGENT.id);
  });

  really('of three upstreams one that begins to lie becomes a falseticker, and is named', async () => {
    await eventually(
      'all three heard',
      90,
      () => judged(JUDGE.id),
      (seen) => seen?.measures.reachableSources === 3,
    );
    await pod.hosts.drift(LIAR.name, 3500);
    const seen = await eventually(
      'a falseticker',
      120,
      () => judged(JUDGE.id),
      (each) => each?.remarks.some((remark) => remark.includes('falseticker')) ?? false,
      2,
    );
    const remark = seen?.remarks.find((line) => line.includes('falseticker'));
    expect(remark).toMatch(/^1 falseticker: 192\.0\.2\.77 \(offset 3[45]\d\d(\.\d+)? ms\)\.$/);
  });

  really('a server 3.5 s off makes a starting daemon show .STEP., and podtime calls it starting', async () => {
    await pod.launch(STARTING);
    const moments: string[] = [];
    const seen = await eventually(
      'a refid .STEP. while podtime says starting',
      50,
      async () => {
        const [{ stdout }, report] = await Promise.all([pod.hosts.run(STARTING.id, 'ntpq -pn'), judged(STARTING.id)]);
        moments.push(stdout.split('\n').at(2) ?? '');
        return { stepped: moments.some((row) => row.includes('.STEP.')), state: report?.state, moments };
      },
      ({ stepped, state }) => stepped && state !== undefined,
    );
    expect(seen.state).toBe('starting');
  });

  really(
    'an upstream cut: its reach decays as 377, 376, 374 ... 0, and podtime says so; restored, it fills again',
    async () => {
      const lived = await story;
      expect(lived.decay).toEqual(['377', '376', '374', '370', '360', '340', '300', '200', '0']);
      expect(lived.empty).toBe(`source ${CUT.address} heard 0 of its last 8 polls.`);
      expect(lived.return.slice(0, RETURN.length)).toEqual(RETURN);
      // from full to empty: what was said before the register was full, and after the way was open again, is of no matter here
      const heard = statesSeen
        .flatMap((each) => /192\.0\.2\.62 heard (\d) of its last 8 polls/.exec(each)?.[1] ?? [])
        .map(Number);
      const decay = heard.slice(0, heard.indexOf(0) + 1);
      const falling = decay.slice(decay.lastIndexOf(Math.max(...decay)));
      expect(new Set(falling).size).toBeGreaterThan(2);
      expect(falling).toEqual(falling.toSorted((one, other) => other - one));
    },
    800_000,
  );

  for (const { daemon, config } of [WATCHED, WATCHED_CHRONY]) {
    really(
      `the simulated ${daemon} tells the same story: the same states in the same order, read the same`,
      async () => {
        const kind = daemon === 'chrony' ? 'chrony' : 'ntpsec';
        const whole = [
          (await story)[kind],
          await simulatedStory({ daemon: kind, config: config as string, remote: CUT.address }),
        ];
        // chrony is answered at once: whether it can be looked at before is chance
        const [real = [], simulated = []] = kind === 'chrony' ? whole.map(fromFirstHeard) : whole;
        // either may have heard more polls by the time that it believes the source again
        const simulatedSteps = changed(simulated);
        const steps = [simulatedSteps, changed((await story)[kind], simulatedSteps)];
        const shared = Math.min(...steps.map(({ length }) => length));
        const [expected, seen] = steps.map((each) => each.slice(0, shared));
        expect(seen).toEqual(expected);
        for (const column of ['state', 'system'] as const)
          expect(changesOf(simulated.map((each) => each[column]))).toEqual(changesOf(real.map((each) => each[column])));
        expect([...real, ...simulated].flatMap(({ faults }) => faults)).toEqual([]);
      },
      800_000,
    );
  }

  really("the machine's own clock is as it was", () => {
    expect(clockSettings()).toBe(clock);
  });
});

/** A register that fills again. */
const RETURN = ['0', '1', '3', '7', '17'];

function fromFirstHeard(moments: readonly Moment[]): Moment[] {
  return moments.slice(moments.findIndex(({ reach }) => reach > 0));
}
