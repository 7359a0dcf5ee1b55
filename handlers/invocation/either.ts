import type { Context } from 'aws-lambda';

type Handler<E> = (event: E, context: Context) => Promise<unknown>;

/**
 * One function for the API and for hands, as each function costs resources of the template: what the gateway sends has a
 * method, no payload has. Decision 0126.
 */
export function eitherOf<E>(page: Handler<E>, byHand: Handler<unknown>) {
  return (event: unknown, context: Context): Promise<unknown> =>
    typeof event === 'object' && event !== null && 'httpMethod' in event
      ? page(event as E, context)
      : byHand(event, context);
}
