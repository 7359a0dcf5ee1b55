import { FILES } from '../../src/config/files.ts';
import { byText } from '../../src/fleet/ordering.ts';
import { listed } from '../../src/fleet/sentences.ts';

/** As much of serverless.yml's functions as has routes. */
export type RoutedFunctions = Record<string, { events?: { http?: { method: string; path: string } }[] }>;

/**
 * The API's routes as the gateway tells them to whoever asks for another: `GET /{pod}/status.json and POST /{pod}/register`,
 * those that read first. HEAD, which every GET has beside it, is left out.
 */
export function routesInWords(functions: RoutedFunctions): string {
  const routes = Object.values(functions)
    .flatMap(({ events = [] }) => events.flatMap(({ http }) => http ?? []))
    .map(({ method, path }) => ({ method: method.toUpperCase(), path }))
    .filter(({ method }) => method !== 'HEAD')
    .toSorted((a, b) => byText(a.method, b.method))
    .map(({ method, path }) => `${method} /${path}${path.endsWith('{file}') ? ` (${FILES.join(', ')})` : ''}`);
  return listed(routes);
}
