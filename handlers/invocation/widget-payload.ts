import { optional } from '../../src/fleet/json-schema.ts';
import type { Look } from '../../src/report/page/widget.ts';
import { type Asked, POD, strict } from './payload.ts';

/** What an operator may write under a widget's parameters. */
export const WIDGET = strict({ pod: optional(POD) });

/** As wide as a widget of six columns is about. */
const LEAST_WIDTH = 280;

/** The console asks so, before there is a widget (CloudWatch user guide, custom widgets; the samples of AWS). */
export function asksToDescribe(event: unknown): boolean {
  return isObject(event) && 'describe' in event && event.describe !== false;
}

/** What of the event is the operator's: CloudWatch puts `widgetContext` beside it. */
export function parametersOf(event: unknown): unknown {
  if (!isObject(event)) return event ?? {};
  const { widgetContext: _, describe: __, ...parameters } = event;
  return parameters;
}

/** How the dashboard shows it. What CloudWatch does not say, or says otherwise one day, costs no widget. */
export function lookOf(event: unknown): Look {
  const context = isObject(event) && isObject(event.widgetContext) ? event.widgetContext : {};
  const width = typeof context.width === 'number' && Number.isFinite(context.width) ? context.width : LEAST_WIDTH;
  return { theme: context.theme === 'dark' ? 'dark' : 'light', width: Math.max(LEAST_WIDTH, width) };
}

function isObject(value: unknown): value is Asked {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
