/** The anchor of an alarm's section in docs/runbook.md: both tiers share one. `client-adrift` -> `adrift` */
export function runbookAnchor(key: string): string {
  return key.replace(/^(boundary|client)-/, '');
}

/** Of this repository; where nobody says at which address it can be read. */
const PATH = 'docs/runbook.md';

/** Longer it would leave a description no room: CloudWatch takes 1,024 characters. */
const MOST_CHARACTERS = 300;

/**
 * Where an alarm's description sends whoever it wakes: a link, where `url` says at which address the runbook is read, or its path
 * where that is empty. Decision 0133.
 */
export function runbookSection(key: string, url: string): string {
  return `${url === '' ? PATH : url}#${runbookAnchor(key)}`;
}

/** What is wrong with `--param runbookUrl`, a sentence each: an anchor is to follow it. */
export function runbookUrlFaults(url: string): string[] {
  if (url === '') return [];
  const given = `--param runbookUrl=${url}`;
  const faults: string[] = [];
  if (!/^https?:\/\/[^\s/#]+[^\s#]*$/.test(url)) {
    const such = `https://git.example.com/time/podtime/blob/main/${PATH}`;
    faults.push(`${given} is no address of the runbook, such as ${such}: http or https, without # and spaces`);
  }
  if (url.length > MOST_CHARACTERS)
    faults.push(`${given} has ${url.length} characters; ${MOST_CHARACTERS} are the most`);
  return faults;
}
