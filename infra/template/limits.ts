import { UNWATCHED_FUNCTIONS } from '../monitoring/alarms.ts';
import type { Template } from './cloudformation.ts';

/** AWS CloudFormation quotas: resources in one template; a template's size in bytes when it comes from S3. */
const RESOURCES_PER_TEMPLATE = 500;
const TEMPLATE_BYTES = 1_048_576;
/** Amazon API Gateway quotas: characters of a resource policy (may be raised on request). */
const RESOURCE_POLICY_CHARACTERS = 8192;
/** AWS IAM quotas: characters of all inline policies of a role, white space not counted. */
const ROLE_POLICY_CHARACTERS = 10_240;

/** As much of serverless.yml's functions as decides how many resources they make. */
export type CountedFunctions = Record<
  string,
  {
    role?: string;
    maximumEventAge?: number;
    maximumRetryAttempts?: number;
    events?: { http?: { path: string }; eventBridge?: unknown; sqs?: unknown }[];
  }
>;

/**
 * `ScheduleRole`, the report bucket, the deployment bucket, each bucket's policy, six gateway responses, the API's deployment and stage;
 * the queue of instance events, its policy, its alarm and the rule that fills it.
 */
const FIXED_RESOURCES = 17;
/** The function and its log group; its two alarms. */
const RESOURCES_PER_FUNCTION = 2;
const ALARMS_PER_FUNCTION = 2;

/** How many resources of the stack no pod adds, the API itself left out; known before the template is made. */
export function resourcesBesidePods(functions: CountedFunctions): number {
  const all = Object.values(functions);
  const events = all.flatMap((each) => each.events ?? []);
  const paths = events.flatMap(({ http }) => (http ? [http.path.split('/')] : []));
  // one resource for each part of a path, however many routes go through it
  const parts = new Set(paths.flatMap((path) => path.map((_, at) => path.slice(0, at + 1).join('/'))));
  // the API's own root is there already
  parts.delete('');
  const routed = all.filter((each) => each.events?.some(({ http }) => http)).length;
  const retried = all.filter(
    (each) => each.maximumEventAge !== undefined || each.maximumRetryAttempts !== undefined,
  ).length;
  // the watchdogs share theirs
  const roles = new Set(Object.entries(functions).map(([name, { role }]) => role ?? name)).size;
  const watched = Object.keys(functions).filter((name) => !UNWATCHED_FUNCTIONS.includes(name)).length;
  const rules = events.filter(({ eventBridge }) => eventBridge).length;
  const queues = events.filter(({ sqs }) => sqs).length;
  // a method for each route; a permission to call each function that has routes; a rule and its permission; a mapping of a queue
  return (
    FIXED_RESOURCES +
    RESOURCES_PER_FUNCTION * all.length +
    ALARMS_PER_FUNCTION * watched +
    roles +
    paths.length +
    parts.size +
    routed +
    retried +
    2 * rules +
    queues
  );
}

/**
 * What of a template is over a limit of AWS, each a sentence; `pods` is how many pods it holds, `more` how many resources
 * it will have beside those that are in it yet.
 */
export function overLimits(template: Template, pods: number, more = 0): string[] {
  const sentences: string[] = [];
  const check = (what: string, size: number, limit: number, unit: string) => {
    if (size <= limit) return;
    sentences.push(`${what} with ${pods} pods: ${size} ${unit}, the limit is ${limit}. ${REMEDY}`);
  };
  const resources = Object.entries(template.Resources);
  check('The template', resources.length + more, RESOURCES_PER_TEMPLATE, 'resources');
  check('The template', Buffer.byteLength(JSON.stringify(template)), TEMPLATE_BYTES, 'bytes');
  for (const [id, { Type, Properties }] of resources) {
    if (Type === 'AWS::ApiGateway::RestApi') {
      check(
        "The API's resource policy",
        characters(asSaved(Properties.Policy)),
        RESOURCE_POLICY_CHARACTERS,
        'characters',
      );
    }
    if (Type === 'AWS::IAM::Role') {
      check(`Role ${id}`, characters(Properties.Policies), ROLE_POLICY_CHARACTERS, 'characters');
    }
  }
  return sentences;
}

const REMEDY = 'Divide the pods over two fleet files, each a stage of its own.';

/** API Gateway puts the whole ARN where a policy says `execute-api:/` (API Gateway developer guide, resource policy examples). */
function asSaved(policy: unknown): unknown {
  const whole = 'arn:aws:execute-api:ap-southeast-1:123456789012:abcdefghij/';
  return JSON.parse((JSON.stringify(policy) ?? '""').replaceAll('execute-api:/', whole));
}

function characters(policy: unknown): number {
  return JSON.stringify(policy ?? '').replaceAll(' ', '').length;
}
