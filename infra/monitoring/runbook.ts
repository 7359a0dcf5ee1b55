import { RUNBOOK_PATH } from '../../src/report/runbook.ts';

/** Longer it would leave a description no room: CloudWatch takes 1,024 characters. */
const MOST_CHARACTERS = 300;

/** What is wrong with `--param runbookUrl`, a sentence each: an anchor is to follow it. */
export function runbookUrlFaults(url: string): string[] {
  const such = `https://git.example.com/time/podtime/blob/main/${RUNBOOK_PATH}`;
  return addressFaults('runbookUrl', url, `is no address of the runbook, such as ${such}`, '#');
}

/** Of `--param pagesUrl`: a path is to follow it. */
export function pagesUrlFaults(url: string): string[] {
  const such = 'https://a1b2c3d4e5-vpce-0123456789abcdef0.execute-api.us-west-2.amazonaws.com/prod';
  return addressFaults('pagesUrl', url, `is no address of the API, such as ${such}`, '#?');
}

function addressFaults(name: string, url: string, such: string, without: string): string[] {
  if (url === '') return [];
  const given = `--param ${name}=${url}`;
  const faults: string[] = [];
  const isOne = /^https?:\/\/[^\s/#?]+[^\s#]*$/.test(url) && ![...without].some((sign) => url.includes(sign));
  if (!isOne) faults.push(`${given} ${such}: http or https, without ${[...without].join(', ')} and spaces`);
  if (url.length > MOST_CHARACTERS)
    faults.push(`${given} has ${url.length} characters; ${MOST_CHARACTERS} are the most`);
  return faults;
}
