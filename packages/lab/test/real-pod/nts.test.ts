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
/** Each has a clock of its own, two days behind: no certificate is valid yet, that of yesterday neither. */
const BEHIND = 2 * DAY;
const WRONG = { ownClock: { aheadSeconds: -BEHIND } } as const;
const LATE_CHRONIES = [
  host('blue', 'boundary', 'b', 'chrony', 20, WRONG),
  host('blue', 'boundary', 'b', 'chrony', 23, { ...WRONG, ...NEWER }),
];
/** Stepped, and without a drift file, ntpd measures its frequency for 300 s, the leap alarm set: here they take 15 s. */
const TRAINING = { ownClock: { aheadSeconds: -BEHIND, times: 20 } } as const;
const LATE_NTPSECS = [
  host('blue', 'boundary', 'c', 'ntpsec', 21, TRAINING),
  host('blue', 'boundary', 'c', 'ntpsec', 24, { ...TRAINING, ...NEWER }),
];
const LATE_NTPD_RS = host('blue', 'boundary', 'd', 'ntpd-rs', 22, WRONG);
const LATE = [...LATE_CHRONIES, ...LATE_NTPSECS, LATE_NTPD_RS];

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
/** Its row says `.STEP.` once it has stepped its clock. */
const STEPPED = /^expired\.example has not resolved, or NTS fails there: /;
/** How each daemon is asked, and tells that it hears the good one and has cookies of it. The type of ntpsec's row need not tell: decision 0035. */
const HEARD_BY_NTS: Record<string, [question: string, answer: RegExp]> = {
  chrony: [
    'chronyc -n -c authdata; chronyc -n -c sources',
    /^(?:192\.0\.2\.60|2001:db8:2::60),NTS,(?:[^,]*,){6}[78],[\s\S]*^\^,[*+-],(?:192\.0\.2\.60|2001:db8:2::60),/m,
  ],
  ntpsec: [
    'ntpq -pnw; ntpq -c "mrv &1 &$(ntpq -c associations | grep -c "^ *[0-9]") srcadr,ntscookies"',
    /^[*+-](?:192\.0\.2\.60|2001:db8:2::60) [\s\S]*srcadr=(?:192\.0\.2\.60|2001:db8:2::60), ntscookies=[78]$/m,
  ],
  'ntpd-rs': [
    'ntp-ctl -c /etc/ntpd-rs/ntp.toml status -f prometheus',
    /nts_cookies_available\{name="good\.example:4460",[^}]*\} [78]$/m,
  ],
};
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
  /** Confident, and that is said of it. */
  const isWellBut = (failure: RegExp) => (row: WholeHost) =>
    row.confident && row.state === 'degraded' && [row.sentence, ...row.remarks].some((text) => failure.test(text));
  /** Of the host's own clock: how far it is ahead of this machine's, s, now and when its daemon was first started. */
  const clockOf = async ({ id }: Launch) => {
    const { stdout } = await pod.hosts.run(id, "date +%s; sed -n 's/^--- started at //p' /var/log/podtime-daemon.log");
    const [now = Number.NaN, started = Number.NaN] = stdout.split('\n').map(Number);
    return { now: now - Date.now() / 1000, started: started - Date.now() / 1000 };
  };
  const isAuthenticated = async ({ id, daemon }: Launch) => {
    const [question, answer] = HEARD_BY_NTS[daemon] ?? ['', /$^/];
    return answer.test((await pod.hosts.run(id, question)).stdout);
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
    // boot has looked at what was served
    for (const row of rows)
      expect(row?.remarks).toContainEqual(
        expect.stringMatching(
          /^the certificate of expired\.example ended \d+ min ago: from then on NTS fails with it\.$/,
        ),
      );
  });

  really('a clock that is wrong at boot is set by those without NTS, and podtime says whom it cannot ask', async () => {
    // what chrony asked before it was set it asks again after minutes only: whether the good one was among these is chance
    const isTold = (row: WholeHost) =>
      row.confident && row.state === 'degraded' && /^NTS fails with (?:good|expired)\.example\b/.test(row.sentence);
    await until('chrony', LATE_CHRONIES, isTold);
    await until('ntpsec', LATE_NTPSECS, isWellBut(STEPPED));
    await until('ntpd-rs', [LATE_NTPD_RS], isWellBut(WITHOUT_EXPIRED));
    expect(await Promise.all(LATE.map(clockOf))).toEqual(LATE.map(() => ({ now: about(0), started: about(-BEHIND) })));
  });

  really('ntpsec and ntpd-rs then ask again with NTS by themselves, chrony when it is started anew', async () => {
    const bySelves = await Promise.all([...LATE_NTPSECS, LATE_NTPD_RS].map(isAuthenticated));
    expect(bySelves).toEqual([true, true, true]);
    await Promise.all(LATE_CHRONIES.map(({ id }) => pod.hosts.restartDaemon(id)));
    await until('chrony after a restart', LATE_CHRONIES, isWellBut(WITHOUT_EXPIRED));
    expect(await Promise.all(LATE_CHRONIES.map(isAuthenticated))).toEqual([true, true]);
  });

  really('where NTS is required it stays unset, and podtime says why; set by hand, it keeps time', async () => {
    const rows = await until('unsynchronised', STRICT, (row) => row.state === 'unsynchronised');
    for (const row of rows) {
      expect(row?.confident).toBe(false);
      expect(row?.remarks).toContainEqual(expect.stringMatching(WITHOUT_GOOD));
    }
    expect(await Promise.all(STRICT.map(clockOf))).toEqual(
      STRICT.map(() => ({ now: about(-BEHIND), started: about(-BEHIND) })),
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
