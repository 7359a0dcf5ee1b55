import type { Pod } from '../../fleet/fleet.ts';
import { alarmName } from '../alarms.ts';
import { runbookAnchor, runbookSection } from '../runbook.ts';
import { type Html, html, type Part } from './html.ts';

/** Where people find what stands outside of a page. */
export interface Places {
  /** By which alarms are named. */
  stage: string;
  /** At which the runbook is read; '' is none. */
  runbookUrl: string;
  /** At which operators' browsers reach the API, without a slash at its end; '' is none. */
  pagesUrl: string;
}

/** The runbook's section of each alarm that rings for what is wrong, and the alarm. `keys`: such as `client-adrift`. */
export function whatToDo(keys: readonly string[], pod: Pick<Pod, 'name' | 'region'>, places: Places): Html {
  if (keys.length === 0) {
    return html`<p>No alarm rings for what the report says. The ${runbook('', 'runbook', places)} has what else is asked.</p>`;
  }
  const rows = keys.map((key) => {
    const section = runbook(key, `Runbook, ${runbookAnchor(key)}`, places);
    return html`<li>${section}: alarm ${alarm(key, pod, places)}</li>`;
  });
  return html`<ul>${rows}</ul><p class="dim">An alarm rings once that has lasted, as docs/alarms.md says.</p>`;
}

/** A link to the section, or its path where nobody says at which address the runbook is read. */
export function runbook(key: string, name: string, { runbookUrl }: Places): Part {
  const section = key === '' ? runbookSection('', runbookUrl).slice(0, -1) : runbookSection(key, runbookUrl);
  return isAddress(runbookUrl) ? html`<a href="${section}">${name}</a>` : html`${name} (<code>${section}</code>)`;
}

/** Its name leads to CloudWatch's console, which knows whether it rings. */
export function alarm(key: string, { name, region }: Pick<Pod, 'name' | 'region'>, { stage }: Places): Html {
  const full = alarmName(stage, name, key);
  return html`<a href="${consoleOf(region)}/cloudwatch/home?region=${region}#alarmsV2:alarm/${full}">${full}</a>`;
}

/** AWS General Reference: the console's address in each partition. */
function consoleOf(region: string): string {
  if (region.startsWith('us-gov-')) return `https://${region}.console.amazonaws-us-gov.com`;
  if (region.startsWith('cn-')) return `https://${region}.console.amazonaws.cn`;
  return `https://${region}.console.aws.amazon.com`;
}

/** Nothing else becomes a link, whatever a setting holds. */
export function isAddress(url: string): boolean {
  return /^https?:\/\//.test(url);
}
