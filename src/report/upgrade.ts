/** A report as it was stored: nothing of it is checked yet. */
export type StoredReport = Record<string, unknown>;

/** A tick of version 1 ran for so long at the most: the watchdog's function was given 180 s. */
const LONGEST_TICK_MS = 180_000;

/** A report of an older version as one of the version that this code writes. */
export function upgradeReport(stored: StoredReport): StoredReport {
  return upgradeSecond(stored.version === 1 ? upgradeFirst(stored) : stored);
}

/**
 * A report of version 2 as one of version 3. Whatever is not as version 2 has it is left for the reader to find.
 *
 * | version 2                                    | version 3 |
 * | -------------------------------------------- | --------- |
 * | of a host what is not so, not known, or follows from the rest | left out |
 * | addresses that a host polls                  | their places in `polledAddresses` |
 * | a refusal, a verdict for each host           | with how many and whom it is about: one |
 */
function upgradeSecond(stored: StoredReport): StoredReport {
  const { hosts, refusals, verdicts } = stored;
  const polledAddresses: unknown[] = [];
  return {
    ...stored,
    version: 3,
    hosts: Array.isArray(hosts) ? hosts.map((host) => upgradeHost(host, polledAddresses)) : hosts,
    polledAddresses,
    refusals: Array.isArray(refusals) ? refusals.map(upgradeRefusal) : refusals,
    verdicts: Array.isArray(verdicts) ? verdicts.map(upgradeVerdict) : verdicts,
  };
}

function upgradeHost(host: unknown, polledAddresses: unknown[]): unknown {
  if (!isGroup(host)) return host;
  const { sentence, confidence, measures, polled, ...kept } = host;
  const isExplained = host.confident === true || confidence === `not confident: ${sentence}`;
  const row = { ...kept, ...(host.state !== 'healthy' && { sentence }), ...(!isExplained && { confidence }) };
  return {
    ...Object.fromEntries(Object.entries(row).filter(([, value]) => !isNothing(value))),
    confident: host.confident,
    measures: isGroup(measures)
      ? Object.fromEntries(Object.entries(measures).filter(([, value]) => value !== null))
      : measures,
    addresses: host.addresses,
    polled: Array.isArray(polled) ? polled.map((address) => placeIn(polledAddresses, address)) : polled,
  };
}

function isNothing(value: unknown): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}

function placeIn(addresses: unknown[], address: unknown): number {
  const place = addresses.indexOf(address);
  return place >= 0 ? place : addresses.push(address) - 1;
}

function upgradeRefusal(refusal: unknown): unknown {
  if (!isGroup(refusal)) return refusal;
  const { subject, ...kept } = refusal;
  return { ...kept, count: 1, subjects: [subject] };
}

function upgradeVerdict(verdict: unknown): unknown {
  if (!isGroup(verdict)) return verdict;
  const { instanceId, ...kept } = verdict;
  return { ...kept, hosts: 1, instanceIds: [instanceId] };
}

/**
 * A report of version 1 as one of version 2. Whatever is not as version 1 has it is left for the reader to find.
 *
 * | version 1                              | version 2 |
 * | -------------------------------------- | --------- |
 * | -                                      | `untilMs`: as long as a tick could run |
 * | a cycle, a roll-out without a wave's id | `waveId` empty: no host has begun it |
 * | a roll-out is its last wave             | no wave counted, no host failed before; a sentence only where it stopped |
 * | `undoneAtMs`                           | forgotten: who decided against it is asked again |
 * | `unknownToEc2`: ids                    | forgotten: learned by a filter, which is no proof. They are asked for again |
 * | what version 2 began to remember       | empty |
 */
function upgradeFirst(stored: StoredReport): StoredReport {
  const { startedAtMs, cycles, memory } = stored;
  return {
    ...stored,
    version: 2,
    untilMs: typeof startedAtMs === 'number' ? startedAtMs + LONGEST_TICK_MS : startedAtMs,
    cycles: Array.isArray(cycles) ? cycles.map((cycle) => ({ waveId: '', ...cycle })) : cycles,
    memory: isGroup(memory) ? upgradeMemory(memory) : memory,
  };
}

function upgradeMemory(memory: StoredReport): StoredReport {
  const { undoneAtMs: _, rollOuts, ...kept } = memory;
  return {
    starting: {},
    undone: {},
    ...kept,
    unknownToEc2: {},
    rollOuts: isGroup(rollOuts)
      ? Object.fromEntries(Object.entries(rollOuts).map(([tier, rollOut]) => [tier, upgradeRollOut(rollOut)]))
      : rollOuts,
  };
}

function upgradeRollOut(rollOut: unknown): unknown {
  if (!isGroup(rollOut)) return rollOut;
  return { waveId: '', failed: [], waves: 0, ...rollOut, sentence: rollOut.stopped === true ? rollOut.sentence : null };
}

export function isGroup(value: unknown): value is StoredReport {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
