import * as z from 'zod/mini';
import { STATES } from '../diagnosis/judgement.ts';
import { described } from '../fleet/described.ts';
import { TIERS } from '../fleet/fleet.ts';
import { MODES } from '../plan/plan.ts';
import { type HostVerdict, VERDICT_SCHEMA } from '../state/verdict.ts';

/*
 * The report is written and read back by these schemas alone; docs/report.schema.json is made of them. Fields stand in the
 * order in which they are written.
 */

const OUTCOME = described(
  'What came of it; `sent`: SSM took the command, and the verdicts say what came of that; `failed: ` and `perhaps sent: ` are followed by the reason',
  z.union([
    z.enum(['planned', 'done', 'sent', 'not done']),
    z.templateLiteral([z.enum(['failed: ', 'perhaps sent: ']), z.string()]),
  ]),
);

/*
 * A row of 10,000 stands for 450 bytes at the most, so that a whole pod is one answer: what is not so, not known, or follows from
 * the rest is left out. Decision 0063.
 */

const MEASURES = z.object({
  offsetMs: described('Signed, positive when the reference is ahead of this host', z.optional(z.number())),
  timeServiceOffsetMs: described("Signed offset from the AWS time service's row", z.optional(z.number())),
  errorBoundMs: described('|offset| + root dispersion + root delay / 2', z.optional(z.number())),
  jitterMs: z.optional(z.number()),
  delayMs: described("The system peer's delay", z.optional(z.number())),
  reachRatio: described('Polls heard of the last eight, over all polled sources: 0 to 1', z.optional(z.number())),
  reachableSources: described('Sources heard at least once in their last eight polls', z.optional(z.number())),
  usableSources: described('Sources that are heard, selectable and below stratum 16', z.optional(z.number())),
  ageSeconds: described('Age of the daemon', z.optional(z.number())),
});

const STALE = z.object({
  rule: described(
    '`left-behind`: polls an address that no record holds. `unjoined`: polls none of the addresses of a name, now and in the report before',
    z.enum(['left-behind', 'unjoined']),
  ),
  names: described('The names of the zone that made it stale', z.array(z.string())),
  addresses: described('The addresses that it should not poll (`left-behind`)', z.array(z.string())),
  sentence: z.string(),
});

const HOST = z.object({
  instanceId: z.string(),
  tier: z.enum(TIERS),
  az: z.string(),
  addresses: z.array(z.string()),
  state: z.enum(STATES),
  sentence: described(
    'Why it is in that state. Missing where it is healthy: `measures` say all',
    z.optional(z.string()),
  ),
  cause: described(
    'What it has in common with others in that state: equal texts are one cause. Missing where it is healthy',
    z.optional(z.string()),
  ),
  remarks: described('Further things wrong, each a sentence. Missing: none', z.optional(z.array(z.string()))),
  confident: z.boolean(),
  confidence: described(
    'Why it is not confident. Missing where it is, and where `sentence` is the reason',
    z.optional(z.string()),
  ),
  measures: described('What the host is judged by; missing where it did not say', MEASURES),
  stale: described('Of a client that DNS has left behind. Missing: it is not', z.optional(STALE)),
  unjoinedNames: described(
    'Names of whose confident servers it polls none now. Missing: none',
    z.optional(z.array(z.string())),
  ),
  unmanaged: described(
    "Polls no server of podtime's: counted, never touched. Missing: it does",
    z.optional(z.literal(true)),
  ),
  leapAnnounced: described('Announces a leap second. Missing: it does not', z.optional(z.literal(true))),
  polled: described(
    'What it polls, as places in `polledAddresses`, counted from 0. Missing: nothing, or it is not known',
    z.optional(z.array(z.int())),
  ),
  cycledSecondsAgo: described('By its own stamp. Missing: never', z.optional(z.number())),
});

const CHANGE = z.object({
  action: z.enum(['UPSERT', 'DELETE']),
  name: z.string(),
  type: z.enum(['A', 'AAAA']),
  setIdentifier: described('The instance id: the mark of ownership', z.string()),
  address: z.string(),
  ttlSeconds: z.number(),
  reason: z.string(),
  outcome: OUTCOME,
});

const CYCLE = z.object({
  tier: z.enum(TIERS),
  instanceIds: z.array(z.string()),
  maxConcurrency: described('Hosts at one time', z.number()),
  maxErrors: described('SSM sends to no further host when more than so many failed', z.number()),
  records: described('What DNS says: `az-b=10.0.1.5|fd00::5 az-c=…`', z.string()),
  force: z.boolean(),
  coolDownSeconds: z.number(),
  waveId: described('A host runs one wave once, forced or not', z.string()),
  reason: z.string(),
  commandIds: z.array(z.string()),
  outcome: OUTCOME,
});

const REFUSAL = z.object({
  rule: z.string(),
  count: described('How often, for one cause', z.int()),
  subjects: described('Whom it is about, or some of them: hosts, names of records, or the pod', z.array(z.string())),
  sentence: z.string(),
});

/** Raised by a change that older code would misread; `upgradeReport` then reads the version before. Decision 0046. */
export const REPORT_VERSION = 4;

/**
 * What a tick saw, did and refused, for people: written at its end. `…/status.json` is this with its sentences, in pages where a pod
 * is too large for one answer. Decision 0038, decision 0058.
 */
export const REPORT_SCHEMA = z.object({
  version: described('Of this schema. Code that finds a higher one changes nothing', z.literal(REPORT_VERSION)),
  pod: z.string(),
  tickId: described("Names the tick in every command's comment and every log line", z.string()),
  startedAtMs: described('Epoch ms', z.number()),
  endedAtMs: described('Epoch ms', z.number()),
  mode: z.enum(MODES),
  dryRun: z.boolean(),
  hosts: z.array(HOST),
  polledAddresses: described('Addresses that hosts poll, each once', z.array(z.string())),
  summary: z.object({
    expected: z.number(),
    sampled: z.number(),
    confident: z.number(),
    stale: z.number(),
    unknown: z.number(),
  }),
  changes: z.array(CHANGE),
  cycles: z.array(CYCLE),
  refusals: z.array(REFUSAL),
  verdicts: described('What hosts said that the last waves did not cycle', z.array(VERDICT_SCHEMA)),
  faults: described('Faults that cost a part of the tick, each a sentence', z.array(z.string())),
  collectCommandIds: described(
    'SSM command ids of the collection, by which raw outputs are fetched',
    z.array(z.string()),
  ),
});

export type Report = z.infer<typeof REPORT_SCHEMA>;
export type HostReport = z.infer<typeof HOST>;
export type { HostVerdict };
export type RefusalReport = z.infer<typeof REFUSAL>;
export type Outcome = z.infer<typeof OUTCOME>;
