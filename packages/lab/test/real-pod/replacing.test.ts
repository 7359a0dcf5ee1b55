import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { type ConfigFile, render } from '../../../../src/config/files.ts';
import { faultsIn } from '../../../../test/config/daemon-log.ts';
import type { DaemonSource } from '../../src/real/daemon-status.ts';
import { type Launch, RealPod, type WholeReport } from './real-pod.ts';
import {
  because,
  bringUp,
  clockSettings,
  DELAYS,
  eventually,
  here,
  host,
  NEWER,
  nameOf,
  pidOf,
  really,
  sourcesOf,
  stratumOf,
  testFleet,
} from './setup.ts';

const OLD = host('blue', 'boundary', 'b', 'ntpsec', 10);
const STAYS = host('blue', 'boundary', 'c', 'chrony', 11);
const NEW = host('blue', 'boundary', 'b', 'ntpsec', 20, NEWER);
/** In an AZ that had none. */
const FIRST = host('blue', 'boundary', 'd', 'chrony', 12, NEWER);

const fleet = testFleet();
/** The file that podtime serves the host, changed by hand. */
const byHand = (launched: Launch, file: ConfigFile, change: (line: string) => string[]): Partial<Launch> => ({
  boots: false,
  config: render(file, { fleet, pod: fleet.pods[0] as never, tier: launched.tier, az: launched.az })
    .text.split('\n')
    .flatMap(change)
    .join('\n'),
});
const withoutNames =
  (...letters: string[]) =>
  (line: string) =>
    letters.some((letter) => line.includes(nameOf('blue', letter))) ? [] : [line];
const POLLS = 'minpoll 3 maxpoll 3';
const shorter = (launched: Launch, more: string[] = []): Launch => {
  const file = launched.daemon === 'chrony' ? 'chrony.conf' : 'ntpsec.conf';
  const without = withoutNames('b', 'd');
  return {
    ...launched,
    ...byHand(launched, file, (line) => (line.startsWith('# end') ? [...more, line] : without(line))),
  };
};

const FOLLOWING = [
  host('blue', 'client', 'a', 'ntpsec', 101),
  host('blue', 'client', 'b', 'ntpsec', 102),
  host('blue', 'client', 'b', 'chrony', 103),
  host('blue', 'client', 'c', 'chrony', 104, NEWER),
  host('blue', 'client', 'c', 'ntpsec', 105, NEWER),
  host('blue', 'client', 'd', 'ntpsec', 106),
];
/** Left behind in az-d alone: of that name its resolver knows that there is none. */
const WITHOUT_B: Launch = (() => {
  const launched = host('blue', 'client', 'a', 'ntpsec', 102);
  return { ...launched, ...byHand(launched, 'ntpsec.conf', withoutNames('b')) };
})();
const LEFT_BEHIND = [...FOLLOWING, WITHOUT_B];
/** Two hosts in ten of the clients' eleven. */
const WAVE = 2;
/** Who follows something else besides, or less: not left behind, whatever happens in az-b. */
const OTHERS = {
  'a shorter list of names': shorter(host('blue', 'client', 'a', 'ntpsec', 110)),
  'a server added by hand': shorter(host('blue', 'client', 'a', 'ntpsec', 111), [`server 10.20.7.7 iburst ${POLLS}`]),
  'a symmetric peer': shorter(host('blue', 'client', 'a', 'chrony', 112), [`peer 10.20.1.110 ${POLLS}`]),
  'a reference clock': shorter(host('blue', 'client', 'a', 'ntpsec', 113), [
    'server 127.127.1.0',
    'fudge 127.127.1.0 stratum 14',
  ]),
};
const GREEN = [
  host('green', 'boundary', 'b', 'ntpsec', 10),
  host('green', 'boundary', 'c', 'chrony', 11),
  host('green', 'client', 'a', 'ntpsec', 101),
];

describe(`a boundary server replaced under a new address${because}`, () => {
  let pod: RealPod;
  let clock: string;
  const pids = new Map<string, string>();
  /** Every report of blue that was seen. */
  const reports: WholeReport[] = [];

  const cycles = () =>
    pod.endpoint
      .commands()
      .filter(({ document }) => document === 'podtime-local-cycle')
      .toSorted((a, b) => a.requestedAtMs - b.requestedAtMs);
  const verdictsOf = (id: string) =>
    cycles().flatMap(({ invocations }) =>
      invocations
        .filter(({ instanceId }) => instanceId === id)
        .flatMap(({ stdout }) => /^verdict (.*)$/m.exec(stdout)?.[1] ?? []),
    );
  const tick = async () => {
    const report = await pod.tick('blue');
    reports.push(report);
    return report;
  };
  const restarted = async (launches: readonly Launch[]) => {
    const now = await Promise.all(launches.map(({ id }) => pidOf(pod, id)));
    return launches.filter(({ id }, at) => now[at] !== pids.get(id)).map(({ name }) => name);
  };
  const heardOf = async ({ id }: Launch) =>
    (await sourcesOf(pod, id)).filter(({ reach }) => reach > 0).map(({ address }) => address);
  const isHeard = (heard: string[], server: Launch) => heard.includes(server.ipv4) || heard.includes(server.ipv6 ?? '');

  beforeAll(async () => {
    if (!here) return;
    clock = clockSettings();
    pod = await RealPod.start({ fleet, delays: DELAYS });
    const [greenB, greenC, greenClient] = GREEN as [Launch, Launch, Launch];
    await bringUp(pod, [OLD, STAYS, greenB, greenC], [...LEFT_BEHIND, ...Object.values(OTHERS), greenClient]);
  }, 180_000);

  afterAll(() => pod?.close(), 60_000);

  really('names without records harm nothing, on each daemon', async () => {
    const clients = [...FOLLOWING, GREEN[2] as Launch];
    await eventually(
      'Stratum 4 with two boundary servers heard',
      90,
      async () => ({
        strata: await Promise.all(clients.map(({ id }) => stratumOf(pod, id))),
        heard: await Promise.all(FOLLOWING.map(heardOf)),
      }),
      ({ strata, heard }) =>
        strata.every((stratum) => stratum === 4) && heard.every((each) => isHeard(each, OLD) && isHeard(each, STAYS)),
    );
    for (const { id } of clients) {
      const { stdout } = await pod.hosts.run(id, 'cat /var/log/podtime-daemon.log');
      expect({ id, faults: faultsIn(stdout) }).toEqual({ id, faults: [] });
    }
    await eventually(
      'healthy, and nobody stale',
      60,
      tick,
      ({ hosts }) =>
        hosts.filter(({ tier }) => tier === 'boundary').every(({ confident }) => confident) &&
        FOLLOWING.every(({ id }) => hosts.find(({ instanceId }) => instanceId === id)?.state === 'healthy'),
      2,
    );
    for (const { id } of [...LEFT_BEHIND, ...Object.values(OTHERS), ...GREEN]) pids.set(id, await pidOf(pod, id));
  });

  really(
    'a resolver that holds the old answer, or the negative one: cycle says "not yet" and restarts nothing',
    async () => {
      const [asker] = FOLLOWING as [Launch];
      const names = ['a', 'b', 'c', 'd'].map((letter) => nameOf('blue', letter));
      const resolved = await pod.hosts.run(asker.id, `for name in ${names.join(' ')}; do getent ahosts $name; done`);
      expect(resolved.stdout).toContain(OLD.ipv4);
      await pod.dns('blue').hold();

      await pod.terminate(OLD.id);
      await Promise.all([pod.launch(NEW), pod.launch(FIRST)]);
      await eventually(
        'DNS has the new servers and the old one no more',
        60,
        () => ['b', 'd'].map((letter) => pod.served('blue', nameOf('blue', letter))),
        ([b = [], d = []]) => b.length === 2 && b.includes(NEW.ipv4) && d.includes(FIRST.ipv4),
      );
      const notYet = (letter: string) => `nothing not-yet ${nameOf('blue', letter)}`;
      await eventually(
        'hosts were to be cycled for either name and would not',
        100,
        async () => {
          await tick();
          return { old: verdictsOf(asker.id), negative: verdictsOf(WITHOUT_B.id) };
        },
        ({ old, negative }) => old.includes(notYet('b')) && negative.includes(notYet('d')),
        2,
      );
      const all = LEFT_BEHIND.flatMap(({ id }) => verdictsOf(id));
      expect(
        all.filter((verdict) => !/^nothing (not-yet ntp\.az-[bd]\.pod|cool-down \d+|already-right)$/.test(verdict)),
      ).toEqual([]);
      expect(await restarted([...LEFT_BEHIND, ...Object.values(OTHERS)])).toEqual([]);
    },
    180_000,
  );

  really(
    'exactly the clients left behind are cycled, in waves, and each follows the new servers',
    async () => {
      await pod.dns('blue').release();
      await pod.dns('blue').flush();
      const before = cycles().length;
      await eventually(
        'each hears both new servers',
        180,
        async () => {
          await tick();
          return Promise.all(LEFT_BEHIND.map(heardOf));
        },
        (heard) =>
          heard.every(
            (each, at) =>
              isHeard(each, NEW) === (LEFT_BEHIND[at] !== WITHOUT_B) && isHeard(each, FIRST) && isHeard(each, STAYS),
          ),
        2,
      );
      const following = new Set(LEFT_BEHIND.map(({ id }) => id));
      const sent = cycles().slice(before);
      const ids = sent.map(({ invocations }) => invocations.map(({ instanceId }) => instanceId));
      expect(ids.flat().filter((id) => !following.has(id))).toEqual([]);
      for (const wave of ids) expect(wave.length).toBeLessThanOrEqual(WAVE);
      expect(ids.length).toBeGreaterThan(1);
      // chrony may have joined by itself before its turn came
      const restartedOnes = LEFT_BEHIND.filter(({ daemon }) => daemon === 'ntpsec');
      await eventually(
        'each ntpsec says that it was cycled',
        90,
        () => restartedOnes.map(({ name, id }) => ({ name, verdicts: verdictsOf(id) })),
        (told) => told.every(({ verdicts }) => verdicts.some((verdict) => verdict.startsWith('cycled ntpsec in '))),
      );
      const settled = await eventually('nobody stale', 60, tick, ({ summary }) => summary.stale === 0, 2);
      expect(settled.hosts.find(({ instanceId }) => instanceId === OLD.id)).toBeUndefined();
      await eventually(
        'the new servers, of newer daemons, are confident',
        60,
        async () => (await tick()).hosts.filter(({ instanceId }) => [NEW.id, FIRST.id].includes(instanceId)),
        (seen) => seen.length === 2 && seen.every(({ confident, state }) => confident && state === 'healthy'),
        2,
      );
    },
    300_000,
  );

  really('a name that had no record is joined by ntpsec after podtime cycled it, by chrony too', async () => {
    for (const client of FOLLOWING) {
      const heard = await heardOf(client);
      expect({ name: client.name, joined: isHeard(heard, FIRST) }).toEqual({ name: client.name, joined: true });
    }
    const [ntpsec] = FOLLOWING as [Launch];
    expect(await restarted([ntpsec])).toEqual([ntpsec.name]);
  });

  really(
    'hosts with servers by hand, symmetric peers, reference clocks or a shorter list are not called stale',
    async () => {
      for (const [what, { id }] of Object.entries(OTHERS)) {
        const judged = reports.flatMap(({ hosts }) => hosts.filter(({ instanceId }) => instanceId === id));
        expect(judged.length).toBeGreaterThan(3);
        expect({ what, stale: judged.flatMap(({ stale }) => stale?.sentence ?? []) }).toEqual({ what, stale: [] });
      }
      const own: [keyof typeof OTHERS, Pick<DaemonSource, 'kind' | 'address'>][] = [
        ['a server added by hand', { kind: 'server', address: '10.20.7.7' }],
        ['a symmetric peer', { kind: 'peer', address: '10.20.1.110' }],
        ['a reference clock', { kind: 'clock', address: '127.127.1.0' }],
      ];
      for (const [what, added] of own) {
        const { id } = OTHERS[what];
        await eventually(
          what,
          20,
          () => sourcesOf(pod, id),
          (seen) => seen.some(({ kind, address }) => kind === added.kind && address === added.address),
        );
      }
      expect(await restarted(Object.values(OTHERS))).toEqual([]);
    },
  );

  really('a second pod sees nothing of it', async () => {
    const report = await pod.tick('green');
    const client = report.hosts.find(({ instanceId }) => instanceId === GREEN[2]?.id);
    expect({ stale: client?.stale, changes: report.changes, cycles: report.cycles }).toEqual({
      stale: null,
      changes: [],
      cycles: [],
    });
    expect(
      cycles().filter(({ invocations }) =>
        invocations.some(({ instanceId }) => GREEN.some(({ id }) => id === instanceId)),
      ),
    ).toEqual([]);
    expect(await restarted(GREEN)).toEqual([]);
    // and its resolver does not know the other's names
    const asked = await pod.hosts.run((GREEN[2] as Launch).id, `getent ahosts ${nameOf('blue', 'c')}`);
    expect({ status: asked.exitCode, found: asked.stdout }).toEqual({ status: 2, found: '' });
  });

  really("the machine's own clock is as it was", () => {
    expect(clockSettings()).toBe(clock);
  });
});
