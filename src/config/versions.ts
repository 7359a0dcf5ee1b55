/** A daemon's version by its numbers, `[4, 6, 1]`; none: not told. */
export type Version = readonly number[];

/** Of a daemon whose version nobody told: it gets the lines that every one served knows. */
export const UNTOLD_VERSION: Version = [];

/** Four numbers at most, behind a name (`ntpsec-1.2.3`), and then what a distribution, a candidate or git adds: `4.2.8p15`, `4.7-pre1`, `4.6.1-20-gabc`. */
const VERSION =
  /^(?:[A-Za-z][A-Za-z_]{0,13}-)?(\d{1,5}(?:\.\d{1,5}){0,3})(?:[-+~][\w.+~@-]{1,40}|\.?[A-Za-z][\w.+~@-]{0,40})?$/;

/** What chrony tells where it was built of no release (its configure script). */
const NO_RELEASE = 'DEVELOPMENT';

/** Reads a version as a daemon, a host or a caller writes it; one of no release is untold; null when it is none. */
export function readVersion(text: string): Version | null {
  if (text === NO_RELEASE) return UNTOLD_VERSION;
  const numbers = VERSION.exec(text)?.[1];
  return numbers === undefined ? null : numbers.split('.').map(Number);
}

/** Whether a version is that one or later; one that nobody told is not. */
export function isAtLeast(version: Version, least: Version): boolean {
  if (version.length === 0) return false;
  for (const [place, wanted] of least.entries()) {
    const number = version[place] ?? 0;
    if (number !== wanted) return number > wanted;
  }
  return true;
}

/** The class that a version is of: the last of these steps, which ascend, that it has come to; else that of versions untold. Decision 0087. */
export function classOf(version: Version, steps: readonly Version[]): Version {
  return steps.findLast((step) => isAtLeast(version, step)) ?? UNTOLD_VERSION;
}

export function versionText(version: Version): string {
  return version.join('.');
}
