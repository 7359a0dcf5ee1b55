import { basename } from 'node:path/posix';
import type { Resource, Template } from '../template/cloudformation.ts';

/** What the template asks whoever deploys it: where the functions' archives lie. */
const PARAMETERS = {
  CodeBucket: {
    Type: 'String',
    Description: "Bucket, in the stack's region, that holds the functions' archives",
    AllowedPattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    ConstraintDescription: 'must be the name of a bucket, without s3://',
  },
  CodePrefix: {
    Type: 'String',
    Description: 'What their keys begin with, its slash at the end included; empty: the archives lie at the top',
    Default: '',
    AllowedPattern: '^([0-9A-Za-z._-]+/)*$',
    ConstraintDescription: 'must be empty, or folders that each end in a slash, such as podtime/0.1.0/',
  },
};

/** Of osls' own, in every template that it packages. */
const DEPLOYMENT_BUCKET = 'ServerlessDeploymentBucket';

/** A template that whoever has CloudFormation can deploy, and the archives that it names. */
export interface StandaloneTemplate {
  template: Template;
  /** File names, in the order of the functions; a name that two functions have stands once. */
  archives: string[];
}

/**
 * The packaged template without osls: its deployment bucket is gone, and so are the exports that carry its name; a function's code
 * lies at `CodePrefix` of `CodeBucket`, under the name of its archive, which changes with its bytes. Throws where something still
 * names the deployment bucket. Decision 0132.
 */
export function standaloneTemplate(packaged: Template): StandaloneTemplate {
  const archives = new Set<string>();
  const entries = Object.entries(packaged.Resources)
    .filter(([id]) => !id.startsWith(DEPLOYMENT_BUCKET))
    .map(([id, resource]): [string, Resource] => [id, withCode(resource, archives)]);
  const outputs = Object.entries((packaged.Outputs ?? {}) as Record<string, Record<string, unknown>>)
    .filter(([id]) => !id.startsWith(DEPLOYMENT_BUCKET))
    .map(([id, { Export: _, ...output }]) => [id, output]);
  const template = {
    ...packaged,
    Description: 'podtime: the serverless control plane for NTP inside AWS pods',
    Parameters: PARAMETERS,
    Resources: Object.fromEntries(entries),
    Outputs: Object.fromEntries(outputs),
  };
  const left = entries.filter(([, resource]) => JSON.stringify(resource).includes(DEPLOYMENT_BUCKET));
  if (left.length > 0) {
    throw new Error(`${left.map(([id]) => id).join(', ')} of the template still names ${DEPLOYMENT_BUCKET}`);
  }
  return { template, archives: [...archives] };
}

function withCode(resource: Resource, archives: Set<string>): Resource {
  if (resource.Type !== 'AWS::Lambda::Function') return resource;
  const name = basename((resource.Properties.Code as { S3Key: string }).S3Key);
  archives.add(name);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
  const S3Key = { 'Fn::Sub': '${CodePrefix}'.concat(name) };
  return { ...resource, Properties: { ...resource.Properties, Code: { S3Bucket: { Ref: 'CodeBucket' }, S3Key } } };
}
