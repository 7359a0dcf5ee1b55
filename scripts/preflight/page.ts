import { boundedSentences, fewOf } from '../../src/fleet/gathering.ts';
import { sortedUnique } from '../../src/fleet/ordering.ts';
import { count, listed, sentence } from '../../src/fleet/sentences.ts';
import type { Facts } from './facts.ts';
import type { Finding, Severity, Unread } from './finding.ts';
import type { Judged } from './judge.ts';

/** What was looked at, and as whom. */
export interface Look {
  /** As the operator named it. */
  fleetFile: string;
  stage: string;
  caller: Facts['caller'];
  pods: readonly { name: string; region: string }[];
}

const NOT_LOOKED_AT =
  'Not looked at: routes, security groups, network ACLs, policies of endpoints and roles, and what hosts run (docs/deploy.md, step 1, has what these need).';

/** Codes by which AWS says that whoever asks may not. */
const DENIED = /^(?:AccessDenied\w*|UnauthorizedOperation|UnauthorizedAccess|NotAuthorized\w*)$/;

/** The finding, and below it what to do: to be copied as it stands. */
function entryOf({ sentence: said, remedy }: Finding): string {
  return remedy === null ? said : `${said}\n  ${remedy}`;
}

/** Checks that could not be made, by what kept AWS from answering: one sentence for each right, and for each failure. */
function unreadLines(unread: readonly Unread[]): string[] {
  const cause = ({ action, code, text }: Unread) => (DENIED.test(code) ? `${action} ${code}` : `${code} ${text}`);
  return sortedUnique(unread.map(cause)).map((each) => {
    const group = unread.filter((one) => cause(one) === each) as [Unread, ...Unread[]];
    const [{ code, text }] = group;
    const actions = listed(sortedUnique(group.map(({ action }) => action)));
    const what = fewOf(group.map((one) => one.what));
    return DENIED.test(code)
      ? `${actions} is not allowed (${code}), so ${what} could not be looked at: give that right (docs/deploy.md, step 2).`
      : sentence(`${actions} failed with ${code}${text === '' ? '' : `: ${text}`}; not looked at: ${what}`);
  });
}

/** What is printed for people: what stops a deploy first. */
export function page(look: Look, { findings, unread, isBlind }: Judged): string[] {
  const of = (severity: Severity) => findings.filter((finding) => finding.severity === severity).map(entryOf);
  const [stops, warnings, wells] = [of('stop'), of('warning'), of('well')];
  const unseen = unreadLines(unread);
  return [
    `${look.fleetFile}, stage ${look.stage}: ${listed(look.pods.map(({ name, region }) => `${name} (${region})`))}.`,
    ...('said' in look.caller
      ? [`Account ${look.caller.said.account}, as ${look.caller.said.arn}. Nothing is changed there.`]
      : []),
    ...block(`${count(stops.length, 'thing')} ${stops.length === 1 ? 'stops' : 'stop'} a deploy:`, stops),
    ...block(`${count(warnings.length, 'warning')}:`, warnings),
    ...block(`${count(unread.length, 'check')} could not be made:`, unseen),
    ...block(`${count(wells.length, 'thing')} ${wells.length === 1 ? 'is' : 'are'} well:`, wells),
    '',
    NOT_LOOKED_AT,
    isBlind
      ? 'AWS answered nothing: whether anything stops a deploy is not known.'
      : verdict(stops.length, unread.length),
  ];
}

function verdict(stops: number, unread: number): string {
  if (stops > 0) return `${count(stops, 'thing')} ${stops === 1 ? 'stops' : 'stop'} a deploy.`;
  return unread === 0
    ? 'Nothing stops a deploy.'
    : `Nothing that was seen stops a deploy; ${count(unread, 'check')} could not be made.`;
}

function block(heading: string, sentences: readonly string[]): string[] {
  return sentences.length === 0 ? [] : ['', heading, ...boundedSentences(sentences).map((each) => `- ${each}`)];
}
