import { STATES } from '../diagnosis/judgement.ts';
import { SMEAR_CLASSES, TIERS } from '../fleet/fleet.ts';
import {
  BOOLEAN,
  described,
  either,
  exactly,
  INTEGER,
  list,
  NUMBER,
  type Of,
  object,
  oneOf,
  optional,
  type Schema,
  TEXT,
} from '../fleet/json-schema.ts';
import { LEAP_SIGNS } from '../fleet/leap-seconds.ts';
import { RUNNING_DAEMONS } from '../host/collected.ts';
import { MODES } from '../plan/plan.ts';
import { DAY_SCHEMA } from '../state/day.ts';
import { type HostVerdict, VERDICT_SCHEMA } from '../state/verdict.ts';
import { SOURCE } from './sources.ts';

/*
 * The report is written and read back by these schemas alone; docs/report.schema.json is made of them. Fields stand in the
 * order in which they are written.
 */

const FAILED: Schema<`${'failed: ' | 'perhaps sent: '}${string}`> = {
  type: 'string',
  pattern: '^(failed|perhaps sent): ',
};

const OUTCOME = described(
  'What came of it; `sent`: SSM took the command, and the verdicts say what came of that; `failed: ` and `perhaps sent: ` are followed by the reason',
  either(oneOf(['planned', 'done', 'sent', 'not done']), FAILED),
);

/*
 * A row of 10,000 stands for 450 bytes, and for 540 where all of them are adrift, so that a whole pod is one answer: what is not so, not
 * known, or follows from the rest is left out, and what rows have in common stands in tables. Decision 0063.
 */

const TEXT_OF_ROW = list(NUMBER);

const MEASURES = object({
  offsetMs: described('Signed, positive when the reference is ahead of this host', optional(NUMBER)),
  timeServiceOffsetMs: described("Signed offset from the AWS time service's row", optional(NUMBER)),
  errorBoundMs: described(
    'How wrong the clock may be: |offset| + root dispersion + root delay / 2, and what silence adds',
    optional(NUMBER),
  ),
  growthPpm: described(
    'How fast `errorBoundMs` grows while nobody is heard. Of a host in holdover alone',
    optional(NUMBER),
  ),
  horizonSeconds: described(
    'For how long `errorBoundMs` then stays within its limit; 0: it is over it. Of a host in holdover alone',
    optional(NUMBER),
  ),
  jitterMs: optional(NUMBER),
  delayMs: described("The system peer's delay", optional(NUMBER)),
  reachRatio: described('Polls heard of the last eight, over all polled sources: 0 to 1', optional(NUMBER)),
  reachableSources: described('Sources heard at least once in their last eight polls', optional(NUMBER)),
  usableSources: described(
    'Sources that are fresh, heard, selectable and below stratum 16; one by several addresses is one',
    optional(NUMBER),
  ),
  ageSeconds: described('Age of the daemon', optional(NUMBER)),
  frequencyPpm: described(
    'The correction that the daemon applies, signed: positive when the bare clock runs slow. Of a boundary server alone',
    optional(NUMBER),
  ),
  liesLeft: described(
    'Clocks among its usable sources that may lie without outvoting the others: floor((clocks - 1) / 2). Of a boundary server alone',
    optional(NUMBER),
  ),
  lossesLeft: described(
    'Clocks among them that may fall silent before too few are left for confidence. Of a boundary server alone',
    optional(NUMBER),
  ),
  packetsPerSecond: described(
    'Packets a second that the daemon receives, since the sighting before, or since it started where it was not seen before; of ntpd with the answers to its own polls. Of a boundary server alone',
    optional(NUMBER),
  ),
});

const STALE = object({
  rule: described(
    '`left-behind`: polls an address that no record holds. `unjoined`: polls none of the addresses of a name, now and in the report before',
    oneOf(['left-behind', 'unjoined']),
  ),
  names: described('The names of the zone that made it stale', list(TEXT)),
  addresses: described('The addresses that it should not poll (`left-behind`)', list(TEXT)),
  sentence: TEXT,
});

const HOST = object({
  instanceId: TEXT,
  tier: oneOf(TIERS),
  az: TEXT,
  addresses: list(TEXT),
  state: oneOf(STATES),
  sentence: described('Why it is in that state. Missing where it is healthy: `measures` say all', optional(TEXT)),
  cause: described(
    'What it has in common with others in that state, as a place in `texts`, counted from 0. Missing where it is healthy',
    optional(INTEGER),
  ),
  remarks: described(
    'Further things wrong, each a sentence: its place in `texts`, then the numbers that stand for each `#` of it, in order. Missing: none',
    optional(list(TEXT_OF_ROW)),
  ),
  confident: BOOLEAN,
  confidence: described(
    'Why it is not confident, written as a remark is. Missing where it is, and where `sentence` and `remarks` say all of it',
    optional(TEXT_OF_ROW),
  ),
  measures: described('What the host is judged by; missing where it did not say', MEASURES),
  stale: described(
    'Of a client that DNS has left behind: how, as a place in `staleness`, counted from 0. Missing: it is not',
    optional(INTEGER),
  ),
  unjoinedNames: described('Names of whose confident servers it polls none now. Missing: none', optional(list(TEXT))),
  unmanaged: described(
    "Polls no server of podtime's: counted, never touched. Missing: it does",
    optional(exactly(true)),
  ),
  leapAnnounced: described('Announces a leap second. Missing: it does not', optional(exactly(true))),
  polled: described(
    'What it polls, as places in `polledAddresses`, counted from 0. Missing: nothing, or it is not known',
    optional(list(INTEGER)),
  ),
  sources: described(
    'What it polls, as its daemon sees it. Of boundary servers, and of those that need somebody most; bounded. Missing: not told here',
    optional(list(SOURCE)),
  ),
  cycledSecondsAgo: described('By its own stamp. Missing: never', optional(NUMBER)),
});

const FEWEST = object({
  votes: described('The fewest that any of them has', INTEGER),
  hosts: described('How many have so few', INTEGER),
  instanceIds: described('Some of these', list(TEXT)),
});

const CLOCKS = object({
  skew: described(
    'The most by which any two clocks of the pod can differ, while of each the majority of sources is honest. Missing where fewer than two are known',
    optional(
      object({
        skewMs: described(
          'max(offset + e) - min(offset - e); e = root dispersion + root delay / 2, and what age adds',
          NUMBER,
        ),
        hosts: described('Over so many hosts, whose clocks are set and known', INTEGER),
        of: described('Of so many that run', INTEGER),
      }),
    ),
  ),
  contradicted: described(
    'Upstreams, and the time service, that boundary servers see apart from where their other sources agree: each a sentence',
    list(TEXT),
  ),
  unwitnessed: described(
    'Boundary servers that fewer clients compare with other sources than it takes to contradict one',
    list(TEXT),
  ),
  votes: described(
    'The fewest votes left in each tier, of the hosts whose sources are known. Missing where none are',
    optional(
      list(
        object({
          tier: oneOf(TIERS),
          hosts: described('Of so many they are known', INTEGER),
          liesLeft: described('Clocks that may lie without outvoting the others', FEWEST),
          lossesLeft: described('Clocks that may fall silent before too few are left for confidence', FEWEST),
        }),
      ),
    ),
  ),
});

const LEAP = object({
  second: described(
    'The leap second that most announced; remembered until it is over for a day. Missing: none',
    optional(
      object({
        atMs: described('Epoch ms; the midnight that ends its UTC month', NUMBER),
        sign: described('A second is put in, or taken out', oneOf(LEAP_SIGNS)),
      }),
    ),
  ),
  groups: described(
    'What hosts will do at the next leap second, of either sign: each a text for all of a tier that run one daemon',
    list(
      object({
        tier: oneOf(TIERS),
        daemon: oneOf(RUNNING_DAEMONS),
        follows: described('Smear classes of what they follow; none: that is not known', list(oneOf(SMEAR_CLASSES))),
        hosts: INTEGER,
        add: described('When a second is put in', TEXT),
        delete: described('When one is taken out', TEXT),
      }),
    ),
  ),
});

const CHANGE = object({
  action: oneOf(['UPSERT', 'DELETE']),
  name: TEXT,
  type: oneOf(['A', 'AAAA']),
  setIdentifier: described('The instance id: the mark of ownership', TEXT),
  address: TEXT,
  ttlSeconds: NUMBER,
  reason: TEXT,
  outcome: OUTCOME,
});

const CYCLE = object({
  tier: oneOf(TIERS),
  instanceIds: list(TEXT),
  maxConcurrency: described('Hosts at one time', NUMBER),
  maxErrors: described('SSM sends to no further host when more than so many failed', NUMBER),
  records: described('What DNS says: `az-b=10.0.1.5|fd00::5 az-c=…`', TEXT),
  force: BOOLEAN,
  coolDownSeconds: NUMBER,
  waveId: described('A host runs one wave once, forced or not', TEXT),
  reason: TEXT,
  commandIds: list(TEXT),
  outcome: OUTCOME,
});

const REFUSAL = object({
  rule: TEXT,
  count: described('How often, for one cause', INTEGER),
  subjects: described('Whom it is about, or some of them: hosts, names of records, or the pod', list(TEXT)),
  sentence: TEXT,
});

/** Raised by a change that older code would misread; `upgradeReport` then reads the version before. Decision 0046. */
export const REPORT_VERSION = 6;

/**
 * What a tick saw, did and refused, for people: written at its end. `…/status.json` is this with its sentences, in pages where a pod
 * is too large for one answer. Decision 0038, decision 0058.
 */
export const REPORT_SCHEMA = object({
  version: described('Of this schema. Code that finds a higher one changes nothing', exactly(REPORT_VERSION)),
  pod: TEXT,
  tickId: described("Names the tick in every command's comment and every log line", TEXT),
  startedAtMs: described('Epoch ms', NUMBER),
  endedAtMs: described('Epoch ms', NUMBER),
  mode: oneOf(MODES),
  dryRun: BOOLEAN,
  hosts: list(HOST),
  polledAddresses: described('Addresses that hosts poll, each once', list(TEXT)),
  staleness: described('How clients are left behind by DNS, said once for all that are so alike', list(STALE)),
  texts: described(
    'What rows say in common, each once: causes, and sentences with a `#` for each number of a host of its own',
    list(TEXT),
  ),
  summary: object({
    expected: NUMBER,
    sampled: NUMBER,
    confident: NUMBER,
    stale: NUMBER,
    unknown: NUMBER,
  }),
  clocks: described(
    'What the clocks of the pod say together. Missing where its hosts could not be read',
    optional(CLOCKS),
  ),
  leap: described(
    'What the hosts that answered will do at a leap second. Missing where they could not be read',
    optional(LEAP),
  ),
  changes: list(CHANGE),
  cycles: list(CYCLE),
  refusals: list(REFUSAL),
  verdicts: described('What hosts said that the last waves did not cycle', list(VERDICT_SCHEMA)),
  faults: described('Faults that cost a part of the tick, each a sentence', list(TEXT)),
  day: described(
    'The last 24 hours, oldest first, this tick the last. Missing: they are not known',
    optional(DAY_SCHEMA),
  ),
  collectCommandIds: described('SSM command ids of the collection, by which raw outputs are fetched', list(TEXT)),
});

export type Report = Of<typeof REPORT_SCHEMA>;
export type HostReport = Of<typeof HOST>;
export type TierVotes = NonNullable<NonNullable<Report['clocks']>['votes']>[number];
export type Staleness = Of<typeof STALE>;
/** Hosts, and the tables in which stands what many rows have in common. */
export type HostRows = Pick<Report, 'hosts' | 'polledAddresses' | 'staleness' | 'texts'>;
export type { HostVerdict };
export type RefusalReport = Of<typeof REFUSAL>;
export type Outcome = Of<typeof OUTCOME>;
