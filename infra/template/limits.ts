import type { Template } from './cloudformation.ts';

/** AWS CloudFormation quotas: resources in one template; a template's size in bytes when it comes from S3. */
const RESOURCES_PER_TEMPLATE = 500;
const TEMPLATE_BYTES = 1_048_576;
/** Amazon API Gateway quotas: characters of a resource policy (may be raised on request). */
const RESOURCE_POLICY_CHARACTERS = 8192;
/** AWS IAM quotas: characters of all inline policies of a role, white space not counted. */
const ROLE_POLICY_CHARACTERS = 10_240;

/** Resources of the stack that no pod adds: what serverless.yml and `infra/resources/` make, but for the API itself. */
export const RESOURCES_WITHOUT_PODS = 70;

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
