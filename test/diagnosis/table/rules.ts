import { NOT_READ } from '../../../src/diagnosis/judgement.ts';
import { NOT_AS_IT_CAME } from '../../../src/fleet/printable.ts';
import { readTimeService, readUpstream } from '../../../src/fleet/sources.ts';
import { collected, POD, rowOfNtpdRs, server, source } from '../../builders/sightings.ts';
import { type Case, chrony, other, peer, WELL } from './case.ts';

const TIME_SERVICE = '169.254.169.123';
const FOLLOWED = [server('a', ['10.0.1.5']), server('b', ['10.0.2.5'])];
const UTC = readUpstream({ host: 'a.example', smear: 'utc' });

/** Heard by ntpd-rs, but for its last polls. */
const unanswered = (remote: string, unansweredPolls: number) => rowOfNtpdRs(remote, { unansweredPolls });

/** Nothing was looked at, or nothing of it can be read. */
export const SILENCES: readonly Case[] = [
  [
    'that SSM has no answer from',
    null,
    'unknown',
    'SSM has no answer from it (DeliveryTimedOut).',
    [],
    { status: 'DeliveryTimedOut' },
  ],
  [
    'whose answer is no answer',
    null,
    'unknown',
    'SSM says Success, but what came back is not what the collect document prints.',
    [],
  ],
  [
    'whose answer nobody read',
    null,
    'unknown',
    'its answer was not read: the time of the look was up.',
    [],
    { status: NOT_READ },
  ],
  [
    'of Windows',
    null,
    'unknown',
    'a Windows host, by SSM (InvalidPlatform): podtime reads Linux hosts alone.',
    [],
    { status: 'InvalidPlatform' },
  ],
  [
    'of a daemon that podtime does not read',
    collected({ daemon: { kind: 'openntpd', version: '6.2' }, sources: [], system: null }),
    'unknown',
    'runs OpenNTPD 6.2, which podtime does not read: nothing is known of its clock.',
    [],
  ],
];

/** NTS, and files that podtime does not serve. */
export const SERVED: readonly Case[] = [
  [
    'whose list of leap seconds is missing',
    collected({ leapFile: { path: '/usr/share/zoneinfo/leap-seconds.list', secondsLeft: 'missing' } }),
    'degraded',
    'its leap file /usr/share/zoneinfo/leap-seconds.list is missing: of leap seconds its daemon then knows what its servers announce, and no more.',
    [],
  ],
  [
    'whose NTS fails with an upstream',
    collected({
      ...chrony(),
      authentication: {
        authenticated: 1,
        unauthenticated: [{ name: 'a.example', attempts: 3, naks: 0, exchangedSecondsAgo: null }],
      },
    }),
    'degraded',
    "NTS fails with a.example (3 key exchanges failed, none ever worked): not followed, and not asked without. Its log says why: a certificate that expired, a clock outside of the certificate's time, or no way to TCP 4460, as a rule.",
    [],
  ],
  [
    'that asks an upstream whose certificate is near its end',
    collected({ certificates: [{ name: 'a.example', secondsLeft: 86_400, lifeSeconds: 90 * 86_400 }] }),
    'degraded',
    'the certificate of a.example ends in 24 h 0 min (limit 18 days): from then on NTS fails with it.',
    [],
  ],
  [
    'of a daemon that is served no file',
    collected({ configRevision: null }),
    'degraded',
    'no NTS in ntpd 4.2.8.',
    [],
    { context: { noFile: () => 'no NTS in ntpd 4.2.8.', expectedRevision: () => null } },
  ],
  [
    'that is to keep one time with others and hears none of them',
    collected({
      sources: [source('192.0.2.1', { tally: '*' }), source('192.0.2.2'), source('10.0.2.5', { tally: ' ', reach: 0 })],
    }),
    'degraded',
    'hears none of its 1 partner boundary server (10.0.2.5): without them it would keep a time of its own.',
    [],
    { isBoundary: true, context: { pod: { ...POD, together: true }, hosts: FOLLOWED } },
  ],
  [
    'that is to serve and runs a daemon that cannot',
    collected({ daemon: { kind: 'systemd-timesyncd', version: '252' }, configRevision: null }),
    'no-daemon',
    'systemd-timesyncd 252 serves nobody: no time server runs on this boundary server.',
    [],
    { isBoundary: true, context: { expectedRevision: () => null } },
  ],
];

/** What is told of a clock before its offset tells it, and of rows that are no news. */
export const REMARKS: readonly Case[] = [
  [
    'whose clock runs off its drift file',
    collected({ ageSeconds: 7200, driftPpm: 12.5, system: { frequencyPpm: 21 } }),
    'healthy',
    WELL,
    [
      'its clock runs 8.5 ppm off what its drift file remembers (21 ppm against 12.5 ppm, limit 5 ppm): its offset may follow.',
    ],
  ],
  [
    'whose kernel counts time by hpet',
    collected({ clockSource: 'hpet' }),
    'healthy',
    WELL,
    ['the kernel counts time by hpet, which it turns to where it has, or trusts, nothing better.'],
  ],
  [
    'whose kernel is not told',
    collected({ kernelUnsynchronised: true }),
    'healthy',
    WELL,
    [
      'the kernel takes its clock for unsynchronised, though ntpsec 1.2.2 is not: programs that ask the kernel are told so, and the daemon may not be allowed to steer it.',
    ],
  ],
  [
    'that drops packets',
    collected({ packetsReceived: 20_000, packetsDropped: 1500 }),
    'healthy',
    WELL,
    ['dropped 7.5 % of 20,000 packets since it started, as they came too often (limit 5 %).'],
  ],
  [
    'without an address of the family',
    collected({ sources: [peer(), other, source('fd00:ec2::123', { tally: ' ', reach: 0 })] }),
    'healthy',
    WELL,
    ['the AWS time service (fd00:ec2::123) cannot be heard: EC2 gives this host no IPv6 address.'],
    { addresses: { ipv4: '10.0.5.9', ipv6: [] } },
  ],
  [
    'whose daemon tells of unanswered polls alone',
    collected({
      daemon: { kind: 'ntpd-rs', version: '1.4.0' },
      sources: [unanswered('10.0.1.5', 0), unanswered('10.0.2.5', 0), unanswered('10.0.3.5', 3)],
      system: { offsetMs: null, refid: null, jitterMs: null, frequencyPpm: null },
    }),
    'healthy',
    'offset 0.02 ms (limit 50 ms), error bound 2.23 ms (limit 200 ms), 3 usable sources.',
    ['source 10.0.3.5 left its last 3 polls unanswered.'],
  ],
  [
    'whose daemon disregards a source, being too uncertain of it',
    collected({
      daemon: { kind: 'ntpd-rs', version: '1.4.0' },
      sources: [
        ...['10.0.1.5', '10.0.2.5'].map((remote) => unanswered(remote, 0)),
        // 2 x 100 + 204 / 4
        { ...unanswered('10.0.3.5', 0), delayMs: 204, uncertaintyMs: 100 },
      ],
      system: { offsetMs: null, refid: null, jitterMs: null, frequencyPpm: null, minimumAgreeing: 2 },
    }),
    'healthy',
    'offset 0.02 ms (limit 50 ms), error bound 2.23 ms (limit 200 ms), 2 usable sources.',
    ['ntpd-rs 1.4.0 disregards 10.0.3.5 (251 ms): uncertain by more than 250 ms.'],
  ],
  [
    'that prints what steers a terminal',
    collected({ faults: [{ line: 5, field: 'refid', text: '\\u{1b}[2J', reason: NOT_AS_IT_CAME }] }),
    'healthy',
    WELL,
    [`${NOT_AS_IT_CAME}.`],
  ],
];

const ADRIFT_BEFORE = { 'i-0c': ['offset', 'bound'] as const };

/** What a clock was over it leaves late; and around a leap second what is compared with another smear is not judged. */
export const LATE_AND_LEAP: readonly Case[] = [
  [
    'just below an offset that it was over',
    collected({ system: { offsetMs: 45 } }),
    'adrift',
    'offset 45 ms is not yet below 40 ms, 80 % of its limit of 50 ms, which it was over: the clock is behind its reference.',
    [],
    { context: { overBefore: ADRIFT_BEFORE } },
  ],
  [
    'just below a bound that it was over',
    collected({ system: { rootDispersionMs: 179.625 } }),
    'uncertain',
    'clock error bound 180 ms is not yet below 160 ms, 80 % of its limit of 200 ms, which it was over.',
    [],
    { context: { overBefore: ADRIFT_BEFORE } },
  ],
  ['well below both', collected(), 'healthy', WELL, [], { context: { overBefore: ADRIFT_BEFORE } }],
  [
    "that follows utc beside AWS's smear, a leap second being near",
    collected({ sources: [peer(), other, source(TIME_SERVICE, { tally: ' ', offsetMs: 499 })] }),
    'healthy',
    WELL,
    [
      "offset from the AWS time service 499 ms is over the limit of 50 ms: the clock is behind AWS's; not judged, since a leap second is near, which the two smear differently.",
    ],
    { context: { aroundLeap: { upstreams: [], timeService: readTimeService('reference') } } },
  ],
  [
    'that rejects the time service it follows beside utc, a leap second being near',
    collected({ sources: [peer(), other, source(TIME_SERVICE, { tally: 'x', offsetMs: 400 })] }),
    'healthy',
    WELL,
    [
      "offset from the AWS time service 400 ms is over the limit of 50 ms: the clock is behind AWS's; not judged, since a leap second is near, which the two smear differently.",
      `the AWS time service (${TIME_SERVICE}, offset 400 ms) stands apart from the sources that are followed; not judged, since a leap second is near, which they may smear differently.`,
    ],
    { context: { hosts: FOLLOWED, aroundLeap: { upstreams: [UTC], timeService: readTimeService('source') } } },
  ],
];
