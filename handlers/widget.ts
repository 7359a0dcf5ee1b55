import type { Context } from 'aws-lambda';
import fleet from '../fleet.yml';
import { podsWidget, podWidget, refusedWidget, widgetDescription } from '../src/report/page/widget.ts';
import { PayloadError, podNamed, read } from './invocation/payload.ts';
import { asksToDescribe, lookOf, parametersOf, WIDGET } from './invocation/widget-payload.ts';
import { inTime } from './lambda/deadline.ts';
import { places } from './lambda/places.ts';
import { readOf, verdictOfPod } from './reports/each-pod.ts';

/** A custom widget of CloudWatch's dashboards: HTML, or Markdown for who sets one up. */
export const handler = async (event: unknown, context: Context): Promise<string> => {
  if (asksToDescribe(event)) return widgetDescription(fleet.pods.map(({ name }) => name));
  const look = lookOf(event);
  try {
    const { pod } = read(WIDGET, parametersOf(event));
    return await inTime(context, pod === undefined ? ofAll() : ofOne(pod));
  } catch (error) {
    // who looks at the dashboard can put it right; another try would not
    if (error instanceof PayloadError) return refusedWidget(error.faults, look);
    throw error;
  }

  async function ofOne(name: string): Promise<string> {
    const pod = podNamed(name);
    const { report, ...found } = await readOf(pod, context);
    const nowMs = Date.now();
    if (report === null) return podsWidget([verdictOfPod(pod, { report, ...found }, nowMs)], places(), look, nowMs);
    return podWidget({ fleet, pod, report, fault: found.fault, nowMs }, places(), look);
  }

  async function ofAll(): Promise<string> {
    const pods = [];
    for (const pod of fleet.pods) pods.push(verdictOfPod(pod, await readOf(pod, context), Date.now()));
    return podsWidget(pods, places(), look, Date.now());
  }
};
