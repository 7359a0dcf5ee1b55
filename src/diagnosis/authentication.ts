import { count, daysLeft, listed } from '../fleet/sentences.ts';
import type { Unauthenticated } from '../host/collect-authentication.ts';
import type { Source } from '../ntp/source.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { isNameless } from './sources.ts';

/** ntpsec's refid of a source of which it got no keys yet. */
const NO_KEYS = '.NTS.';

const WHY =
  "Its log says why: a certificate that expired, a clock outside of the certificate's time, or no way to TCP 4460, as a rule";

/** Sources that are asked with NTS, and whose key exchange fails: they are not followed, and never asked without. Decision 0089. */
export function unauthenticatedFinding({ collected, sources }: Facts): Finding | null {
  const failures = new Map<string, string>();
  for (const source of collected.authentication?.unauthenticated ?? []) {
    // one that never failed has not been tried yet, or its cookies went to a server that is silent
    if (source.attempts !== null && source.attempts > 0) failures.set(source.name, failureIn(source));
    else if (collected.daemon?.kind === 'ntpd-rs') failures.set(source.name, '');
  }
  const keyless = sources.filter(({ refid, reach }) => refid === NO_KEYS && reach === 0);
  for (const source of keyless) if (!isNameless(source)) failures.set(source.remote, '');
  const nameless = keyless.filter(isNameless).length;
  if (nameless > 0) for (const name of namesFor(nameless, sources, collected.configNames)) failures.set(name, '');
  if (failures.size === 0) return null;
  const names = [...failures.keys()];
  const parts = [...failures].map(([name, failure]) => `${name}${failure}`);
  return {
    state: 'degraded',
    sentence: `NTS fails with ${listed(parts)}: not followed, and not asked without. ${WHY}.`,
    cause: `NTS fails with ${listed(names)}`,
    settles: true,
  };
}

/** Of rows whose name ntpsec lost (`isNameless`): the names of its file that no row shows, where they are as many; else how many of them. */
function namesFor(rows: number, sources: readonly Source[], configNames: readonly string[]): string[] {
  const shown = new Set(sources.map(({ remote }) => remote));
  const others = configNames.filter((name) => !shown.has(name));
  if (others.length === rows) return others;
  return [
    others.length > rows ? `${rows} of ${listed(others)}` : `${count(rows, 'name')} that the daemon does not tell`,
  ];
}

function failureIn({ attempts, naks, exchangedSecondsAgo }: Unauthenticated): string {
  const parts = [
    `${count(attempts ?? 0, 'key exchange')} failed`,
    exchangedSecondsAgo === null ? 'none ever worked' : `the last that worked was ${exchangedSecondsAgo} s ago`,
    ...(naks === null || naks === 0 ? [] : [`${count(naks, 'cookie')} refused`]),
  ];
  return ` (${parts.join(', ')})`;
}

/**
 * A third of a certificate's life before its end it is renewed as a rule (certbot: 30 days of 90). With a fifth left that has failed for days;
 * of the long ones three weeks are enough.
 */
const LEFT_SHARE = 0.2;
const DAY_SECONDS = 86_400;
const MOST_LEFT_SECONDS = 21 * DAY_SECONDS;

/** Certificates that end soon, or have: with them goes the way to ask with NTS. Decision 0090. */
export function certificateFinding({ collected: { certificates = [] } }: Facts): Finding | null {
  const ending = certificates.filter(({ secondsLeft, lifeSeconds }) => secondsLeft < limitSeconds(lifeSeconds));
  if (ending.length === 0) return null;
  const parts = ending.map(({ name, secondsLeft, lifeSeconds }) =>
    secondsLeft < 0
      ? `${name} ended ${daysLeft(-secondsLeft)} ago`
      : `${name} ends in ${daysLeft(secondsLeft)} (limit ${daysLeft(limitSeconds(lifeSeconds))})`,
  );
  const names = ending.map(({ name }) => name);
  return {
    state: 'degraded',
    sentence: `the certificate of ${listed(parts)}: from then on NTS fails with it.`,
    cause: `the certificate of ${listed(names)} is near its end`,
  };
}

function limitSeconds(lifeSeconds: number): number {
  return Math.min(MOST_LEFT_SECONDS, LEFT_SHARE * lifeSeconds);
}

/** @param refusal why podtime serves this host no file: what it runs on is not what fleet.yml says. */
export function noFileFinding(refusal: string): Finding {
  return { state: 'degraded', sentence: refusal, cause: 'podtime has no file for their daemons' };
}
