import type { Host, Pod } from '../fleet/fleet.ts';
import { sortedUnique } from '../fleet/ordering.ts';
import { serverBehind } from '../fleet/published-servers.ts';
import type { PublishedRecord } from '../fleet/records.ts';
import { count, listed } from '../fleet/sentences.ts';
import type { Source } from '../ntp/source.ts';
import type { ClockNames } from './clock-names.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { keepsTogether } from './last-bound.ts';
import { addressesOf, isHeardLately } from './sources.ts';

/** What becomes of a boundary server that hears no other, once all true time is lost. */
const ALONE = 'without them it would keep a time of its own';

/** Which rows of a host stand for those with whom it keeps one time: boundary servers that run; its own row, which a pool gives it too, for none. */
export function partnersOf(host: Host, pod: Pod, { nameOf, isRunningServer }: ClockNames): (source: Source) => boolean {
  if (!keepsTogether(host, pod)) return () => false;
  return (source) => {
    const name = nameOf(source);
    return name !== null && name !== host.instanceId && isRunningServer(name);
  };
}

/**
 * Partners that are not heard, of a daemon that had the time to. It hurts nobody as long as there is true time, so that nobody else says it.
 *
 * | of its partners                       | |
 * | ------------------------------------- | --- |
 * | each heard in its last eight polls    | nothing |
 * | some heard, others not                | a remark |
 * | none heard                            | *degraded* |
 * | one whose reach could not be read     | as if it was heard |
 *
 * Decision 0095.
 */
export function partnersUnheard({ partners, measures, thresholds, sourcesComplete }: Facts): Finding | null {
  if (!isSettled({ measures, thresholds })) return null;
  const silent = partners.filter((source) => isHeardLately(source) === false);
  if (silent.length === 0) return null;
  const remotes = listed(silent.map(({ remote }) => remote));
  const number = count(partners.length, 'partner boundary server');
  if (silent.length < partners.length || !sourcesComplete) {
    return {
      state: null,
      sentence: `does not hear ${remotes} of ${number}, with which it is to keep one time.`,
    };
  }
  return {
    state: 'degraded',
    sentence: `hears none of its ${number} (${remotes}): ${ALONE}.`,
    cause: 'they hear none of their partner boundary servers',
  };
}

/** What a boundary server asks of those with whom it keeps one time. */
export interface Partnership {
  /** Of its partners, canonical and sorted. */
  asked: readonly string[];
  /** No row is missing, and its daemon is no younger than a start takes. */
  isKnown: boolean;
}

/** null: it keeps no time with others. */
export function partnershipOf(facts: Facts, host: Host, pod: Pod): Partnership | null {
  if (!keepsTogether(host, pod)) return null;
  return { asked: addressesOf(facts.partners), isKnown: facts.sourcesComplete && isSettled(facts) };
}

function isSettled({ measures: { ageSeconds }, thresholds }: Pick<Facts, 'measures' | 'thresholds'>): boolean {
  return ageSeconds !== null && ageSeconds >= thresholds.startingSeconds;
}

/**
 * How what each asks differs from what is published. chrony keeps a server that was withdrawn as long as no other is published in its place:
 * it would follow that one's clock as soon as all true time is lost, its address being the lowest. Decision 0095.
 */
export function partnershipReader(
  pod: Pod,
  hosts: readonly Host[],
  records: readonly PublishedRecord[] | null,
): (host: Host, partnership: Partnership | undefined) => string[] {
  if (records === null || !pod.together) return () => [];
  const byId = new Map(hosts.map((host) => [host.instanceId, host]));
  const servers = sortedUnique(records.flatMap((record) => serverBehind(pod, byId, record)?.instanceId ?? []));
  const published = new Set(records.flatMap(({ addresses }) => addresses));
  return (host, partnership) => {
    if (partnership === undefined) return [];
    const { asked, isKnown } = partnership;
    const others = servers.filter((id) => id !== host.instanceId);
    // with none at all it is not they who are gone
    const gone = servers.length === 0 ? [] : asked.filter((address) => !published.has(address));
    return [
      ...(isKnown && asked.length === 0 && others.length > 0
        ? [`asks none of the ${count(others.length, 'other boundary server')} that are published: ${ALONE}.`]
        : []),
      ...(gone.length === 0
        ? []
        : [
            `still asks ${listed(gone)}, which no record holds: with all true time lost it may follow that clock. There, ${listed(gone.map((address) => `chronyc delete ${address}`))} ends it.`,
          ]),
    ];
  };
}
