import { cutText } from '../../src/fleet/sentences.ts';

/** Some services list in a message each id or record that a request named. */
const CAUSE_CHARACTERS = 4000;

/** Why an error came about, as a line of the log has room for it; empty where it does not say. */
export function causeOf(error: unknown): string {
  return cutText(String((error as Partial<Error> | null | undefined)?.cause ?? ''), CAUSE_CHARACTERS);
}
