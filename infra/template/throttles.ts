import type { RoutedFunctions } from './routes.ts';

/** How often a method may be called: so many a second, and so many at once. */
export interface Throttle {
  ratePerSecond: number;
  burst: number;
}

/**
 * At boot a host fetches `boot.sh` and its daemon's file: as many calls as all hosts make are let through in five minutes. Hosts ask
 * again for `boot.sh` for some six minutes (docs/deploy.md), for the file for one, and anew five minutes later; until then they are on
 * AWS's time service.
 */
const CALLS_PER_HOST = 2;
const SERVED_WITHIN_SECONDS = 300;
/** Ten seconds' worth at once. A call lasts some 50 ms, and a second where Lambda first has to start what answers it. */
const BURST_SECONDS = 10;
/**
 * Whatever the fleet: a quarter of the 1,000 that Lambda runs at one time for an account (AWS Lambda quotas, the default). A burst
 * leaves the watchdog the rest.
 */
const MOST_AT_ONCE = 250;
/** As often as the hosts of a small fleet may call. */
const LEAST_PER_SECOND = 5;

/**
 * `register` lists a zone's records once a call, and Route 53 takes five requests a second from an account, whoever asks: one a
 * second leaves four to the watchdogs. A pod's servers call it once at boot, and the watchdog finds whom it missed.
 */
const REGISTER: Throttle = { ratePerSecond: 1, burst: 5 };

/** What people look at. */
const OTHERS: Throttle = { ratePerSecond: 2, burst: 10 };

/** A stage's `MethodSettings` (CloudFormation, AWS::ApiGateway::Stage MethodSetting). */
export interface MethodSetting {
  ResourcePath: string;
  HttpMethod: string;
  ThrottlingRateLimit: number;
  ThrottlingBurstLimit: number;
}

/** A throttle for each route of these functions, and for every path that may come. `hosts` is how many the stack's pods have. */
export function methodSettings(functions: RoutedFunctions, hosts: number): MethodSetting[] {
  const routes = Object.entries(functions).flatMap(([name, { events = [] }]) =>
    events.flatMap(({ http }) => (http ? [{ name, ...http }] : [])),
  );
  return [
    setting('/*', '*', OTHERS),
    // slashes of a path go as ~1
    ...routes.map(({ name, method, path }) =>
      setting(`/~1${path.replaceAll('/', '~1')}`, method.toUpperCase(), throttleOf(name, method, hosts)),
    ),
  ];
}

/** How many hosts that boot together are let through at once, of so many. */
export function configBurst(hosts: number): number {
  return configThrottle(hosts).burst;
}

function throttleOf(name: string, method: string, hosts: number): Throttle {
  if (name === 'register') return REGISTER;
  if (name !== 'config' || method.toUpperCase() === 'HEAD') return OTHERS;
  return configThrottle(hosts);
}

function configThrottle(hosts: number): Throttle {
  const ratePerSecond = Math.max(LEAST_PER_SECOND, Math.ceil((CALLS_PER_HOST * hosts) / SERVED_WITHIN_SECONDS));
  return { ratePerSecond, burst: Math.min(ratePerSecond * BURST_SECONDS, MOST_AT_ONCE) };
}

function setting(ResourcePath: string, HttpMethod: string, { ratePerSecond, burst }: Throttle): MethodSetting {
  return { ResourcePath, HttpMethod, ThrottlingRateLimit: ratePerSecond, ThrottlingBurstLimit: burst };
}
