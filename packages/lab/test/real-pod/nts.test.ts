import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { type ConfigFile, render } from '../../../../src/config/files.ts';
import type { Fleet, Pod } from '../../../../src/fleet/fleet.ts';
import { readUpstream } from '../../../../src/fleet/sources.ts';
import { write } from '../../../../test/builders/temporary-folder.ts';
import { CertificateAuthority } from '../../../../test/host/certificate-authority.ts';
import { type Launch, RealPod, type WholeHost } from './real-pod.ts';
import { because, clockSettings, DELAYS, eventually, here, host, NEWER, quickFleet, really } from './setup.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Upstreams: from when until when their certificates are valid, seconds from now; null: they have no NTS. */
const UPSTREAMS = {
  'good.example': [-HOUR, DAY],
  'expired.example': [-DAY, -HOUR],
  'plain-b.example': null,
  'plain-c.example': null,
} as const;
type Upstream = keyof typeof UPSTREAMS;

function fleetOf(names: readonly Upstream[], ntsRequired: boolean): Fleet {
  const fleet = quickFleet();
  const poll = fleet.timeService.poll;
  const upstreams = names.map((name) => ({ ...readUpstream({ host: name, nts: UPSTREAMS[name] !== null }), poll }));
  return { ...fleet, upstreams, ntsRequired };
}

const pod0 = ({ pods }: Fleet) => pods[0] as Pod;
const FLEET = fleetOf(Object.keys(UPSTREAMS) as Upstream[], false);

/** They boot by boot.sh, on what podtime serves boundary servers. */
const HONEST = [
  host('blue', 'boundary', 'b', 'chrony', 10),
  host('blue', 'boundary', 'c', 'ntpsec', 11),
  host('blue', 'boundary', 'd', 'ntpd-rs', 12),
  host('blue', 'boundary', 'b', 'chrony', 13, NEWER),
  host('blue', 'boundary', 'c', 'ntpsec', 14, NEWER),
];
/** Each has a clock of its own, which says that no certificate is valid yet. */
const WRONG = { ownClock: { aheadSeconds: -DAY } } as const;
const LATE_CHRONY = host('blue', 'boundary', 'b', 'chrony', 20, WRONG);
const LATE_OTHERS = [
  host('blue', 'boundary', 'c', 'ntpsec', 21, WRONG),
  host('blue', 'boundary', 'd', 'ntpd-rs', 22, WRONG),
];
const LATE = [LATE_CHRONY, ...LATE_OTHERS];

/** The same where NTS is required, on the file that podtime would serve them then. */
function whereRequired(launch: Launch, file: ConfigFile): Launch {
  const target = { fleet: fleetOf(['good.example'], true), pod: pod0(FLEET), tier: launch.tier, az: launch.az };
  return { ...launch, ...WRONG, boots: false, config: render(file, target).text };
}
const STRICT = [
  whereRequired(host('blue', 'boundary', 'b', 'chrony', 30), 'chrony.conf'),
  whereRequired(host('blue', 'boundary', 'c', 'ntpsec', 31), 'ntpsec.conf'),
];

const WHY =
  "Its log says why: a certificate that expired, a clock outside of the certificate's time, or no way to TCP 4460, as a rule.";
/** That and how often chrony tried. */
const failing = (...names: Upstream[]) =>
  new RegExp(
    String.raw`^NTS fails with ${names.map((name) => String.raw`${name}(?: \(\d+ key exchanges? failed, none ever worked\))?`).join(' and ')}: not followed, and not asked without\. ${WHY}$`,
  );
const WITHOUT_EXPIRED = failing('expired.example');
const WITHOUT_BOTH = failing('good.example', 'expired.example');
const WITHOUT_GOOD = failing('good.example');
/** The first upstream's, as the pod's resolver has it. */
const GOOD = ['192.0.2.60', '2001:db8:2::60'];

describe(`upstreams with NTS in a real pod${because}`, () => {
  let pod: RealPod;
  let clock: string;

  const rowsOf = async (launches: readonly Launch[]) => {
    const { hosts } = await pod.tick('blue');
    return launches.map(({ id }) => hosts.find(({ instanceId }) => instanceId === id));
  };
  const until = (what: string, launches: readonly Launch[], holds: (row: WholeHost, index: number) => boolean) =>
    eventually(
      what,
      90,
      () => rowsOf(launches),
      (rows) => rows.every((row, index) => row !== undefined && holds(row, index)),
    );
  const isWellBut = (failure: RegExp) => (row: WholeHost) =>
    row.confident && row.state === 'degraded' && failure.test(row.sentence);
  /** Of the host's own clock: how far it is ahead of this machine's, s, now and when its daemon was first started. */
  const clockOf = async ({ id }: Launch) => {
    const { stdout } = await pod.hosts.run(id, "date +%s; sed -n 's/^--- started at //p' /var/log/podtime-daemon.log");
    const [now = Number.NaN, started = Number.NaN] = stdout.split('\n').map(Number);
    return { now: now - Date.now() / 1000, started: started - Date.now() / 1000 };
  };
  /** Within minutes, which a test may take. */
  const about = (seconds: number) => expect.closeTo(seconds, -3);

  beforeAll(async () => {
    if (!here) return;
    clock = clockSettings();
    const authority = new CertificateAuthority(write({}));
    const certificates = Object.fromEntries(
      Object.entries(UPSTREAMS).flatMap(([name, valid]) =>
        valid === null ? [] : [[name, authority.issue(name, valid[0], valid[1])]],
      ),
    );
    pod = await RealPod.start({ fleet: FLEET, delays: DELAYS, nts: { authority, certificates } });
    await Promise.all([...HONEST, ...LATE, ...STRICT].map((launch) => pod.launch(launch)));
  }, 120_000);

  afterAll(() => pod?.close(), 60_000);

  really('each daemon follows who can be authenticated and who need not be, and an expired one is told', async () => {
    const rows = await until('confident but for the expired one', HONEST, isWellBut(WITHOUT_EXPIRED));
    expect(rows.map((row) => row?.remarks)).toEqual(HONEST.map(() => []));
  });

  really(
    'a clock that is wrong at boot is set by those without NTS, and podtime says whom it could not ask',
    async () => {
      const [chrony] = await until('chrony without NTS', [LATE_CHRONY], isWellBut(WITHOUT_BOTH));
      expect(chrony?.remarks).toEqual([]);
      expect(await Promise.all(LATE.map(clockOf))).toEqual(LATE.map(() => ({ now: about(0), started: about(-DAY) })));
    },
  );

  really('ntpsec and ntpd-rs then ask again by themselves, chrony when it is started anew', async () => {
    await until('NTS by themselves', LATE_OTHERS, isWellBut(WITHOUT_EXPIRED));
    await pod.hosts.restartDaemon(LATE_CHRONY.id);
    await until('NTS after a restart', [LATE_CHRONY], isWellBut(WITHOUT_EXPIRED));
  });

  really('where NTS is required it stays unset, and podtime says why; set by hand, it keeps time', async () => {
    const rows = await until('unsynchronised', STRICT, (row) => row.state === 'unsynchronised');
    for (const row of rows) {
      expect(row?.confident).toBe(false);
      expect(row?.remarks).toContainEqual(expect.stringMatching(WITHOUT_GOOD));
    }
    expect(await Promise.all(STRICT.map(clockOf))).toEqual(
      STRICT.map(() => ({ now: about(-DAY), started: about(-DAY) })),
    );
    for (const { id } of STRICT) {
      await pod.hosts.run(id, `date -s @${Math.round(Date.now() / 1000)}`);
      await pod.hosts.restartDaemon(id);
    }
    const followed = await eventually(
      'they follow it',
      60,
      () => Promise.all(STRICT.map(({ id }) => pod.hosts.get(id)?.query())),
      (seen) => seen.every((status) => status?.sources.some(({ isSystemPeer }) => isSystemPeer)),
    );
    const peers = followed.map((status) => status?.sources.find(({ isSystemPeer }) => isSystemPeer)?.address);
    expect(peers.filter((address) => !GOOD.includes(address ?? ''))).toEqual([]);
    for (const row of await rowsOf(STRICT))
      expect([row?.sentence, ...(row?.remarks ?? [])].join(' ')).not.toContain('NTS fails');
  });

  really("the machine's own clock is as it was", () => {
    expect(clockSettings()).toBe(clock);
  });
});
