import type { Context } from 'aws-lambda';
import { LIST_PARAMETERS } from '../src/report/page/hosts-table.ts';
import { type Call, http, type Page } from './http/http.ts';
import { Problem } from './http/problem.ts';
import { eitherOf } from './invocation/either.ts';
import { statusByHand } from './invocation/status-by-hand.ts';
import { hostOf } from './reports/host.ts';
import { showProblem } from './reports/page.ts';
import { metricsOf, podsOf } from './reports/pods.ts';
import { statusJson } from './reports/status-json.ts';
import { statusPageOf } from './reports/status-page.ts';

/** What people and programs look at, by the path that serverless.yml gives it. */
const ROUTES: Readonly<Record<string, (call: Call, context: Context) => Promise<Page>>> = {
  '/{pod}/status.json': statusJson,
  '/{pod}/status': statusPageOf,
  '/{pod}/hosts/{id}': hostOf,
  '/': podsOf,
  '/metrics': metricsOf,
};

const page = http(
  ['GET', 'HEAD'],
  (call, context) => {
    const route = ROUTES[call.event.resource];
    if (route === undefined)
      throw new Problem(404, `There is no such path; there are ${Object.keys(ROUTES).join(', ')}.`);
    return route(call, context);
  },
  ['after', ...LIST_PARAMETERS],
  showProblem,
);

/** The last reports, as they are read. Invoked by hand, with `{"pod":"blue"}`, it says how the pod's time is. */
export const handler = eitherOf(page, statusByHand);
