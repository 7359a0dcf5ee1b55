/** `45 s`, `16 min`, `3.5 h`: a duration as an operator says it. */
export function duration(seconds: number): string {
  if (Math.abs(seconds) < 120) return `${Math.round(seconds)} s`;
  if (Math.abs(seconds) < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 360) / 10} h`;
}

/** `45 s`, `16 min`, `2 h 34 min`: a time that is left, so nothing is rounded up. */
export function timeLeft(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 2) return `${Math.floor(seconds)} s`;
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const DAY_SECONDS = 86_400;

/** `2 h 34 min`, `12 days`: likewise of long times. */
export function daysLeft(seconds: number): string {
  return seconds < 2 * DAY_SECONDS ? timeLeft(seconds) : `${Math.floor(seconds / DAY_SECONDS)} days`;
}

/** `1 host`, `3 hosts`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Ends a text with one full stop, whether it had one or not. */
export function sentence(text: string): string {
  return `${text.replace(/\.+$/, '')}.`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** The text, or its first characters where it is longer. */
export function cutText(text: string, characters: number): string {
  // half of a character of two units is none
  return text.length > characters ? `${text.slice(0, characters).replace(/[\ud800-\udbff]$/, '')}…` : text;
}
