import { ACCOUNT_ID, AwsError } from '../errors.ts';
import { page } from '../paging.ts';
import type { StackRule } from '../stack.ts';

/** API reference, ListRules: Limit from 1 to 100. */
const RULE_PAGE = 100;

/** The rules of the default bus, by name. */
export function listRules(
  input: Record<string, unknown>,
  rules: readonly StackRule[],
  region: string,
): Record<string, unknown> {
  const { NamePrefix: prefix = '', EventBusName: bus = 'default', Limit: limit = RULE_PAGE } = input;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > RULE_PAGE) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must be between 1 and ${RULE_PAGE}`,
    );
  }
  if (bus !== 'default' && !String(bus).endsWith(':event-bus/default'))
    throw new AwsError('ResourceNotFoundException', `Event bus ${bus} does not exist.`);
  const named = rules.filter(({ name }) => name.startsWith(String(prefix)));
  const sorted = named.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const found = readPage(() => page(sorted, limit, input.NextToken, `ListRules ${prefix}`));
  const Rules = found.items.map((rule) => ({
    Name: rule.name,
    Arn: `arn:aws:events:${region}:${ACCOUNT_ID}:rule/${rule.name}`,
    State: rule.enabled ? 'ENABLED' : 'DISABLED',
    EventPattern: rule.pattern === null ? undefined : JSON.stringify(rule.pattern),
    ScheduleExpression: rule.schedule ?? undefined,
    EventBusName: 'default',
  }));
  return { Rules, NextToken: found.nextToken };
}

/** The model of ListRules has no error of its own for a token. */
function readPage<Page>(read: () => Page): Page {
  try {
    return read();
  } catch (failure) {
    throw failure instanceof AwsError ? new AwsError('ValidationException', failure.message) : failure;
  }
}
