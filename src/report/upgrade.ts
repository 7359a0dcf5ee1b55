import { isGroup, type Stored } from '../state/stored.ts';
import { Table } from './table.ts';

/** A report of an older version as one of the version that this code writes. */
export function upgradeReport(stored: Stored): Stored {
  const second = stored.version === 1 ? upgradeFirst(stored) : stored;
  const third = second.version === 2 ? upgradeSecond(second) : second;
  const fourth = third.version === 3 ? upgradeThird(third) : third;
  return upgradeFifth(fourth.version === 4 ? upgradeFourth(fourth) : fourth);
}

/**
 * A report of version 1 as one of version 2, but for what it remembers: that is read by `stateOfReport` alone. Whatever is not as
 * version 1 has it is left for the reader to find.
 *
 * | version 1                   | version 2 |
 * | --------------------------- | --------- |
 * | a cycle without a wave's id | `waveId` empty: no host has begun it |
 */
function upgradeFirst(stored: Stored): Stored {
  const { cycles } = stored;
  return {
    ...stored,
    version: 2,
    cycles: Array.isArray(cycles) ? cycles.map((cycle) => ({ waveId: '', ...cycle })) : cycles,
  };
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
function upgradeSecond(stored: Stored): Stored {
  const { hosts, refusals, verdicts } = stored;
  const polledAddresses = new Table<unknown>();
  return {
    ...stored,
    version: 3,
    hosts: Array.isArray(hosts) ? hosts.map((host) => upgradeHost(host, polledAddresses)) : hosts,
    polledAddresses: polledAddresses.all,
    refusals: Array.isArray(refusals) ? refusals.map(upgradeRefusal) : refusals,
    verdicts: Array.isArray(verdicts) ? verdicts.map(upgradeVerdict) : verdicts,
  };
}

function upgradeHost(host: unknown, polledAddresses: Table<unknown>): unknown {
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
    polled: Array.isArray(polled) ? polled.map((address) => polledAddresses.placeOf(address, address)) : polled,
  };
}

function isNothing(value: unknown): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
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
 * A report of version 3 as one of version 4, which is for people alone.
 *
 * | version 3                                            | version 4 |
 * | ---------------------------------------------------- | --------- |
 * | `memory`, `unfinished`, `untilMs`                    | in the state: `stateOfReport` reads them |
 * | `endedAtMs` null: under way, or dead                 | as it began: what it set going is shown all the same |
 * | `stale` of a host                                    | its place in `staleness` |
 */
function upgradeThird(stored: Stored): Stored {
  const { memory: _memory, unfinished: _unfinished, untilMs: _untilMs, ...report } = stored;
  const { startedAtMs, endedAtMs, hosts } = report;
  const staleness: unknown[] = [];
  const withPlace = (host: unknown) =>
    isGroup(host) && host.stale !== undefined ? { ...host, stale: staleness.push(host.stale) - 1 } : host;
  return {
    ...report,
    version: 4,
    endedAtMs: endedAtMs === null ? startedAtMs : endedAtMs,
    hosts: Array.isArray(hosts) ? hosts.map(withPlace) : hosts,
    staleness,
  };
}

/**
 * A report of version 4 as one of version 5. Whatever is not as version 4 has it is left for the reader to find.
 *
 * | version 4                                  | version 5 |
 * | ------------------------------------------ | --------- |
 * | `cause`, `remarks`, `confidence` of a host | their places in `texts` |
 */
function upgradeFourth(stored: Stored): Stored {
  const { hosts } = stored;
  const texts = new Table<unknown>();
  const withPlaces = (host: unknown) => {
    if (!isGroup(host)) return host;
    const { cause, remarks, confidence } = host;
    return {
      ...host,
      ...(cause !== undefined && { cause: texts.placeOf(cause, cause) }),
      ...(Array.isArray(remarks) && { remarks: remarks.map((remark) => [texts.placeOf(remark, remark)]) }),
      ...(confidence !== undefined && { confidence: [texts.placeOf(confidence, confidence)] }),
    };
  };
  return { ...stored, version: 5, hosts: Array.isArray(hosts) ? hosts.map(withPlaces) : hosts, texts: texts.all };
}

/**
 * A report of version 5 as one of version 6, which knows states that version 5 does not: contradicted, holdover, uncertain. What version 5
 * has is told the same way; its unsynchronised may be holdover now, and its adrift uncertain, which only the next tick knows.
 */
function upgradeFifth(stored: Stored): Stored {
  return { ...stored, version: 6 };
}
