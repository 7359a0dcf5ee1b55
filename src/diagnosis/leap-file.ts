import { daysLeft } from '../fleet/sentences.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';

const DAY_SECONDS = 86_400;

/**
 * From when on classic ntpd warns of its own (`check_leap_expiration`, ntpd/ntp_util.c). The IERS says some five months ahead what comes
 * (Bulletin C): a file so near its end has not been renewed for as long.
 */
export const LEAP_FILE_LIMIT_DAYS = 28;

const WITHOUT_IT = 'of leap seconds its daemon then knows what its servers announce, and no more';

/** A list of leap seconds that is missing, cannot be read, has expired or soon will. Decision 0093. */
export function leapFileFinding({ collected: { leapFile } }: Facts): Finding | null {
  if (leapFile === undefined) return null;
  const { path, secondsLeft } = leapFile;
  const file = `leap file ${path}`;
  if (secondsLeft === 'missing') return found(`its ${file} is missing`, `the ${file} is missing`);
  if (secondsLeft === 'unread') {
    return found(`its ${file} does not say until when it is valid`, `the ${file} does not say until when it is valid`);
  }
  if (secondsLeft < 0) return found(`its ${file} expired ${daysLeft(-secondsLeft)} ago`, `the ${file} has expired`);
  if (secondsLeft >= LEAP_FILE_LIMIT_DAYS * DAY_SECONDS) return null;
  return found(
    `its ${file} expires in ${daysLeft(secondsLeft)} (limit ${LEAP_FILE_LIMIT_DAYS} days)`,
    `the ${file} expires within ${LEAP_FILE_LIMIT_DAYS} days`,
  );
}

function found(what: string, cause: string): Finding {
  return { state: 'degraded', sentence: `${what}: ${WITHOUT_IT}.`, cause };
}
